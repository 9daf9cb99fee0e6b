import { shapes } from "../../src/float/format.ts";
import type { FloatFormat } from "../../src/float/operation.ts";
import { SoftFloat } from "../../src/float/softfloat.ts";

/** The constants of fli ("Zfa", table of immediate values) but for entry 1, which depends on the format. */
const constants = [
  -1,
  undefined,
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
] as const;

/**
 * The 32 constants that fli loads, as raw bits of a format. Entry 1 is the smallest positive normal number; in half
 * precision entry 29 (2^16) is +∞.
 */
export function fliValues(format: FloatFormat): readonly bigint[] {
  const arithmetic = new SoftFloat();
  const view = new DataView(new ArrayBuffer(8));
  return constants.map((value) => {
    if (value === undefined) return shapes[format].leastNormal;
    view.setFloat64(0, value);
    return arithmetic.operate("from.d", format, 0, view.getBigUint64(0), 0n, 0n);
  });
}
