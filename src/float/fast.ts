import { type Expression, type FunctionBody, f64, i32, i64, type ModuleBuilder, ValueType } from "../wasm/index.ts";
import { type FastPath, fastArithmetic } from "./fastArithmetic.ts";
import { fastConversion, fastNarrowing, fastWidening } from "./fastConversion.ts";
import { type FastFrame, FastFunction, native } from "./fastFunction.ts";
import { type FloatFormat, type FloatOp, floatFormats, floatOps } from "./operation.ts";
import { flag } from "./rounding.ts";

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
  for (const format of ["s", "d"] as const) {
    for (const op of floatOps) {
      const path = fastPath(op, format);
      if (path !== undefined) functions.set(`${op}.${format}`, addFunction(module, places, op, format, path));
    }
  }
  return functions;
}

/** How an operation is done fast, if it can be. */
function fastPath(op: FloatOp, format: "s" | "d"): FastPath | undefined {
  if (op === "from.s") return format === "d" ? fastWidening : undefined;
  if (op === "from.d") return format === "s" ? fastNarrowing : undefined;
  const paths: Partial<Record<FloatOp, FastPath>> = { ...fastArithmetic, ...fastConversion };
  return paths[op];
}

/** What {@link inlineFloat} needs where it is. */
export interface InlineFloat {
  /** a, b, c, to be read more than once; the rounding mode, a constant. */
  readonly operands: readonly Expression[];
  /** Whether NX is raised. */
  readonly inexact: Expression;
  /** What must hold for the rounding mode to be that constant; else the slow path is taken. */
  readonly assumption: Expression | undefined;
  /** Whether `f64.relaxedMadd` rounds once (`hasFusedMadd`). */
  readonly hasFusedMadd: boolean;
  /** The exact operation by a call: its result's raw bits. */
  readonly call: () => Expression;
}

/**
 * Writes an operation where it is used: what is quick while NX is raised, and a call of the exact function for the rest.
 *
 * @returns a local with the result's raw bits; undefined, and nothing is written, when there is no such quick way
 */
export function inlineFloat(
  body: FunctionBody,
  op: FloatOp,
  format: FloatFormat,
  { operands, inexact, assumption, hasFusedMadd, call }: InlineFloat,
): Expression | undefined {
  const path = format === "h" ? undefined : fastPath(op, format);
  if (path === undefined || format === "h") return undefined;
  const isDouble = format === "d" && givesFloat(op);
  const result = body.local(isDouble ? ValueType.f64 : ValueType.i64);
  const give = (bits: Expression) => body.set(result, isDouble ? f64.reinterpret(bits) : bits);
  body.block((end) => {
    body.block((slow) => {
      if (assumption !== undefined) body.branchIf(i32.eqz(assumption), slow);
      const frame: FastFrame = {
        slow,
        operands,
        return: (bits) => {
          give(bits);
          body.branch(end);
        },
        isInexactRaised: () => {
          body.branchIf(i32.eqz(inexact), slow);
          return i32.const(1);
        },
        raiseInexact: () => {},
        isShort: true,
        hasFusedMadd,
      };
      path(new FastFunction(body, native[format], frame));
    });
    give(call());
  });
  return isDouble ? i64.reinterpret(result) : result;
}

/** Whether an operation's result is in its format; otherwise it is a truth value or an integer. */
function givesFloat(op: FloatOp): boolean {
  return !/^(eq|lt|le|ltq|leq|class|cvtmod|to\..*)$/.test(op);
}

function addFunction(
  module: ModuleBuilder,
  places: FastFloatPlaces,
  op: FloatOp,
  format: "s" | "d",
  path: FastPath,
): number {
  const { index, body, base, operands } = addFloatSignature(module, places);
  const { fflags } = places;
  const flags = i32.load(base, fflags);
  const nx = i32.const(flag.nx);
  body.block((slow) => {
    const frame: FastFrame = {
      slow,
      operands,
      return: (bits) => body.return(bits),
      isInexactRaised: () => i32.and(flags, nx),
      raiseInexact: () => body.store("i32", base, i32.or(flags, nx), fflags),
      isShort: false,
      hasFusedMadd: false,
    };
    path(new FastFunction(body, native[format], frame));
  });
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
