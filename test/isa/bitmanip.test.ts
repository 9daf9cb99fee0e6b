import { expect, test } from "vitest";
import { randomDoublewords } from "./random.ts";
import { result } from "./toyHart.ts";

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const s64 = (value: bigint): bigint => BigInt.asIntN(64, value);
const s32 = (value: bigint): bigint => u64(BigInt.asIntN(32, value));
const u32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const bit = (value: bigint, index: number | bigint): bigint => (value >> BigInt(index)) & 1n;
const byte = (value: bigint, index: number): bigint => (value >> BigInt(8 * index)) & 255n;

const first = (holds: boolean, a: bigint, b: bigint): bigint => (holds ? a : b);

/** A value made bit by bit. */
const fromBits = (width: number, of: (index: number) => bigint): bigint => {
  let value = 0n;
  for (let k = 0; k < width; k++) value |= of(k) << BigInt(k);
  return value;
};
/** A value made byte by byte. */
const fromBytes = (of: (index: number) => bigint): bigint => {
  let value = 0n;
  for (let k = 0; k < 8; k++) value |= of(k) << BigInt(8 * k);
  return value;
};
const rotatedLeft = (value: bigint, by: bigint, width: number): bigint =>
  fromBits(width, (k) => bit(value, (BigInt(k) + BigInt(width) - (by % BigInt(width))) % BigInt(width)));
const leadingZeros = (value: bigint, width: number): bigint => {
  let count = 0;
  while (count < width && bit(value, width - 1 - count) === 0n) count++;
  return BigInt(count);
};
const trailingZeros = (value: bigint, width: number): bigint => {
  let count = 0;
  while (count < width && bit(value, count) === 0n) count++;
  return BigInt(count);
};
const ones = (value: bigint, width: number): bigint => {
  let count = 0n;
  for (let k = 0; k < width; k++) count += bit(value, k);
  return count;
};
const carryless = (a: bigint, b: bigint): bigint => {
  let product = 0n;
  for (let k = 0n; k < 64n; k++) if (bit(b, k)) product ^= a << k;
  return product;
};

/** What each instruction computes from rs1 and rs2 (or a shift amount), bit by bit. */
const computed: Record<string, (a: bigint, b: bigint) => bigint> = {
  "add.uw": (a, b) => u32(a) + b,
  sh1add: (a, b) => 2n * a + b,
  sh2add: (a, b) => 4n * a + b,
  sh3add: (a, b) => 8n * a + b,
  "sh1add.uw": (a, b) => 2n * u32(a) + b,
  "sh2add.uw": (a, b) => 4n * u32(a) + b,
  "sh3add.uw": (a, b) => 8n * u32(a) + b,
  andn: (a, b) => a & ~b,
  orn: (a, b) => a | ~b,
  xnor: (a, b) => ~(a ^ b),
  min: (a, b) => first(s64(a) < s64(b), a, b),
  minu: (a, b) => first(a < b, a, b),
  max: (a, b) => first(s64(a) > s64(b), a, b),
  maxu: (a, b) => first(a > b, a, b),
  rol: (a, b) => rotatedLeft(a, b % 64n, 64),
  ror: (a, b) => rotatedLeft(a, 64n - (b % 64n), 64),
  rolw: (a, b) => s32(rotatedLeft(a, b % 32n, 32)),
  rorw: (a, b) => s32(rotatedLeft(a, 32n - (b % 32n), 32)),
  bclr: (a, b) => fromBits(64, (k) => (BigInt(k) === b % 64n ? 0n : bit(a, k))),
  bset: (a, b) => fromBits(64, (k) => (BigInt(k) === b % 64n ? 1n : bit(a, k))),
  binv: (a, b) => fromBits(64, (k) => (BigInt(k) === b % 64n ? 1n - bit(a, k) : bit(a, k))),
  bext: (a, b) => bit(a, b % 64n),
  clmul: (a, b) => carryless(a, b),
  clmulh: (a, b) => carryless(a, b) >> 64n,
  clmulr: (a, b) => carryless(a, b) >> 63n,
  pack: (a, b) => u32(a) | (u32(b) << 32n),
  packh: (a, b) => byte(a, 0) | (byte(b, 0) << 8n),
  packw: (a, b) => s32((a & 0xffffn) | ((b & 0xffffn) << 16n)),
  xperm4: (a, b) => {
    let value = 0n;
    for (let k = 0n; k < 64n; k += 4n) value |= ((a >> (4n * ((b >> k) & 15n))) & 15n) << k;
    return value;
  },
  xperm8: (a, b) => fromBytes((k) => (byte(b, k) < 8n ? byte(a, Number(byte(b, k))) : 0n)),
  "czero.eqz": (a, b) => (b === 0n ? 0n : a),
  "czero.nez": (a, b) => (b === 0n ? a : 0n),
};

test.each(Object.keys(computed))("%s computes what the specification says", (name) => {
  const random = randomDoublewords(11);
  for (let round = 0; round < 40; round++) {
    const [a, b] = [random(), random()];
    expect(result(`${name} a0, a1, a2`, a, b), `${a}, ${b}`).toBe(u64(computed[name]!(a, b)));
    expect(result(`${name} a0, a1, a1`, a), `${a}, itself`).toBe(u64(computed[name]!(a, a)));
  }
});

const unary: Record<string, (a: bigint) => bigint> = {
  clz: (a) => leadingZeros(a, 64),
  ctz: (a) => trailingZeros(a, 64),
  cpop: (a) => ones(a, 64),
  clzw: (a) => leadingZeros(a, 32),
  ctzw: (a) => trailingZeros(a, 32),
  cpopw: (a) => ones(a, 32),
  "sext.b": (a) => BigInt.asIntN(8, a),
  "sext.h": (a) => BigInt.asIntN(16, a),
  "zext.h": (a) => a & 0xffffn,
  "orc.b": (a) => fromBytes((k) => (byte(a, k) === 0n ? 0n : 255n)),
  rev8: (a) => fromBytes((k) => byte(a, 7 - k)),
  brev8: (a) => fromBits(64, (k) => bit(a, (k & ~7) + 7 - (k & 7))),
};

test.each(Object.keys(unary))("%s computes what the specification says", (name) => {
  const random = randomDoublewords(13);
  const values = [0n, 1n, u64(-1n), 1n << 31n, 1n << 32n, 1n << 63n, 0x0100_8000_0000_8001n];
  while (values.length < 40) values.push(random());
  for (const a of values) expect(result(`${name} a0, a1`, a), `${a}`).toBe(u64(unary[name]!(a)));
});

test("shift-amount forms do what register forms do", () => {
  const random = randomDoublewords(17);
  for (const [name, of] of [
    ["rori", "ror"],
    ["bclri", "bclr"],
    ["bseti", "bset"],
    ["binvi", "binv"],
    ["bexti", "bext"],
    ["roriw", "rorw"],
  ] as const) {
    for (const shamt of name === "roriw" ? [0n, 1n, 31n] : [0n, 1n, 31n, 32n, 63n]) {
      const a = random();
      expect(result(`${name} a0, a1, ${shamt}`, a), `${name} ${a}, ${shamt}`).toBe(u64(computed[of]!(a, shamt)));
    }
  }
  expect(result("slli.uw a0, a1, 63", 0xffff_ffff_ffff_ffffn)).toBe(1n << 63n);
  expect(result("slli.uw a0, a1, 4", 0xffff_ffff_8000_0001n)).toBe(0x8_0000_0010n);
});
