import { describe, expect, test } from "vitest";
import { type FloatFormat, type FloatOp, floatFormats, floatOps, SoftFloat } from "../../src/float/index.ts";
import { judge } from "./judge.ts";
import { edges, OperandSource } from "./operands.ts";

/** Operations in all that the random tests judge; 10 million take some minutes. */
const budget = Number(process.env.FLOAT_OPERATIONS ?? 100_000);
const seed = Number(process.env.FLOAT_SEED ?? 20_240_229);
const roundingModes = [0, 1, 2, 3, 4];
const float = new SoftFloat();

function check(op: FloatOp, format: FloatFormat, rm: number, a: bigint, b: bigint, c: bigint): void {
  const bits = float.operate(op, format, rm, a, b, c);
  const verdict = judge(op, format, rm, a, b, c);
  if (bits === verdict.bits && float.flags === verdict.flags) return;
  const hex = (n: bigint) => `0x${n.toString(16)}`;
  const call = `${op}.${format} rm ${rm} of ${hex(a)} ${hex(b)} ${hex(c)}`;
  expect.fail(`${call}: ${hex(bits)} flags ${float.flags}, should be ${hex(verdict.bits)} flags ${verdict.flags}`);
}

const cases = floatOps.flatMap((op) => floatFormats.map((format) => ({ op, format })));

describe("agrees with exact rational arithmetic, in bits and flags", () => {
  test.each(cases)("$op, format $format", ({ op, format }) => {
    const source = new OperandSource(seed + cases.findIndex((c) => c.op === op && c.format === format));
    for (let n = Math.ceil(budget / cases.length / 5); n > 0; n--) {
      const [a, b, c] = source.operands(op, format);
      for (const rm of roundingMode(op)) check(op, format, rm, a, b, c);
    }
  });

  test("on all pairs of edge values in half precision", () => {
    const values = edges("h").filter((_, n) => n % 3 !== 2);
    for (const op of ["add", "mul", "div", "min", "maxm", "lt", "eq"] as const) {
      for (const a of values) for (const b of values) check(op, "h", (Number(a + b) >>> 0) % 5, a, b, 0n);
    }
  });

  test("on all half-precision numbers, for operations with one operand", () => {
    const step = budget >= 1_000_000 ? 1 : 7;
    for (const op of ["sqrt", "round", "to.w", "to.lu", "class"] as const) {
      for (let a = 0; a < 65_536; a += step) check(op, "h", a % 5, BigInt(a), 0n, 0n);
    }
    for (let a = 0; a < 65_536; a += step) {
      check("from.h", "s", 0, BigInt(a), 0n, 0n);
      check("from.h", "d", 0, BigInt(a), 0n, 0n);
    }
  });
});

/** All rounding modes, for operations that round; the first for the others. */
function roundingMode(op: FloatOp): readonly number[] {
  return /^(add|sub|mul|div|sqrt|fma|round|roundnx|to\..*|from\..*)$/.test(op) ? roundingModes : [0];
}

const d = (value: number): bigint => new BigUint64Array(new Float64Array([value]).buffer)[0];
const quiet = 0x7ff8_0000_0000_0000n;
const signalling = 0x7ff0_0000_0000_0001n;
const run = (op: FloatOp, format: FloatFormat, rm: number, ...operands: bigint[]) => {
  const bits = float.operate(op, format, rm, operands[0], operands[1] ?? 0n, operands[2] ?? 0n);
  return [bits, float.flags];
};

