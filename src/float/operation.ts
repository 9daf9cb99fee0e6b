/** Formats of IEEE 754 values: half, single, double. */
export type FloatFormat = "h" | "s" | "d";
/** Integer formats of conversions: signed and unsigned, 32 and 64 bits. */
export type IntFormat = "w" | "wu" | "l" | "lu";

/** The formats in the order of the instructions' `fmt` field: the index is the format's number for the engine. */
export const floatFormats: readonly FloatFormat[] = ["s", "d", "h"];

/**
 * The floating-point operations, by the name of the operation without its format; the index is the operation's
 * number for the engine. Operands and results are raw bits in the low end of a 64-bit value, *not* NaN-boxed (the
 * meaning boxes and unboxes). Exceptions accrue in fflags.
 *
 * - `add sub mul div sqrt fma`: rounded by rm; `fma(a, b, c)` is a*b+c, signs already applied by the meaning.
 * - `min max` IEEE 754-2019 minimumNumber / maximumNumber; `minm maxm` minimum / maximum (Zfa).
 * - `eq lt le` (quiet eq, signalling lt, le); `ltq leq` quiet (Zfa). `class` the 10-bit fclass mask.
 * - `round` fround (no NX), `roundnx` froundnx. `cvtmod` fcvtmod.w.d.
 * - `to.w to.wu to.l to.lu` to integer (32-bit results sign-extended); `from.w …` from integer;
 * - `from.h from.s from.d` from another float format into this one.
 */
export const floatOps = [
  "add",
  "sub",
  "mul",
  "div",
  "sqrt",
  "fma",
  "min",
  "max",
  "minm",
  "maxm",
  "eq",
  "lt",
  "le",
  "ltq",
  "leq",
  "class",
  "round",
  "roundnx",
  "cvtmod",
  "to.w",
  "to.wu",
  "to.l",
  "to.lu",
  "from.w",
  "from.wu",
  "from.l",
  "from.lu",
  "from.h",
  "from.s",
  "from.d",
] as const;

/** The name of a floating-point operation: see {@link floatOps}. */
export type FloatOp = (typeof floatOps)[number];
