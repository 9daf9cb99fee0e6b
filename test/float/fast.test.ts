import { describe, expect, test } from "vitest";
import { floatNumber, floatOps, SoftFloat } from "../../src/float/index.ts";
import { createFastModule, splitKey } from "./fastModule.ts";
import { edges, OperandSource } from "./operands.ts";

/** Operations in all that the random tests compare. */
const budget = Number(process.env.FLOAT_OPERATIONS ?? 100_000);
const seed = Number(process.env.FLOAT_SEED ?? 20_240_229);
const fast = createFastModule();
const float = new SoftFloat();

function check(key: string, rm: number, fflags: number, operands: readonly bigint[]): void {
  const { op, format } = splitKey(key);
  const bits = float.operate(op, format, rm, operands[0], operands[1], operands[2]);
  const flags = float.flags | fflags;
  const got = fast.run(key, rm, fflags, operands);
  if (got.bits === bits && got.flags === flags) return;
  const hex = (n: bigint) => `0x${n.toString(16)}`;
  const call = `${key} rm ${rm} fflags ${fflags} of ${operands.map(hex).join(" ")}`;
  expect.fail(`${call}: ${hex(got.bits)} flags ${got.flags}, should be ${hex(bits)} flags ${flags}`);
}

describe("agrees with the exact arithmetic, in bits and flags", () => {
  test.each(fast.keys)("%s", (key) => {
    const { op, format } = splitKey(key);
    const source = new OperandSource(seed + fast.keys.indexOf(key));
    for (let n = Math.ceil(budget / fast.keys.length / 4); n > 0; n--) {
      const operands = source.operands(op, format);
      check(key, 0, 0, operands);
      check(key, 0, 1, operands);
      check(key, source.below(5), source.below(32), operands);
      check(key, 1, 0x10, operands);
    }
  });

  test("on pairs of edge values", () => {
    for (const format of ["s", "d"] as const) {
      const values = edges(format);
      for (const op of ["add", "sub", "mul", "div", "min", "max", "eq", "lt", "le"]) {
        for (const a of values) for (const b of values) check(`${op}.${format}`, 0, 0, [a, b, 0n]);
      }
    }
  });

  test("on triples of edge values for fma", () => {
    for (const format of ["s", "d"] as const) {
      const values = edges(format).filter((_, n) => n % 5 === 0);
      for (const a of values) for (const b of values) for (const c of values) check(`fma.${format}`, 0, 0, [a, b, c]);
    }
  });
});

describe("results that are exact by a hair", () => {
  const bits = (value: number): bigint => new BigUint64Array(new Float64Array([value]).buffer)[0];

  test("products of integers of 52 to 54 bits are inexact only where a bit is lost", () => {
    const source = new OperandSource(seed);
    for (let n = 0; n < 3000; n++) {
      const length = 1 + source.below(52);
      const a = Math.floor(2 ** length + (source.below(2 ** 32) / 2 ** 32) * 2 ** length);
      const b = Math.floor(2 ** (53 - length) * (0.5 + source.below(1000) / 1000));
      const product = bits(a * b);
      check("mul.d", 0, 0, [bits(a), bits(b), 0n]);
      check("div.d", 0, 0, [product, bits(b), 0n]);
      check("div.d", 0, 0, [product ^ 1n, bits(b), 0n]);
      check("fma.d", 0, 0, [bits(a), bits(b), product ^ (1n << 63n)]);
      check("fma.d", 0, 0, [bits(a), bits(b + 1), product ^ (1n << 63n)]);
    }
  });

  test("sums of fma that miss a tie by less than an addend's last bit are rounded to the right side", () => {
    const source = new OperandSource(seed);
    for (let n = 0; n < 3000; n++) {
      // (1 + d)(1 - d) = 1 - d²: half a unit in the last place of c, and a little less; negated, a little more.
      const difference = (1 + source.below(8)) * 2 ** -(27 + source.below(24));
      const scale = 2 ** (source.below(200) - 100);
      const sign = source.below(2) === 0 ? 1 : -1;
      const a = bits(sign * (1 + difference) * scale);
      const b = bits(1 - difference);
      const c = bits((2 ** 53 + 2 * source.below(2 ** 32)) * scale * (source.below(2) === 0 ? 1 : -1));
      for (const fflags of [0, 1]) {
        check("fma.d", 0, fflags, [a, b, c]);
        check("fma.d", 0, fflags, [a, bits(1 + difference), c]);
      }
    }
  });

  test("roots of squares are exact, of their neighbours inexact", () => {
    const source = new OperandSource(seed);
    for (let n = 0; n < 3000; n++) {
      const root = source.below(2 ** 26) + 1;
      for (const near of [-1n, 0n, 1n]) {
        check("sqrt.d", 0, 0, [bits(root * root) + near, 0n, 0n]);
        check("sqrt.d", 0, 0, [bits(2 * root * root) + near, 0n, 0n]);
      }
    }
  });
});

test("ordinary numbers never take the slow path", () => {
  const source = new OperandSource(seed);
  const view = new DataView(new ArrayBuffer(8));
  const ordinary = (format: string): bigint => {
    const value = (1 + source.below(2 ** 32) / 2 ** 32) * 2 ** (source.below(40) - 20);
    if (format === "d") view.setFloat64(0, value);
    else view.setFloat32(4, value);
    return format === "d" ? view.getBigUint64(0) : BigInt(view.getUint32(4));
  };
  fast.slow = 0;
  for (const key of fast.keys) {
    const { op, format } = splitKey(key);
    const mode = op.startsWith("to.") ? 1 : 0;
    for (let n = 0; n < 500; n++) {
      const [kind, other] = op.split(".");
      const isFromInteger = kind === "from" && other.length <= 2 && other !== "s" && other !== "d";
      const operand = () => (isFromInteger ? source.integer() : ordinary(kind === "from" ? other : format));
      fast.run(key, mode, n & 1, [operand(), operand(), operand()]);
    }
  }
  expect(fast.slow).toBe(0);
});

test("the slow path is called with the operation's number and the rounding mode", () => {
  expect(floatNumber("add", "s")).toBe(0);
  expect(floatNumber("sub", "d")).toBe(5);
  expect(floatNumber("fma", "h")).toBe(floatOps.indexOf("fma") * 4 + 2);
  fast.slow = 0;
  const third = fast.run("div.d", 3, 0, [0x3ff0_0000_0000_0000n, 0x4008_0000_0000_0000n, 0n]);
  expect(third).toEqual({ bits: 0x3fd5_5555_5555_5556n, flags: 1 });
  expect(fast.slow).toBe(1);
});
