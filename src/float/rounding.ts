import type { Shape } from "./format.ts";

/** The exception flags, in the bits of fflags. */
export const flag = { nv: 16, dz: 8, of: 4, uf: 2, nx: 1 } as const;

/** The rounding modes, in the encoding of the rm field. */
export const roundingMode = { rne: 0, rtz: 1, rdn: 2, rup: 3, rmm: 4 } as const;

/** What an operation works in: the format of its result (or operands), the rounding mode, and where it raises flags. */
export interface Environment {
  readonly shape: Shape;
  readonly rm: number;
  flags: number;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The number of bits of a positive integer below 2^1023. */
export function bitLength(value: bigint): number {
  scratch.setFloat64(0, Number(value));
  const high = scratch.getUint32(0);
  const length = (high >>> 20) - 1022;
  // The conversion rounds, at most up to a power of two: only there can the length be one too many.
  const isPower = (high & 0xfffff) === 0 && scratch.getUint32(4) === 0;
  return isPower && value >> BigInt(length - 1) === 0n ? length - 1 : length;
}

/**
 * The integer nearest to significand / 2^shift in the sense of the rounding mode.
 * @param significand not negative; `negative` is the sign of the number that it belongs to
 * @param shift at least 1
 * @throws RangeError for a reserved rounding mode
 */
export function roundOff(rm: number, negative: boolean, significand: bigint, shift: number): bigint {
  const kept = significand >> BigInt(shift);
  const rest = BigInt.asUintN(shift, significand);
  return rest !== 0n && roundsUp(rm, negative, kept, rest, shift) ? kept + 1n : kept;
}

/** Whether `kept` becomes one more when `rest`, `shift` bits that are not all zero, is cut off. */
function roundsUp(rm: number, negative: boolean, kept: bigint, rest: bigint, shift: number): boolean {
  switch (rm) {
    case roundingMode.rne: {
      const half = 1n << BigInt(shift - 1);
      return rest > half || (rest === half && (kept & 1n) !== 0n);
    }
    case roundingMode.rtz:
      return false;
    case roundingMode.rdn:
      return negative;
    case roundingMode.rup:
      return !negative;
    case roundingMode.rmm:
      return rest >= 1n << BigInt(shift - 1);
    default:
      throw new RangeError(`rounding mode ${rm} is reserved: 0 to 4 are defined`);
  }
}

/**
 * The number significand × 2^exponent rounded to the format, as raw bits, raising OF, UF and NX.
 * @param significand positive, below 2^1023; where it stands for a number between two integers it is an odd integer
 *   of at least precision + 3 bits
 */
export function round(e: Environment, negative: boolean, significand: bigint, exponent: number): bigint {
  const { precision, leastExponent, leastNormal, infinity } = e.shape;
  const excess = bitLength(significand) - precision;
  const isBelowNormal = exponent + excess < leastExponent;
  const shift = isBelowNormal ? leastExponent - exponent : excess;
  const rounded = shift <= 0 ? significand << BigInt(-shift) : roundOff(e.rm, negative, significand, shift);
  // The significand's leading bit, where there is one, adds 1 to the exponent field, and so does a carry.
  const magnitude = rounded + BigInt(exponent + shift - leastExponent) * leastNormal;
  if (magnitude >= infinity) return overflow(e, negative);
  if (shift > 0 && rounded << BigInt(shift) !== significand) {
    e.flags |= flag.nx;
    // Tininess is detected after rounding to the precision as if the exponent had no lower bound (7.5 a).
    const isTiny = isBelowNormal && (magnitude < leastNormal || !carries(e, negative, significand, excess));
    if (isTiny) e.flags |= flag.uf;
  }
  return negative ? e.shape.sign | magnitude : magnitude;
}

/** Whether rounding off `excess` bits, which leaves `precision` bits, carries into one more. */
function carries(e: Environment, negative: boolean, significand: bigint, excess: number): boolean {
  return excess > 0 && roundOff(e.rm, negative, significand, excess) >> BigInt(e.shape.precision) !== 0n;
}

/** What stands for a finite number that is too large (7.4). */
function overflow(e: Environment, negative: boolean): bigint {
  e.flags |= flag.of | flag.nx;
  const { rtz, rdn, rup } = roundingMode;
  const towardsZero = e.rm === rtz || e.rm === (negative ? rup : rdn);
  const magnitude = towardsZero ? e.shape.infinity - 1n : e.shape.infinity;
  return negative ? e.shape.sign | magnitude : magnitude;
}
