import { describe, expect, test, vi } from "vitest";
import { createMachine } from "../../src/machine/machine.ts";
import { finish, place, programBase } from "./assembled.ts";

const small = { ramBytes: 1 << 20 };

describe("a run", () => {
  test("ends at any instruction, exactly, also inside a pair that shares a dispatch", () => {
    const machine = createMachine(small);
    place(machine, ["loop:", "c.add a0, a1", "c.add a0, a1", "c.addi a2, 1", "jal zero, loop"]);
    for (let n = 1; n <= 40; n++) {
      expect(machine.step(1)).toEqual({ reason: "instructions" });
      expect(machine.instructions).toBe(n);
      expect(machine.harts[0].state.x(12)).toBe(BigInt(Math.floor((n + 1) / 4)));
    }
  });

  test("ends with the finisher's code right after the store", () => {
    const machine = createMachine(small);
    place(machine, [...finish, "addi a0, a0, 1"]);
    expect(machine.run()).toEqual({ reason: "exit", code: 0 });
    expect(machine.retired).toBe(4);
    expect(machine.harts[0].state.pc).toBe(BigInt(programBase + 16));
  });

  test("says that a hart is stuck when its trap handler only traps", () => {
    const machine = createMachine(small);
    place(machine, ["csrrw zero, mtvec, zero", "ecall"]);
    expect(machine.run()).toEqual({ reason: "stuck", hart: 0 });
  });

  test("says that all harts are asleep when nothing can wake them", () => {
    const machine = createMachine({ ...small, harts: 2 });
    place(machine, ["csrrw zero, mie, zero", "wfi"]);
    expect(machine.run()).toEqual({ reason: "asleep" });
  });

  test("goes on where a limit stopped it", () => {
    const machine = createMachine(small);
    place(machine, ["addi a0, a0, 1", "addi a0, a0, 1", ...finish]);
    expect(machine.run({ maxInstructions: 1 })).toEqual({ reason: "instructions" });
    expect(machine.run()).toEqual({ reason: "exit", code: 0 });
    expect(machine.harts[0].state.x(10)).toBe(2n);
  });
});

describe("time", () => {
  /** Sets mtimecmp to 5 ticks and waits in wfi, or in a loop. */
  const waitForTimer = (wait: readonly string[]) => [
    "lui t0, 0x2004",
    "addi t1, zero, 5",
    "sd t1, 0(t0)",
    "auipc t0, 0",
    "addi t0, t0, 32",
    "csrrw zero, mtvec, t0",
    "addi t0, zero, 0x80",
    "csrrw zero, mie, t0",
    "csrrsi zero, mstatus, 8",

    ...wait,
    "addi zero, zero, 0",
    "csrrs a0, mcycle, zero",
    "csrrs a1, time, zero",
    ...finish,
  ];

  test("the timer interrupts at the first instruction at which its time has come", () => {
    const machine = createMachine(small);
    place(machine, waitForTimer(["loop:", "jal zero, loop"]));
    // the handler, 32 bytes behind the auipc, reads mcycle first
    machine.run({ maxInstructions: 2000 });
    const { state } = machine.harts[0];
    expect(state.x(11)).toBe(5n);
    expect(state.x(10)).toBe(500n);
  });

  test("wfi goes to the timer at once, and the cycles that it slept are counted", () => {
    const machine = createMachine(small);
    place(machine, waitForTimer(["wfi"]));
    expect(machine.run()).toEqual({ reason: "exit", code: 0 });
    expect(machine.harts[0].state.x(11)).toBe(5n);
    expect(machine.harts[0].idleCycles).toBeGreaterThan(480);
    expect(machine.retired).toBeLessThan(30);
  });

  test("on the host's clock a timer that comes due while it is looked at is still waited for", () => {
    const clock = vi.spyOn(performance, "now");
    for (let look = 1; look <= 40; look++) {
      clock.mockReturnValue(0);
      const machine = createMachine({ ...small, clock: "host" });
      place(machine, ["lui t1, 0x2004", "lui t2, 0x1000", "sd t2, 0(t1)", ...waitForTimer(["wfi"]).slice(3)]);
      let looks = 0;
      clock.mockImplementation(() => (++looks < look ? 0 : 10_000));
      let end = machine.run();
      for (let again = 0; end.reason === "idle" && again < 40; again++) end = machine.run();
      expect(end).toEqual({ reason: "exit", code: 0 });
    }
    clock.mockRestore();
  });
});

describe("several harts", () => {
  /** Both harts add 1 to a counter in memory, 1000 times, with lr and sc; hart 0 waits for the sum. */
  const contend = [
    "auipc s0, 2",
    "addi s1, zero, 1000",
    "again:",
    "lr.d t0, (s0)",
    "addi t0, t0, 1",
    "sc.d t1, t0, (s0)",
    "bne t1, zero, again",
    "addi s1, s1, -1",
    "bne s1, zero, again",
    "csrrs t0, mhartid, zero",
    "hang:",
    "bne t0, zero, hang",
    "li32 t2, 2000",
    "wait:",
    "ld t1, 0(s0)",
    "bne t1, t2, wait",
    ...finish,
  ];

  test("count together with lr and sc, losing nothing", () => {
    const machine = createMachine({ ...small, harts: 2 });
    place(machine, contend);
    expect(machine.run({ maxInstructions: 1_000_000 })).toEqual({ reason: "exit", code: 0 });
  });

  test("take the same turns every time", () => {
    const runs = [1, 2].map(() => {
      const machine = createMachine({ ...small, harts: 3 });
      place(machine, contend);
      machine.run({ maxInstructions: 50_000 });
      return machine.harts.map(({ state, cycles }) => [state.pc, cycles, ...[8, 9, 5, 6].map((n) => state.x(n))]);
    });
    expect(runs[0]).toEqual(runs[1]);
  });

  test("a software interrupt wakes the other hart", () => {
    const machine = createMachine({ ...small, harts: 2 });
    place(machine, [
      "csrrs t0, mhartid, zero",
      "addi t1, zero, 8",
      "csrrw zero, mie, t1",
      "bne t0, zero, other",
      "lui t2, 0x2000",
      "addi t3, zero, 1",
      "sw t3, 4(t2)",
      "loop:",
      "jal zero, loop",
      "other:",
      "wfi",
      ...finish,
    ]);
    expect(machine.run({ maxInstructions: 100_000 })).toEqual({ reason: "exit", code: 0 });
    expect(machine.harts[1].state.pending & 8).toBe(8);
  });
});

describe("what a machine is made of", () => {
  test.each([
    [{ ramBytes: 100 }, "RAM must be a multiple of 4 KiB"],
    [{ ramBytes: 4 * 2 ** 30 }, "RAM must be a multiple of 4 KiB from 4 KiB to 3 GiB"],
    [{ harts: 0 }, "harts must be 1 to 64"],
    [{ isa: "rv64q" }, '"q"'],
  ])("%o is refused in words", (options, message) => {
    expect(() => createMachine(options)).toThrow(message);
  });

  test("3 GiB of RAM can be used to its last byte", () => {
    const machine = createMachine({ ramBytes: 3 * 2 ** 30 });
    const last = 0x8000_0000 + 3 * 2 ** 30 - 8;
    place(machine, ["sd a1, 0(a0)", "ld a2, 0(a0)"], last - 72);
    const { state } = machine.harts[0];
    state.setX(10, BigInt(last));
    state.setX(11, 0x0123_4567_89ab_cdefn);
    machine.step(2);
    expect(state.x(12)).toBe(0x0123_4567_89ab_cdefn);
  });
});
