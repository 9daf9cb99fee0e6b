import { expect, test } from "vitest";
import { hartWith } from "./toyHart.ts";

/** Runs an AMO on memory; returns what it leaves in memory and in rd. */
function amo(line: string, old: bigint, a2: bigint, a0 = 0n): { memory: bigint; rd: bigint } {
  const hart = hartWith({ a0, a1: 64n, a2 });
  hart.memory.setBigUint64(64, old, true);
  hart.run(line);
  return { memory: hart.memory.getBigUint64(64, true), rd: hart.xs[10]! };
}

const [high, low] = [0x1111_1111_8000_0000n, 0x2222_2222_0000_0001n];
const sameHigh = (word: bigint): bigint => 0x1111_1111_0000_0000n | word;

test.each([
  ["amoswap", sameHigh(1n)],
  ["amoadd", sameHigh(0x8000_0001n)],
  ["amoxor", sameHigh(0x8000_0001n)],
  ["amoand", sameHigh(0n)],
  ["amoor", sameHigh(0x8000_0001n)],
  ["amomin", sameHigh(0x8000_0000n)],
  ["amomax", sameHigh(1n)],
  ["amominu", sameHigh(1n)],
  ["amomaxu", sameHigh(0x8000_0000n)],
])("%s.w works on 32 bits of memory and returns the old ones, sign-extended", (name, memory) => {
  expect(amo(`${name}.w a0, a2, (a1)`, high, low)).toEqual({ memory, rd: 0xffff_ffff_8000_0000n });
});

const [least, one] = [1n << 63n, 1n];
test.each([
  ["amoswap", one],
  ["amoadd", least + 1n],
  ["amoxor", least + 1n],
  ["amoand", 0n],
  ["amoor", least + 1n],
  ["amomin", least],
  ["amomax", one],
  ["amominu", one],
  ["amomaxu", least],
])("%s.d works on 64 bits", (name, memory) => {
  expect(amo(`${name}.d.aqrl a0, a2, (a1)`, least, one)).toEqual({ memory, rd: least });
});

test("amominu.w and amomaxu.w compare the low words, whatever is above them in rs2", () => {
  expect(amo("amominu.w a0, a2, (a1)", 5n, 0xffff_ffff_0000_0003n).memory).toBe(3n);
  expect(amo("amomaxu.w a0, a2, (a1)", 0xffff_fff0n, 0x0000_0001_ffff_fff1n).memory).toBe(0xffff_fff1n);
});

test("amocas.w compares the low word of rd with memory and swaps on equality", () => {
  const equal = amo("amocas.w a0, a2, (a1)", high, 7n, 0x9999_9999_8000_0000n);
  expect(equal).toEqual({ memory: sameHigh(7n), rd: 0xffff_ffff_8000_0000n });
  const different = amo("amocas.w a0, a2, (a1)", high, 7n, 0x8000_0001n);
  expect(different).toEqual({ memory: high, rd: 0xffff_ffff_8000_0000n });
});

test("amocas.d compares 64 bits", () => {
  expect(amo("amocas.d.rl a0, a2, (a1)", high, 7n, high)).toEqual({ memory: 7n, rd: high });
  expect(amo("amocas.d a0, a2, (a1)", high, 7n, low)).toEqual({ memory: high, rd: high });
});

test("an AMO whose rd is its operand or its address uses what was there before", () => {
  const hart = hartWith({ a0: 64n, a2: 5n });
  hart.memory.setBigUint64(64, 3n, true);
  hart.run("amoadd.d a0, a2, (a0)");
  hart.xs[12] = 64n;
  hart.run("amoadd.d a0, a0, (a2)");
  expect(hart.memory.getBigUint64(64, true)).toBe(8n + 3n);
});
