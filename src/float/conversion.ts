import { exponentOf, isNegative, isSignalling, magnitudeOf, type Shape, shapes, significandOf } from "./format.ts";
import { nanFrom } from "./nan.ts";
import type { FloatFormat, IntFormat } from "./operation.ts";
import { type Environment, flag, round, roundingMode, roundOff } from "./rounding.ts";

const integers: Readonly<Record<IntFormat, { bits: number; least: bigint; greatest: bigint }>> = {
  w: { bits: 32, least: -(2n ** 31n), greatest: 2n ** 31n - 1n },
  wu: { bits: 32, least: 0n, greatest: 2n ** 32n - 1n },
  l: { bits: 64, least: -(2n ** 63n), greatest: 2n ** 63n - 1n },
  lu: { bits: 64, least: 0n, greatest: 2n ** 64n - 1n },
};

/** The value of a finite number rounded to an integer, without its sign. */
function integral(shape: Shape, rm: number, bits: bigint): bigint {
  const magnitude = magnitudeOf(shape, bits);
  const significand = significandOf(shape, magnitude);
  const exponent = exponentOf(shape, magnitude);
  if (exponent >= 0) return significand << BigInt(exponent);
  return roundOff(rm, isNegative(shape, bits), significand, -exponent);
}

/** Whether a finite number's magnitude is the integer `value`. */
function equals(shape: Shape, bits: bigint, value: bigint): boolean {
  const magnitude = magnitudeOf(shape, bits);
  const exponent = exponentOf(shape, magnitude);
  return exponent >= 0 || value << BigInt(-exponent) === significandOf(shape, magnitude);
}

/** A register's 64 bits for an integer result: 32-bit ones are sign-extended, also unsigned ones. */
function register(bits: number, value: bigint): bigint {
  return BigInt.asUintN(64, BigInt.asIntN(bits, value));
}

/** The operation that converts to an integer format: out of range, the nearest end and NV; NaN as +∞. */
export function toInteger(format: IntFormat): (e: Environment, a: bigint) => bigint {
  const { bits, least, greatest } = integers[format];
  return (e, a) => {
    const { shape } = e;
    const negative = isNegative(shape, a);
    const magnitude = magnitudeOf(shape, a);
    if (magnitude < shape.infinity) {
      const value = negative ? -integral(shape, e.rm, a) : integral(shape, e.rm, a);
      if (value >= least && value <= greatest) {
        if (!equals(shape, a, negative ? -value : value)) e.flags |= flag.nx;
        return register(bits, value);
      }
    }
    e.flags |= flag.nv;
    return register(bits, negative && magnitude <= shape.infinity ? least : greatest);
  };
}

/** fcvtmod.w.d: the low 32 bits of the truncated value, sign-extended; flags as fcvt.w.d; 0 for ∞ and NaN. */
export function toIntegerModular(e: Environment, a: bigint): bigint {
  const { shape } = e;
  if (magnitudeOf(shape, a) >= shape.infinity) {
    e.flags |= flag.nv;
    return 0n;
  }
  const truncated = integral(shape, roundingMode.rtz, a);
  const value = isNegative(shape, a) ? -truncated : truncated;
  if (value < integers.w.least || value > integers.w.greatest) e.flags |= flag.nv;
  else if (!equals(shape, a, truncated)) e.flags |= flag.nx;
  return register(32, value);
}

/** The operation that converts from an integer format. */
export function fromInteger(format: IntFormat): (e: Environment, a: bigint) => bigint {
  const { bits, least } = integers[format];
  return (e, a) => {
    const value = least < 0n ? BigInt.asIntN(bits, a) : BigInt.asUintN(bits, a);
    if (value === 0n) return 0n;
    return value < 0n ? round(e, true, -value, 0) : round(e, false, value, 0);
  };
}

/** The operation that converts from another floating-point format. */
export function fromFloat(format: FloatFormat): (e: Environment, a: bigint) => bigint {
  const from = shapes[format];
  return (e, a) => {
    const magnitude = magnitudeOf(from, a);
    const negative = isNegative(from, a);
    if (magnitude > from.infinity) {
      if (isSignalling(from, magnitude)) e.flags |= flag.nv;
      return e.shape.nan;
    }
    if (magnitude === 0n || magnitude === from.infinity) {
      const same = magnitude === 0n ? 0n : e.shape.infinity;
      return negative ? e.shape.sign | same : same;
    }
    return round(e, negative, significandOf(from, magnitude), exponentOf(from, magnitude));
  };
}

/** Rounds to an integer of the same format (fround); zeros keep their sign, also those that it makes. */
export function roundToIntegral(e: Environment, a: bigint): bigint {
  const { shape } = e;
  const magnitude = magnitudeOf(shape, a);
  if (magnitude > shape.infinity) return nanFrom(e, magnitude);
  if (magnitude === shape.infinity || exponentOf(shape, magnitude) >= 0) return a;
  const value = integral(shape, e.rm, a);
  const negative = isNegative(shape, a);
  if (value === 0n) return negative ? shape.sign : 0n;
  return round(e, negative, value, 0);
}

/** Rounds to an integer of the same format, raising NX if that is not the number itself (froundnx). */
export function roundToIntegralExact(e: Environment, a: bigint): bigint {
  const result = roundToIntegral(e, a);
  // Only a canonical NaN differs from its operand without having been rounded.
  if (result !== a && result !== e.shape.nan) e.flags |= flag.nx;
  return result;
}
