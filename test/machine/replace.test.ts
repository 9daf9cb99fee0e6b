import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createMachine, type Machine, type MachineOptions } from "../../src/machine/machine.ts";

const programs = ["mmu/leaves", "isa/a-lrsc", "isa/zicboz", "mmu/accessed_dirty_hardware", "isa/misaligned"].map(
  (name) => `firmware/tests/${name}.elf`,
);

function runOne(path: string, options: MachineOptions): Machine {
  const machine = createMachine({ ramBytes: 16 << 20, ...options });
  machine.loadElf(readFileSync(path), path);
  expect(machine.run({ maxInstructions: 50_000_000 })).toEqual({ reason: "exit", code: 0 });
  return machine;
}

const allZero = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).every((b) => b === 0);

test("a machine that replaces another takes over its memory and finds all of RAM zero", () => {
  let last: Machine | undefined;
  for (const path of programs) {
    const machine = runOne(path, { replaces: last });
    if (last !== undefined) expect(machine.memory.memory).toBe(last.memory.memory);
    last = machine;
  }
  const next = createMachine({ ramBytes: 16 << 20, replaces: last });
  const { memory } = next;
  expect(allZero(memory.bytes.subarray(memory.hostBase, memory.hostBase + memory.ramBytes))).toBe(true);
});

test("a program runs the same in a fresh machine and in one that replaces another", () => {
  let last: Machine | undefined;
  for (const path of programs) {
    const fresh = runOne(path, {});
    last = runOne(path, { replaces: last });
    const seen = ({ instructions, retired, harts: [hart] }: Machine) => ({
      instructions,
      retired,
      pc: hart.state.pc,
      x: Array.from({ length: 32 }, (_, n) => hart.state.x(n)),
      exceptions: hart.exceptions,
    });
    expect(seen(last)).toEqual(seen(fresh));
  }
});

test("a machine of another size does not take over the memory", () => {
  const old = createMachine({ ramBytes: 16 << 20 });
  expect(createMachine({ ramBytes: 32 << 20, replaces: old }).memory.memory).not.toBe(old.memory.memory);
});
