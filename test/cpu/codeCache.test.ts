import { expect, test } from "vitest";
import { assemble } from "../../src/isa/index.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";

const base = 0x8000_0000;

/** A machine with a program at the start of its RAM. */
function machineWith(lines: readonly string[]): Machine {
  const machine = createMachine({ ramBytes: 1 << 16 });
  let at = base;
  for (const line of lines) {
    const { bits, length } = assemble(line);
    machine.memory.write(at, new Uint8Array([bits, bits >>> 8, bits >>> 16, bits >>> 24]).subarray(0, length));
    at += length;
  }
  return machine;
}

function runFrom(machine: Machine, pc: number, instructions: number): void {
  machine.harts[0].state.pc = BigInt(pc);
  machine.step(instructions);
}

test("overwriting an instruction leaves those before it whole, also when they share a handler", () => {
  // addi/4 addi/4 is a pair, so that each of these is fused with the next.
  const machine = machineWith([
    "addi a0, zero, 1",
    "addi a1, zero, 2",
    "addi a2, zero, 3",
    "addi a3, zero, 4",
    "addi a4, zero, 5",
  ]);
  const x = (n: number) => machine.harts[0].state.x(n);
  machine.harts[0].state.setX(1, 77n);
  runFrom(machine, base, 5);
  for (const overwritten of [16, 12, 8, 4]) {
    for (let n = 10; n < 15; n++) machine.harts[0].state.setX(n, 0n);
    machine.memory.store(base + overwritten, 4, BigInt(assemble("addi t0, t0, 1").bits));
    runFrom(machine, base, 5);
    expect(x(1), `ra after overwriting +${overwritten}`).toBe(77n);
    for (let n = 0; 4 * n < overwritten; n++) expect(x(10 + n), `a${n}`).toBe(BigInt(n + 1));
  }
});

test("overwriting half an instruction of a fused pair makes it the new instruction", () => {
  const lines = ["slli a0, a1, 3", "c.add a0, a2", "slli a0, a0, 4", "c.add a0, a2", "addi a3, a0, 0"];
  const machine = machineWith(lines);
  const { state } = machine.harts[0];
  for (const [register, value] of [
    [11, 5n],
    [12, 7n],
  ] as const) {
    state.setX(register, value);
  }
  runFrom(machine, base, 5);
  expect(state.x(13)).toBe((5n * 8n + 7n) * 16n + 7n);
  machine.memory.store(base + 8, 2, BigInt(assemble("slli a0, a0, 6").bits >>> 16));
  runFrom(machine, base, 5);
  expect(state.x(13)).toBe((5n * 8n + 7n) * 64n + 7n);
});

test("fence.i is counted and drops nothing: what is overwritten goes when it is overwritten", () => {
  const machine = machineWith(["addi a0, a0, 1", "fence.i", "addi a0, a0, 2", "fence.i", "addi a0, a0, 3"]);
  const [hart] = machine.harts;
  runFrom(machine, base, 5);
  expect(hart.codeFences).toBe(2);
  expect(machine.codeCounters).toEqual({ pages: 1, drops: 0, overwrites: 0 });
  machine.memory.store(base + 8, 4, BigInt(assemble("addi a0, a0, 20").bits));
  runFrom(machine, base, 5);
  expect(hart.state.x(10)).toBe(30n);
  expect(hart.codeFences).toBe(4);
  expect(machine.codeCounters).toEqual({ pages: 1, drops: 0, overwrites: 1 });
});
