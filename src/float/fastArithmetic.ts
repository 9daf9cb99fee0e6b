import { type Expression, f32, f64, i32, i64, select } from "../wasm/index.ts";
import type { FastFunction } from "./fastFunction.ts";
import { shapes } from "./format.ts";

/** Writes the fast path of an operation; falls or branches to the slow path where it does not return. */
export type FastPath = (f: FastFunction) => void;

/** Operations that round are fast in round-to-nearest only: WebAssembly has no other mode. */
function onlyToNearest(f: FastFunction): void {
  f.slowIf(f.rm);
}

/** Knuth's TwoSum: the rounded sum and, exactly, what rounding took from it. Overflow makes the error NaN. */
function twoSum(f: FastFunction, ops: typeof f32 | typeof f64, x: Expression, y: Expression) {
  const sum = f.let(ops.add(x, y));
  return { sum, error: () => sumError(f, ops, x, y, sum) };
}

function sumError(f: FastFunction, ops: typeof f32 | typeof f64, x: Expression, y: Expression, sum: Expression) {
  const part = f.let(ops.sub(sum, x));
  return f.let(ops.add(ops.sub(x, ops.sub(sum, part)), ops.sub(y, part)));
}

/** a + b or a - b. Sums that are subnormal are exact, so that only overflow matters. */
function sum(operator: "add" | "sub"): FastPath {
  return (f) => {
    const { ops, toBits, const: constant } = f.format;
    onlyToNearest(f);
    const x = f.value(f.a);
    const y = operator === "add" ? f.value(f.b) : f.let(ops.neg(f.format.fromBits(f.b)));
    const { sum, error } = twoSum(f, ops, x, y);
    f.slowUnless(f.isFinite(sum));
    f.returnRounded(toBits(sum), () => {
      const rest = error();
      // A step of TwoSum may overflow where the sum does not, if an operand is the largest number.
      f.slowIf(ops.ne(rest, rest));
      return ops.ne(rest, constant(0));
    });
  };
}

/** The significand of a normal double, with its leading bit. */
function significand(bits: Expression): Expression {
  const { leastNormal } = shapes.d;
  return i64.or(i64.and(bits, i64.const(leastNormal - 1n)), i64.const(leastNormal));
}

/** The exponent field of a positive double, or of any but for the sign above it. */
function exponentField(f: FastFunction, bits: Expression): Expression {
  return i64.shrU(f.magnitude(bits), i64.const(52));
}

function slowIfSubnormal(f: FastFunction, bits: Expression): void {
  f.slowIf(i64.ltU(f.magnitude(bits), i64.const(f.format.shape.leastNormal)));
}

/** Returns a zero when it is exact, else takes the slow path. */
function returnExactZero(f: FastFunction, value: Expression, isExact: Expression): void {
  f.slowUnless(i32.and(f.isZero(value), isExact));
  f.return(f.format.toBits(value));
}

/** a × b. */
function mul(f: FastFunction): void {
  const { ops, toBits, widen } = f.format;
  onlyToNearest(f);
  const x = f.value(f.a);
  const y = f.value(f.b);
  const product = f.let(ops.mul(x, y));
  const bits = f.let(toBits(product));
  f.body.if(i32.eqz(f.isOrdinary(bits)), () => returnExactZero(f, product, i32.or(f.isZero(x), f.isZero(y))));
  f.returnRounded(bits, () => {
    if (f.format.shape !== shapes.d) return f64.ne(f64.mul(widen(x), widen(y)), widen(product));
    // The product of the significands has 105 or 106 bits; rounding took the low 52 or 53, which an i64 still holds.
    // Where it carried into the next binade it was inexact, and that is seen in 53 bits as well as in 52.
    slowIfSubnormal(f, f.a);
    slowIfSubnormal(f, f.b);
    const full = i64.mul(significand(f.a), significand(f.b));
    const exponents = i64.sub(exponentField(f, bits), i64.add(exponentField(f, f.a), exponentField(f, f.b)));
    // exponents + 1023 is 0 or 1: shift out all but the low 52 or 53 bits.
    const kept = i64.sub(i64.const(12 - 1023), exponents);
    return i32.eqz(i64.eqz(i64.shl(full, kept)));
  });
}

