import { expect, test } from "vitest";
import { clmul, clmulh, clmulr } from "../../src/bits/carryless.ts";
import { xperm4, xperm8 } from "../../src/bits/permute.ts";

const ones = (1n << 64n) - 1n;

test("a carry-less product adds without carries", () => {
  expect(clmul(3n, 3n)).toBe(5n);
  expect(clmul(ones, 3n)).toBe(1n);
  expect(clmulh(ones, 3n)).toBe(1n);
  expect(clmulr(1n << 63n, 1n << 63n)).toBe(1n << 63n);
  expect(clmulh(1n << 63n, 2n)).toBe(1n);
  expect(clmulr(ones, ones)).toBe((clmul(ones, ones) >> 63n) | (clmulh(ones, ones) << 1n));
});

test("a permutation looks its elements up; what is out of range is 0", () => {
  expect(xperm8(0x8877_6655_4433_2211n, 0x0001_0203_0405_0607n)).toBe(0x1122_3344_5566_7788n);
  expect(xperm8(ones, 0x08ff_0000_8007_0010n)).toBe(0x0000_ffff_00ff_ff00n);
  expect(xperm4(0xfedc_ba98_7654_3210n, 0x0123_4567_89ab_cdefn)).toBe(0x0123_4567_89ab_cdefn);
  expect(xperm4(0x0123_4567_89ab_cdefn, 0x0123_4567_89ab_cdefn)).toBe(0xfedc_ba98_7654_3210n);
});
