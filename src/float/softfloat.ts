import { add, div, fma, mul, sqrt, sub } from "./arithmetic.ts";
import { classify, eq, le, leq, lt, ltq, max, maxm, min, minm } from "./comparison.ts";
import {
  fromFloat,
  fromInteger,
  roundToIntegral,
  roundToIntegralExact,
  toInteger,
  toIntegerModular,
} from "./conversion.ts";
import { type Shape, shapes } from "./format.ts";
import type { FloatFormat, FloatOp } from "./operation.ts";
import type { Environment } from "./rounding.ts";

type Operation = (e: Environment, a: bigint, b: bigint, c: bigint) => bigint;

const operations: Readonly<Record<FloatOp, Operation>> = {
  add,
  sub,
  mul,
  div,
  sqrt,
  fma,
  min,
  max,
  minm,
  maxm,
  eq,
  lt,
  le,
  ltq,
  leq,
  class: classify,
  round: roundToIntegral,
  roundnx: roundToIntegralExact,
  cvtmod: toIntegerModular,
  "to.w": toInteger("w"),
  "to.wu": toInteger("wu"),
  "to.l": toInteger("l"),
  "to.lu": toInteger("lu"),
  "from.w": fromInteger("w"),
  "from.wu": fromInteger("wu"),
  "from.l": fromInteger("l"),
  "from.lu": fromInteger("lu"),
  "from.h": fromFloat("h"),
  "from.s": fromFloat("s"),
  "from.d": fromFloat("d"),
};

/**
 * IEEE 754 arithmetic as RISC-V defines it ("F" and "Zfa" chapters): exact in every bit and flag, canonical NaNs,
 * tininess detected after rounding. One object serves any number of operations.
 */
export class SoftFloat implements Environment {
  /** The exceptions that the last operation raised: NV 16, DZ 8, OF 4, UF 2, NX 1. */
  flags = 0;
  /** Format and rounding mode of the last operation. */
  shape: Shape = shapes.d;
  rm = 0;

  /**
   * Carries out one operation and leaves its exceptions in {@link flags}.
   * @param format the format that the operation's name leaves open: `to.w` converts from it, `from.w` into it
   * @param rm rounding mode: 0 RNE, 1 RTZ, 2 RDN, 3 RUP, 4 RMM; ignored by operations that do not round
   * @param a raw bits, unsigned and no wider than the format; for `from.w` … the whole 64-bit register, unsigned
   * @returns raw bits; for integer results the whole 64-bit register, unsigned
   * @throws RangeError if a result depends on a reserved rounding mode
   */
  operate(op: FloatOp, format: FloatFormat, rm: number, a: bigint, b: bigint, c: bigint): bigint {
    this.flags = 0;
    this.shape = shapes[format];
    this.rm = rm;
    return operations[op](this, a, b, c);
  }
}
