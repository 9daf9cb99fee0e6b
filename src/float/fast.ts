import { type Expression, type FunctionBody, i32, i64, type ModuleBuilder, ValueType } from "../wasm/index.ts";
import { type FastPath, fastArithmetic } from "./fastArithmetic.ts";
import { fastConversion, fastNarrowing, fastWidening } from "./fastConversion.ts";
import { FastFunction, native } from "./fastFunction.ts";
import { type FloatFormat, type FloatOp, floatFormats, floatOps } from "./operation.ts";

/** Where the fast functions find what they share with their host: addresses in the module's memory, and a function. */
export interface FastFloatPlaces {
  /**
   * The addresses below count from one that the functions have as a first parameter of their own, and pass on to
   * `floatSlow` as its first. Otherwise there is no such parameter.
   */
  readonly relative?: boolean;
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
  const { index, body, base, operands } = addFloatSignature(module, places);
  body.block((slow) => path(new FastFunction(body, native[format], { slow, base, fflags: places.fflags, operands })));
  callSlow(body, places, { op, format }, base, operands);
  return index;
}

/** Adds a function that always calls `floatSlow`, with the parameters and the result of those that are fast. */
export function addSlowFloat(module: ModuleBuilder, places: FastFloatPlaces, op: FloatOp, format: FloatFormat): number {
  const { index, body, base, operands } = addFloatSignature(module, places);
  callSlow(body, places, { op, format }, base, operands);
  return index;
}

function addFloatSignature(module: ModuleBuilder, places: FastFloatPlaces) {
  const { i32: I32, i64: I64 } = ValueType;
  const own = places.relative ? [I32] : [];
  const { index, body } = module.addFunction({ params: [...own, I64, I64, I64, I32], results: [I64] });
  const operands = [0, 1, 2, 3].map((n) => body.param(own.length + n));
  return { index, body, base: places.relative ? body.param(0) : i32.const(0), operands };
}

function callSlow(
  body: FunctionBody,
  places: FastFloatPlaces,
  { op, format }: { op: FloatOp; format: FloatFormat },
  base: Expression,
  operands: readonly Expression[],
): void {
  for (let n = 0; n < 3; n++) body.store("i64", base, operands[n], places.operands + 8 * n);
  const own = places.relative ? [base] : [];
  body.call(places.floatSlow, ...own, i32.const(floatNumber(op, format)), operands[3]);
  body.push(i64.load(base, places.result));
}
