import { describe, expect, test } from "vitest";
import { createMachine, type MachineOptions } from "../../src/machine/machine.ts";
import { finish, place } from "../machine/assembled.ts";

const engines: Record<string, MachineOptions> = {
  "the interpreter": { engine: "interpreter" },
  "the translator": { engine: "translator", hotAfter: 1 },
};
const ramBase = 0x8000_0000;
const data = ramBase + 0x8_0000;
const mtime = 0x200_bff8;

describe.each(Object.entries(engines))("the time CSR, by %s", (_, engine) => {
  function run(lines: readonly string[], registers: Record<number, bigint> = {}, options: MachineOptions = {}) {
    const machine = createMachine({ ramBytes: 1 << 20, ...engine, ...options });
    place(machine, [...lines, ...finish]);
    for (const [register, value] of Object.entries(registers)) machine.harts[0].state.setX(Number(register), value);
    expect(machine.run()).toEqual({ reason: "exit", code: 0 });
    return machine;
  }
  const reading = ["loop:", "csrrs a0, time, zero", "sd a0, 0(s0)", "addi s0, s0, 8", "bltu s0, s1, loop"];

  const again = reading.map((line) => line.replace("loop", "again"));

  test("is a hundredth of the instructions before it", () => {
    const { memory } = run(reading, { 8: BigInt(data), 9: BigInt(data + 8 * 2000) });
    for (let n = 0; n < 2000; n++) {
      expect(memory.load(data + 8 * n, 8)).toBe(BigInt(Math.floor((4 * n) / 100)));
    }
  });

  test("goes on from what is written to mtime", () => {
    const { memory } = run([...reading, "sd s2, 0(s3)", "add s0, s1, zero", "addi s1, s1, 800", ...again], {
      8: BigInt(data),
      9: BigInt(data + 800),
      18: 5_000_000_000n,
      19: BigInt(mtime),
    });
    const before = 4 * 100;
    const ticks = Math.floor(before / 100);
    for (let n = 0; n < 100; n++) {
      const cycles = before + 3 + 4 * n;
      const expected = 5_000_000_000n + BigInt(Math.floor(cycles / 100) - ticks);
      expect(memory.load(data + 800 + 8 * n, 8)).toBe(expected);
    }
  });

  test.each([
    // privilege (as MPP), mcounteren, scounteren, whether it may be read
    [1n, 2n, 0n, true],
    [1n, 0n, 2n, false],
    [0n, 2n, 2n, true],
    [0n, 2n, 0n, false],
    [0n, 0n, 2n, false],
    [3n, 0n, 0n, true],
  ])("privilege %i with mcounteren %i and scounteren %i: %s", (privilege, mcounteren, scounteren, isReadable) => {
    // all of memory for all; ten reads, then a trap with cause 2, or the ecall behind them
    const lines = [
      "csrrw zero, pmpaddr0, s2",
      "csrrwi zero, pmpcfg0, 31",
      "csrrw zero, mcounteren, s3",
      "csrrw zero, scounteren, s4",
      "csrrs zero, mstatus, s5",
      "auipc t0, 0",
      "addi t1, t0, 56",
      "csrrw zero, mtvec, t1",
      "addi t1, t0, 28",
      "csrrw zero, mepc, t1",
      "addi s6, zero, 10",
      "mret",
      "reads:",
      "csrrs a0, time, zero",
      "addi s6, s6, -1",
      "bne s6, zero, reads",
      "ecall",
      "addi zero, zero, 0",
      "addi zero, zero, 0",
      "addi zero, zero, 0",
      "csrrs s7, mcause, zero",
    ];
    const machine = run(lines, { 18: (1n << 54n) - 1n, 19: mcounteren, 20: scounteren, 21: privilege << 11n });
    const { state } = machine.harts[0];
    expect(state.x(23)).toBe(isReadable ? 8n + privilege : 2n);
    expect(state.x(22)).toBe(isReadable ? 0n : 10n);
  });

  test("is the host's where the clock is", () => {
    const { memory } = run(reading, { 8: BigInt(data), 9: BigInt(data + 8 * 500) }, { clock: "host" });
    const times = Array.from({ length: 500 }, (_, n) => memory.load(data + 8 * n, 8)!);
    expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
    expect(times[0]).toBeGreaterThan(0n);
  });
});
