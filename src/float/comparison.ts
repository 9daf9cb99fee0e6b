import { isNegative, isSignalling, magnitudeOf, type Shape } from "./format.ts";
import { raiseSignalling } from "./nan.ts";
import { type Environment, flag } from "./rounding.ts";

/** An integer that is ordered as the numbers are, with -0 just below +0. */
function rank(shape: Shape, bits: bigint): bigint {
  const magnitude = magnitudeOf(shape, bits);
  return isNegative(shape, bits) ? -1n - magnitude : magnitude;
}

/** The value in units of the smallest subnormal's order: as {@link rank}, but both zeros are 0. */
function level(shape: Shape, bits: bigint): bigint {
  const magnitude = magnitudeOf(shape, bits);
  return isNegative(shape, bits) ? -magnitude : magnitude;
}

function isNan(shape: Shape, bits: bigint): boolean {
  return magnitudeOf(shape, bits) > shape.infinity;
}

/** Whether a and b are ordered; if not, NV is raised, when `quiet` only for signalling NaNs. */
function areOrdered(e: Environment, a: bigint, b: bigint, quiet: boolean): boolean {
  const { shape } = e;
  if (!isNan(shape, a) && !isNan(shape, b)) return true;
  if (quiet) raiseSignalling(e, magnitudeOf(shape, a), magnitudeOf(shape, b));
  else e.flags |= flag.nv;
  return false;
}

/** a = b: 1 or 0, quiet. */
export function eq(e: Environment, a: bigint, b: bigint): bigint {
  return areOrdered(e, a, b, true) && level(e.shape, a) === level(e.shape, b) ? 1n : 0n;
}

/** a < b: 1 or 0, signalling. */
export function lt(e: Environment, a: bigint, b: bigint): bigint {
  return areOrdered(e, a, b, false) && level(e.shape, a) < level(e.shape, b) ? 1n : 0n;
}

/** a ≤ b: 1 or 0, signalling. */
export function le(e: Environment, a: bigint, b: bigint): bigint {
  return areOrdered(e, a, b, false) && level(e.shape, a) <= level(e.shape, b) ? 1n : 0n;
}

/** a < b: 1 or 0, quiet. */
export function ltq(e: Environment, a: bigint, b: bigint): bigint {
  return areOrdered(e, a, b, true) && level(e.shape, a) < level(e.shape, b) ? 1n : 0n;
}

/** a ≤ b: 1 or 0, quiet. */
export function leq(e: Environment, a: bigint, b: bigint): bigint {
  return areOrdered(e, a, b, true) && level(e.shape, a) <= level(e.shape, b) ? 1n : 0n;
}

function lesser(shape: Shape, a: bigint, b: bigint): bigint {
  return rank(shape, a) <= rank(shape, b) ? a : b;
}

function greater(shape: Shape, a: bigint, b: bigint): bigint {
  return rank(shape, a) >= rank(shape, b) ? a : b;
}

/** What minimumNumber and maximumNumber answer when an operand is NaN: the other one, unless that is NaN too. */
function numberOf(e: Environment, a: bigint, b: bigint): bigint {
  const { shape } = e;
  raiseSignalling(e, magnitudeOf(shape, a), magnitudeOf(shape, b));
  if (!isNan(shape, a)) return a;
  return isNan(shape, b) ? shape.nan : b;
}

/** minimumNumber (IEEE 754-2019, 9.6). */
export function min(e: Environment, a: bigint, b: bigint): bigint {
  return isNan(e.shape, a) || isNan(e.shape, b) ? numberOf(e, a, b) : lesser(e.shape, a, b);
}

/** maximumNumber. */
export function max(e: Environment, a: bigint, b: bigint): bigint {
  return isNan(e.shape, a) || isNan(e.shape, b) ? numberOf(e, a, b) : greater(e.shape, a, b);
}

/** minimum (Zfa): NaN if an operand is. */
export function minm(e: Environment, a: bigint, b: bigint): bigint {
  return areOrdered(e, a, b, true) ? lesser(e.shape, a, b) : e.shape.nan;
}

/** maximum (Zfa): NaN if an operand is. */
export function maxm(e: Environment, a: bigint, b: bigint): bigint {
  return areOrdered(e, a, b, true) ? greater(e.shape, a, b) : e.shape.nan;
}

/** The mask of fclass, in which one bit is set. */
export function classify(e: Environment, a: bigint): bigint {
  const { shape } = e;
  const magnitude = magnitudeOf(shape, a);
  if (magnitude > shape.infinity) return isSignalling(shape, magnitude) ? 1n << 8n : 1n << 9n;
  // Bits 4 to 7: +0, subnormal, normal, +∞; mirrored in bits 3 to 0.
  const order = magnitude === 0n ? 0 : magnitude < shape.leastNormal ? 1 : magnitude < shape.infinity ? 2 : 3;
  return 1n << BigInt(isNegative(shape, a) ? 3 - order : 4 + order);
}