/** a / b. */
function div(f: FastFunction): void {
  const { ops, toBits, widen } = f.format;
  onlyToNearest(f);
  const x = f.value(f.a);
  const y = f.value(f.b);
  const quotient = f.let(ops.div(x, y));
  const bits = f.let(toBits(quotient));
  f.body.if(i32.eqz(f.isOrdinary(bits)), () => returnExactZero(f, quotient, f.isZero(x)));
  f.returnRounded(bits, () => {
    if (f.format.shape !== shapes.d) return f64.ne(f64.mul(widen(quotient), widen(y)), widen(x));
    // quotient × b differs from a by less than 2^52 in units of the product's last place: 64 bits tell if it does.
    slowIfSubnormal(f, f.a);
    slowIfSubnormal(f, f.b);
    const fields = i64.sub(exponentField(f, f.a), i64.add(exponentField(f, bits), exponentField(f, f.b)));
    const shift = i64.add(fields, i64.const(52 + 1023));
    return i64.ne(i64.mul(significand(bits), significand(f.b)), i64.shl(significand(f.a), shift));
  });
}

/** The square root of a. */
function sqrt(f: FastFunction): void {
  const { ops, toBits, widen } = f.format;
  onlyToNearest(f);
  const x = f.value(f.a);
  const root = f.let(ops.sqrt(x));
  const bits = f.let(toBits(root));
  f.body.if(i32.eqz(f.isOrdinary(bits)), () => returnExactZero(f, root, i32.const(1)));
  f.returnRounded(bits, () => {
    if (f.format.shape !== shapes.d) return f64.ne(f64.mul(widen(root), widen(root)), widen(x));
    // As for division: root² differs from a by less than 2^53 units.
    slowIfSubnormal(f, f.a);
    const fields = i64.sub(exponentField(f, f.a), i64.shl(exponentField(f, bits), i64.const(1)));
    const shift = i64.add(fields, i64.const(52 + 1023));
    return i64.ne(i64.mul(significand(bits), significand(bits)), i64.shl(significand(f.a), shift));
  });
}

/** The sum of two doubles rounded to odd: where it is inexact, the neighbour of the exact sum whose last bit is 1. */
function roundedToOdd(f: FastFunction, sum: Expression, error: Expression): Expression {
  const bits = f.let(i64.reinterpret(sum));
  const isEven = i64.eqz(i64.and(bits, i64.const(1)));
  // One step away from zero if sum and error have the same sign, else towards it.
  const step = i64.or(i64.shrS(i64.xor(bits, i64.reinterpret(error)), i64.const(63)), i64.const(1));
  const isRounded = f64.ne(error, f64.const(0));
  return f.let(f64.reinterpret(select(i32.and(isEven, isRounded), i64.add(bits, step), bits)));
}

/** a × b + c in single precision: the product is exact as a double, their sum rounded to odd loses nothing. */
function fmaSingle(f: FastFunction): void {
  const { toBits, widen, fromBits } = f.format;
  onlyToNearest(f);
  const product = f.let(f64.mul(widen(fromBits(f.a)), widen(fromBits(f.b))));
  const { sum, error } = twoSum(f, f64, product, f.let(widen(fromBits(f.c))));
  const odd = roundedToOdd(f, sum, error());
  const result = f.let(f32.demote(odd));
  const bits = f.let(toBits(result));
  f.body.if(i32.eqz(f.isOrdinary(bits)), () => returnExactZero(f, result, f64.eq(sum, f64.const(0))));
  f.returnRounded(bits, () => f64.ne(widen(result), odd));
}

/** Veltkamp's split into 26 bits each: the product of any two halves is exact. NaN above 2^996. */
function split(f: FastFunction, x: Expression) {
  const scaled = f.let(f64.mul(x, f64.const(2 ** 27 + 1)));
  const high = f.let(f64.sub(scaled, f64.sub(scaled, x)));
  return { high, low: f.let(f64.sub(x, high)) };
}

/** Dekker: what rounding took from the product of two doubles. */
function productError(f: FastFunction, x: Expression, y: Expression, product: Expression): Expression {
  const p = split(f, x);
  const q = split(f, y);
  const highs = f64.sub(product, f64.mul(p.high, q.high));
  const rest = f64.sub(f64.sub(highs, f64.mul(p.low, q.high)), f64.mul(p.high, q.low));
  return f.let(f64.sub(f64.mul(p.low, q.low), rest));
}

