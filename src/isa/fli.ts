/**
 * The 32 constants of Zfa's `fli`, by index. Index 1, the smallest positive normal number, differs from format to
 * format (here: double); half precision cannot hold 2^16, which it replaces by infinity.
 */
export const fliConstants: readonly number[] = [
  -1,
  2 ** -1022,
  2 ** -16,
  2 ** -15,
  2 ** -8,
  2 ** -7,
  0.0625,
  0.125,
  0.25,
  0.3125,
  0.375,
  0.4375,
  0.5,
  0.625,
  0.75,
  0.875,
  1,
  1.25,
  1.5,
  1.75,
  2,
  2.5,
  3,
  4,
  8,
  16,
  128,
  256,
  2 ** 15,
  2 ** 16,
  Number.POSITIVE_INFINITY,
  Number.NaN,
];

/** The highest 16 bits of the smallest positive normal number. */
const smallestNormal = { h: 0x0400, s: 0x0080, d: 0x0010 } as const;

/**
 * The highest 16 bits of the constant of an index, sign-extended. A single or double has only zeros below them.
 */
export function fliImmediate(format: "h" | "s" | "d", index: number): number {
  if (index === 1) return smallestNormal[format];
  const view = new DataView(new ArrayBuffer(8));
  const value = fliConstants[index]!;
  if (format === "d") {
    view.setFloat64(0, value);
    return view.getInt16(0);
  }
  view.setFloat32(0, value);
  return format === "s" ? view.getInt16(0) : halfBits(view.getInt32(0));
}

/** The half-precision bits of a single-precision constant that half precision can hold, or its infinity. */
function halfBits(single: number): number {
  const sign = single < 0 ? -0x8000 : 0;
  const exponent = ((single >>> 23) & 0xff) - 127;
  const fraction = (single & 0x7f_ffff) >>> 13;
  if (exponent === 128) return sign | 0x7c00 | fraction;
  if (exponent > 15) return sign | 0x7c00;
  if (exponent < -14) return sign | ((0x400 | fraction) >>> (-14 - exponent));
  return sign | ((exponent + 15) << 10) | fraction;
}
