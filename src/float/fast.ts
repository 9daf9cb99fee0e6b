import { i32, i64, type ModuleBuilder, ValueType } from "../wasm/index.ts";
import { type FastPath, fastArithmetic } from "./fastArithmetic.ts";
import { fastConversion, fastNarrowing, fastWidening } from "./fastConversion.ts";
import { FastFunction, native } from "./fastFunction.ts";
import { type FloatFormat, type FloatOp, floatFormats, floatOps } from "./operation.ts";

/** Where the fast functions find what they share with their host: addresses in the module's memory, and a function. */
export interface FastFloatPlaces {
  /** i32: the accrued exception flags; only NX is ever or-ed in here. */
  readonly fflags: number;
  /** i64 × 3: where operands are left for `floatSlow`. */
  readonly operands: number;
  /** i64: where `floatSlow` leaves its result. */
  readonly result: number;
  /**
   * The number of the function `(operation: i32, rm: i32) -> ()` that does what the fast paths cannot, flags included.
   * The operation is a {@link floatNumber}.
   */
  readonly floatSlow: number;
}

/** The number by which `floatSlow` knows an operation in a format. */
export function floatNumber(op: FloatOp, format: FloatFormat): number {
  return floatOps.indexOf(op) * 4 + floatFormats.indexOf(format);
}

/**
 * Adds a function `(a: i64, b: i64, c: i64, rm: i32) -> i64` for each operation that has a fast path: raw bits in and
 * out, bit-exact as SoftFloat. `rm` must be a valid rounding mode (0 to 4).
 * @returns the functions' numbers by operation and format: `add.d`, `to.w.s`, `from.s.d`
 */
export function addFastFloat(module: ModuleBuilder, places: FastFloatPlaces): Map<string, number> {
  const functions = new Map<string, number>();
  const add = (op: FloatOp, format: "s" | "d", path: FastPath) =>
    functions.set(`${op}.${format}`, addFunction(module, places, op, format, path));
  for (const format of ["s", "d"] as const) {
    const paths: Partial<Record<FloatOp, FastPath>> = { ...fastArithmetic, ...fastConversion };
    for (const op of floatOps) {
      const path = paths[op];
      if (path !== undefined) add(op, format, path);
    }
  }
  add("from.s", "d", fastWidening);
  add("from.d", "s", fastNarrowing);
  return functions;
}

function addFunction(
  module: ModuleBuilder,
  places: FastFloatPlaces,
  op: FloatOp,
  format: "s" | "d",
  path: FastPath,
): number {
  const { i32: I32, i64: I64 } = ValueType;
  const { index, body } = module.addFunction({ params: [I64, I64, I64, I32], results: [I64] });
  body.block((slow) => path(new FastFunction(body, native[format], slow, places.fflags)));
  for (let n = 0; n < 3; n++) body.store("i64", i32.const(0), body.param(n), places.operands + 8 * n);
  body.call(places.floatSlow, i32.const(floatNumber(op, format)), body.param(3));
  body.push(i64.load(i32.const(0), places.result));
  return index;
}