/** Magnitudes between which an fma of doubles neither overflows nor has parts below the smallest number. */
const least = BigInt(1023 - 900) << 52n;
const bound = BigInt(1023 + 1000) << 52n;

/**
 * When NX is raised already, only the result is wanted. It is what the sum of the two greatest parts becomes with the
 * rest added, in one rounding, if it makes no difference to add a little less or a little more than that rest, which
 * is itself rounded.
 */
function returnIfUndoubted(f: FastFunction, product: Expression, productRest: Expression, z: Expression): void {
  const { body } = f;
  body.if(f.isInexactRaised(), () => {
    const main = twoSum(f, f64, product, z);
    const rest = f.let(f64.add(main.error(), productRest));
    const result = f.let(f64.add(main.sum, f64.mul(rest, f64.const(1 - 2 ** -52))));
    const other = f64.add(main.sum, f64.mul(rest, f64.const(1 + 2 ** -52)));
    body.if(f64.eq(result, other), () => f.return(i64.reinterpret(result)));
  });
}

/** By the host's own instruction: when NX is raised already, and the result says that nothing else can have been. */
function returnFused(f: FastFunction, x: Expression, y: Expression, z: Expression): void {
  f.slowUnless(f.isInexactRaised());
  const bits = f.let(i64.reinterpret(f64.relaxedMadd(x, y, z)));
  f.slowUnless(f.isOrdinary(bits));
  f.return(bits);
}

/**
 * a × b + c in double precision: Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved
 * algorithms using rounding to odd" (2008).
 */
function fmaDouble(f: FastFunction): void {
  onlyToNearest(f);
  const x = f.value(f.a);
  const y = f.value(f.b);
  const z = f.value(f.c);
  if (f.hasFusedMadd) {
    returnFused(f, x, y, z);
    return;
  }
  const product = f.let(f64.mul(x, y));
  const productBits = f.let(i64.reinterpret(product));
  f.body.if(i32.eqz(f.isWithin(productBits, least, bound)), () => {
    // Zero times something is exact, and so is its sum with c.
    f.slowUnless(i32.and(f.isZero(product), i32.or(f.isZero(x), f.isZero(y))));
    const exact = f.let(f64.add(product, z));
    f.slowUnless(f.isFinite(exact));
    f.return(i64.reinterpret(exact));
  });
  f.slowUnless(i32.or(f.isWithin(f.c, least, bound), f.isZero(z)));
  const productRest = productError(f, x, y, product);
  returnIfUndoubted(f, product, productRest, z);
  if (f.isShort) {
    f.slow();
    return;
  }
  const low = twoSum(f, f64, z, productRest);
  const lowError = low.error();
  const high = twoSum(f, f64, product, low.sum);
  const tail = twoSum(f, f64, lowError, high.error());
  const result = twoSum(f, f64, high.sum, roundedToOdd(f, tail.sum, tail.error()));
  f.slowIf(f64.ne(result.sum, result.sum));
  // Where the tail was rounded, its last bit is too far from the high part for the sum to be exact.
  f.returnRounded(i64.reinterpret(result.sum), () => f64.ne(result.error(), f64.const(0)));
}

/** Comparisons, minimum and maximum of numbers: exact in every rounding mode. */
function ofNumbers(result: (f: FastFunction, x: Expression, y: Expression) => Expression): FastPath {
  return (f) => {
    const { ops } = f.format;
    const x = f.value(f.a);
    const y = f.value(f.b);
    f.slowIf(i32.or(ops.ne(x, x), ops.ne(y, y)));
    f.return(result(f, x, y));
  };
}

/** The fast paths of arithmetic and comparison. */
export const fastArithmetic = {
  add: sum("add"),
  sub: sum("sub"),
  mul,
  div,
  sqrt,
  fma: (f: FastFunction) => (f.format.shape === shapes.d ? fmaDouble(f) : fmaSingle(f)),
  eq: ofNumbers((f, x, y) => i64.extendU(f.format.ops.eq(x, y))),
  lt: ofNumbers((f, x, y) => i64.extendU(f.format.ops.lt(x, y))),
  le: ofNumbers((f, x, y) => i64.extendU(f.format.ops.le(x, y))),
  min: ofNumbers((f, x, y) => f.format.toBits(f.format.ops.min(x, y))),
  max: ofNumbers((f, x, y) => f.format.toBits(f.format.ops.max(x, y))),
} as const satisfies Record<string, FastPath>;
