import type { FloatFormat } from "./operation.ts";

/**
 * The numbers that make up an interchange format (IEEE 754-2019, 3.4). "Magnitude" means the bits without the sign:
 * magnitudes of finite numbers are ordered as the numbers are, and the next one up is one more.
 */
export interface Shape {
  /** p: bits of the significand, with the one that normal numbers leave out. */
  readonly precision: number;
  /** The exponent of the last place of subnormal numbers: the smallest positive number is 2 to this power. */
  readonly leastExponent: number;
  /** The sign bit. */
  readonly sign: bigint;
  /** The magnitude of infinity; anything greater is a NaN, the one before it the largest finite number. */
  readonly infinity: bigint;
  /** The magnitude of the smallest normal number, and at once the bit that normal significands leave out. */
  readonly leastNormal: bigint;
  /** The bit that tells quiet NaNs from signalling ones. */
  readonly quiet: bigint;
  /** The canonical NaN: positive, quiet, no payload ("NaN Generation and Propagation"). */
  readonly nan: bigint;
}

function shapeOf(width: number, precision: number): Shape {
  const exponentBits = width - precision;
  const leastNormal = 1n << BigInt(precision - 1);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) * leastNormal;
  const quiet = leastNormal >> 1n;
  return {
    precision,
    leastExponent: 3 - 2 ** (exponentBits - 1) - precision,
    sign: 1n << BigInt(width - 1),
    infinity,
    leastNormal,
    quiet,
    nan: infinity | quiet,
  };
}

/** The three formats of this machine. */
export const shapes: Readonly<Record<FloatFormat, Shape>> = {
  h: shapeOf(16, 11),
  s: shapeOf(32, 24),
  d: shapeOf(64, 53),
};

/** The magnitude of raw bits: the bits without the sign. */
export function magnitudeOf(shape: Shape, bits: bigint): bigint {
  return bits & (shape.sign - 1n);
}

/** Whether the sign bit is set. */
export function isNegative(shape: Shape, bits: bigint): boolean {
  return (bits & shape.sign) !== 0n;
}

/** Whether a magnitude is that of a signalling NaN. */
export function isSignalling(shape: Shape, magnitude: bigint): boolean {
  return magnitude > shape.infinity && (magnitude & shape.quiet) === 0n;
}

/** The integer s of a finite magnitude s × 2^e, e being {@link exponentOf} it. */
export function significandOf(shape: Shape, magnitude: bigint): bigint {
  return magnitude < shape.leastNormal ? magnitude : (magnitude & (shape.leastNormal - 1n)) | shape.leastNormal;
}

/** The exponent e of a finite magnitude s × 2^e, s being {@link significandOf} it. */
export function exponentOf(shape: Shape, magnitude: bigint): number {
  if (magnitude < shape.leastNormal) return shape.leastExponent;
  return shape.leastExponent - 1 + Number(magnitude >> BigInt(shape.precision - 1));
}
