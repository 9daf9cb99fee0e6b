import { describe, expect, test } from "vitest";
import { labelled, li, nr, sys, words } from "../assembly.ts";
import { dataAt, elfOf, runProgram } from "../userProgram.ts";

const read = 63;
const into = dataAt + 0x200;
const exitWithFirst = [...li("t0", into), "lwu a0, 0(t0)", ...sys(nr.exitGroup)];

function codeOf(lines: readonly string[], data: Uint8Array, seed = 0): number {
  const { end } = runProgram(elfOf(lines, data), { seed });
  if (end.reason !== "exit" || end.exit.kind !== "exited") throw new Error(JSON.stringify(end));
  return end.exit.code;
}

describe("a descriptor", () => {
  test("of a timer is read when it fires, and says how often it has", () => {
    const create = [...sys(85, 1, 0), "addi s0, a0, 0"];
    const arm = sys(86, "s0", 0, dataAt, 0);
    const lines = labelled(create, arm, sys(nr.nanosleep, dataAt + 32, 0), sys(read, "s0", into, 8), exitWithFirst);
    // every 10 ms from 10 ms on; after 35 ms
    const data = words(0, 10_000_000, 0, 10_000_000, 0, 35_000_000);
    expect(codeOf(lines, data)).toBe(3);
  });

  test("of signals takes one that is blocked", () => {
    const block = sys(nr.sigprocmask, 0, dataAt, 0, 8);
    const create = [...sys(74, -1, dataAt, 8, 0), "addi s0, a0, 0"];
    const raise = [...sys(nr.getpid), ...sys(nr.kill, undefined, 10)];
    expect(codeOf(labelled(block, create, raise, sys(read, "s0", into, 128), exitWithFirst), words(1 << 9))).toBe(10);
  });

  test("of a process is ready when that has ended, and can be waited for", () => {
    const fork = sys(nr.clone, 17, 0, 0, 0, 0);
    const poll = ["sw s1, 0(t0)", ...li("t1", 1), "sw t1, 4(t0)", ...sys(73, into, 1, 0, 0, 8)];
    const lines = labelled(
      [...fork, "beq a0, zero, @child", ...sys(nr.pidfdOpen, "a0", 0), "addi s1, a0, 0", ...li("t0", into), ...poll],
      [...sys(95, 3, "s1", into, 4, 0), ...li("t0", into), "lw a0, 24(t0)", ...sys(nr.exitGroup)],
      ["child:", ...sys(nr.nanosleep, dataAt, 0), ...sys(nr.exitGroup, 6)],
    );
    expect(codeOf(lines, words(0, 1000))).toBe(6);
  });
});

describe("random bytes", () => {
  test("are the same with the same seed, and others with another", () => {
    const lines = labelled(sys(nr.getrandom, into, 1, 0), exitWithFirst);
    const codes = [1, 1, 2, 3].map((seed) => codeOf(lines, words(0), seed));
    expect(codes[0]).toBe(codes[1]);
    expect(new Set(codes).size).toBeGreaterThan(1);
  });
});

describe("the date", () => {
  test("is the beginning of 2026, or what it is told to be, and goes on by the instructions", () => {
    const lines = labelled(
      sys(nr.clockGettime, 0, into),
      [...li("t0", into), "ld t1, 0(t0)"],
      [...li("t2", 1_767_225_600), "sub a0, t1, t2", ...sys(nr.exitGroup)],
    );
    const of = (options: { epoch?: number }) => runProgram(elfOf(lines), options).end;
    expect(of({})).toMatchObject({ exit: { code: 0 } });
    expect(of({ epoch: 1_767_225_642 })).toMatchObject({ exit: { code: 42 } });
  });
});