describe("RISC-V's choices where IEEE 754 leaves one", () => {
  test("every NaN result is the canonical NaN of its format", () => {
    expect(run("add", "h", 0, 0xfe01n, 0x3c00n)).toEqual([0x7e00n, 0]);
    expect(run("mul", "s", 0, 0xffc12345n, 0x3f800000n)).toEqual([0x7fc00000n, 0]);
    expect(run("sqrt", "d", 0, d(-1))).toEqual([quiet, 16]);
    expect(run("from.s", "d", 0, 0xffc12345n)).toEqual([quiet, 0]);
  });

  test("infinity times zero plus a quiet NaN is invalid", () => {
    expect(run("fma", "d", 0, d(Number.POSITIVE_INFINITY), d(0), quiet)).toEqual([quiet, 16]);
    expect(run("fma", "d", 0, d(1), d(0), quiet)).toEqual([quiet, 0]);
  });

  test("a number that rounds up to the smallest normal number is tiny only if it was so at full precision", () => {
    // 0x1.ffffffp-127 and 0x1.fffffffp-127 as doubles, to single: the second rounds to 2^-126 at 24 bits, too.
    expect(run("from.d", "s", 0, 0x380f_ffff_f000_0000n)).toEqual([0x0080_0000n, 1]);
    expect(run("from.d", "s", 0, 0x380f_ffff_e000_0000n)).toEqual([0x0080_0000n, 3]);
  });

  test("minimum of -0 and +0 is -0, and a NaN gives way to a number", () => {
    expect(run("min", "d", 0, d(0), d(-0))).toEqual([d(-0), 0]);
    expect(run("max", "d", 0, d(-0), d(0))).toEqual([d(0), 0]);
    expect(run("min", "d", 0, quiet, d(3))).toEqual([d(3), 0]);
    expect(run("max", "d", 0, d(3), signalling)).toEqual([d(3), 16]);
    expect(run("max", "d", 0, quiet | 1n, quiet | 2n)).toEqual([quiet, 0]);
    expect(run("minm", "d", 0, quiet | 1n, d(3))).toEqual([quiet, 0]);
  });

  test("conversions to integers stop at the ends of the range and raise only NV there", () => {
    const max = 0x7fff_ffffn;
    const min = 0xffff_ffff_8000_0000n;
    expect(run("to.w", "d", 0, quiet)).toEqual([max, 16]);
    expect(run("to.w", "d", 1, d(2 ** 31))).toEqual([max, 16]);
    expect(run("to.w", "d", 1, d(2 ** 31 - 0.5))).toEqual([max, 1]);
    expect(run("to.w", "d", 0, d(2 ** 31 - 0.5))).toEqual([max, 16]);
    expect(run("to.w", "d", 1, d(-(2 ** 31) - 0.5))).toEqual([min, 1]);
    expect(run("to.wu", "d", 1, d(-0.5))).toEqual([0n, 1]);
    expect(run("to.wu", "d", 2, d(-0.5))).toEqual([0n, 16]);
    expect(run("to.wu", "d", 0, d(2 ** 32 - 1))).toEqual([0xffff_ffff_ffff_ffffn, 0]);
    expect(run("to.lu", "d", 0, d(Number.NEGATIVE_INFINITY))).toEqual([0n, 16]);
  });

  test("fcvtmod.w.d wraps, and raises what fcvt.w.d does", () => {
    expect(run("cvtmod", "d", 1, d(2 ** 32 + 5))).toEqual([5n, 16]);
    expect(run("cvtmod", "d", 1, d(-1.5))).toEqual([0xffff_ffff_ffff_ffffn, 1]);
    expect(run("cvtmod", "d", 1, d(2 ** 31))).toEqual([0xffff_ffff_8000_0000n, 16]);
    expect(run("cvtmod", "d", 1, quiet)).toEqual([0n, 16]);
  });

  test("fround keeps the sign of zero and raises nothing, froundnx raises NX", () => {
    expect(run("round", "d", 0, d(-0.25))).toEqual([d(-0), 0]);
    expect(run("roundnx", "d", 0, d(-0.25))).toEqual([d(-0), 1]);
    expect(run("roundnx", "d", 0, signalling)).toEqual([quiet, 16]);
    expect(run("roundnx", "d", 4, d(2.5))).toEqual([d(3), 1]);
  });

  test("a reserved rounding mode is refused where a result would depend on it", () => {
    expect(() => run("add", "d", 5, d(1), d(2 ** -60))).toThrow("rounding mode 5 is reserved");
  });
});

test("operations are numbered by their place in the list", () => {
  expect(floatOps.indexOf("add")).toBe(0);
  expect(new Set(floatOps).size).toBe(floatOps.length);
  expect(floatFormats).toEqual(["s", "d", "h"]);
});
