import { describe, expect, test } from "vitest";
import { createMachine } from "../../src/machine/machine.ts";
import { place } from "../machine/assembled.ts";

const data = 0x8001_0000;

/** Runs lines on a machine of 1 MiB whose a0 is `address`; all of them, the first two times so that entries are there. */
function run(lines: readonly string[], address: number, value = 0n) {
  const machine = createMachine({ ramBytes: 1 << 20 });
  for (let n = 0; n < 0x3000; n += 8) machine.memory.store(data + n, 8, 0x0706_0504_0302_0100n + BigInt(n) * 0x1011n);
  const { state } = machine.harts[0];
  for (let times = 0; times < 3; times++) {
    place(machine, lines);
    state.setX(10, BigInt(address));
    state.setX(11, value);
    machine.step(lines.length);
  }
  return { machine, state };
}

/** Little-endian bytes of memory as a number of so many bits. */
function bytes(machine: ReturnType<typeof createMachine>, address: number, size: number): bigint {
  const all = machine.memory.read(address, size);
  return all.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

const loads = [
  ["lh", 2, true],
  ["lhu", 2, false],
  ["lw", 4, true],
  ["lwu", 4, false],
  ["ld", 8, true],
] as const;

describe("misaligned accesses", () => {
  test.each(loads)(
    "%s gives the bytes that are there, in the middle and at the ends of a page",
    (name, size, signed) => {
      for (const offset of [1, 3, 7, 0xff7, 0xff9, 0xffd, 0xfff, 0x1001]) {
        const { machine, state } = run([`ld t0, 0(a0)`, `${name} a2, 0(a0)`], data + offset);
        const expected = bytes(machine, data + offset, size);
        const extended = signed ? BigInt.asUintN(64, BigInt.asIntN(8 * size, expected)) : expected;
        expect(state.x(12), `offset ${offset}`).toBe(extended);
      }
    },
  );

  test.each([
    ["sh", 2],
    ["sw", 4],
    ["sd", 8],
  ] as const)("%s writes these bytes and no others, in the middle and at the ends of a page", (name, size) => {
    const value = 0xf1e2_d3c4_b5a6_9788n;
    for (const offset of [9, 0xff7, 0xff9, 0xffd, 0xfff, 0x1001]) {
      const before = run(["addi zero, zero, 0"], data + offset).machine.memory.read(data, 0x3000);
      const { machine } = run([`${name} a1, 0(a0)`], data + offset, value);
      expect(bytes(machine, data + offset, size), `offset ${offset}`).toBe(BigInt.asUintN(8 * size, value));
      const after = machine.memory.read(data, 0x3000);
      after.set(before.subarray(offset, offset + size), offset);
      expect(after).toEqual(before);
    }
  });

  test("a misaligned store over code that was executed is executed as it is now", () => {
    const machine = createMachine({ ramBytes: 1 << 20 });
    // 3 bytes into the first instruction, and the first byte of the second, which stays the same
    place(machine, ["here:", "addi a2, zero, 1", "sh a3, 3(a0)", "jal zero, here"]);
    const { state } = machine.harts[0];
    state.setX(10, 0x8000_0000n);
    state.setX(13, 0xa310n);
    machine.step(4);
    expect(state.x(12)).toBe(0x101n);
  });
});
