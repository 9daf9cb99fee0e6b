import { describe, expect, test } from "vitest";
import { labelled, li, nr, sys } from "../assembly.ts";
import { Caller } from "../files/caller.ts";
import { dataAt, elfOf, runProgram } from "../userProgram.ts";

const prctl = 167;
const PR = { SET_PDEATHSIG: 1, SET_CHILD_SUBREAPER: 36, GET_CHILD_SUBREAPER: 37 };

describe("a process whose parent ends", () => {
  /** A child that leaves a child of its own, which ends with 9; the first waits for all that it gets. */
  const program = (...before: readonly string[][]) =>
    labelled(
      ...before,
      sys(nr.clone, 17, 0, 0, 0, 0),
      "beq a0, zero, @child",
      "addi s0, zero, 0",
      "more:",
      sys(nr.wait4, -1, dataAt, 0, 0),
      "blt a0, zero, @end",
      [...li("t0", dataAt), "lwu t1, 0(t0)", "srli t1, t1, 8", "add s0, s0, t1", "beq zero, zero, @more"],
      ["end:", ...sys(nr.exitGroup, "s0")],
      ["child:", ...sys(nr.clone, 17, 0, 0, 0, 0), "bne a0, zero, @leave"],
      [...li("t0", dataAt + 64), "sd zero, 0(t0)", ...li("t1", 1_000_000), "sd t1, 8(t0)"],
      [...sys(nr.nanosleep, dataAt + 64, 0), ...sys(nr.exitGroup, 9)],
      ["leave:", ...sys(nr.exitGroup, 1)],
    );

  test("is nobody's child, and is not waited for", () => {
    expect(runProgram(elfOf(program())).end).toMatchObject({ exit: { kind: "exited", code: 1 } });
  });

  test("is the child of a grandparent that has asked for it, which waits for both", () => {
    const asks = sys(prctl, PR.SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    expect(runProgram(elfOf(program(asks))).end).toMatchObject({ exit: { kind: "exited", code: 10 } });
  });
});

describe("prctl", () => {
  test("tells what was asked of the children of children", () => {
    const c = new Caller();
    const asked = () => [c.call("prctl", PR.GET_CHILD_SUBREAPER, new Uint8Array(4)), c.task.memory.u32(c.memory())];
    expect(asked()).toEqual([0, 0]);
    expect(c.call("prctl", PR.SET_CHILD_SUBREAPER, 1)).toBe(0);
    expect(asked()).toEqual([0, 1]);
    expect(c.call("prctl", 9999)).toBe("EINVAL");
  });

  test("sends a child its signal when its parent ends", () => {
    // the child asks for SIGUSR1, tells that by a pipe, and sleeps; its parent ends, and it is killed: nothing is printed
    const lines = labelled(
      sys(prctl, PR.SET_CHILD_SUBREAPER, 1),
      sys(nr.clone, 17, 0, 0, 0, 0),
      "beq a0, zero, @middle",
      ["again:", ...sys(nr.wait4, -1, dataAt, 0, 0), ...sys(nr.wait4, -1, dataAt, 0, 0)],
      [...li("t0", dataAt), "lwu a0, 0(t0)", ...sys(nr.exitGroup)],
      ["middle:", ...sys(nr.clone, 17, 0, 0, 0, 0), "bne a0, zero, @leave"],
      [...sys(prctl, PR.SET_PDEATHSIG, 10), ...sys(nr.nanosleep, dataAt + 64, 0), ...sys(nr.exitGroup, 3)],
      ["leave:", ...sys(nr.nanosleep, dataAt + 80, 0), ...sys(nr.exitGroup, 0)],
    );
    const data = new Uint8Array(96);
    data[64] = 100;
    new DataView(data.buffer).setUint32(88, 1_000_000, true);
    expect(runProgram(elfOf(lines, data)).end).toMatchObject({ exit: { kind: "exited", code: 10 } });
  });
});
