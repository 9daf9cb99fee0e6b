import { type Expression, type FunctionBody, f32, f64, i32, i64, type Label, ValueType } from "../wasm/index.ts";
import { type Shape, shapes } from "./format.ts";

/** A format that WebAssembly computes in, and how its values stand in the 64 bits of an operand. */
export interface NativeFormat {
  readonly shape: Shape;
  readonly type: ValueType;
  readonly ops: typeof f32 | typeof f64;
  readonly const: (value: number) => Expression;
  readonly fromBits: (bits: Expression) => Expression;
  readonly toBits: (value: Expression) => Expression;
  /** As a double, exactly. */
  readonly widen: (value: Expression) => Expression;
}

/** The two formats that have fast paths. */
export const native = {
  s: {
    shape: shapes.s,
    type: ValueType.f32,
    ops: f32,
    const: f32.const,
    fromBits: (bits) => f32.reinterpret(i32.wrap(bits)),
    toBits: (value) => i64.extendU(i32.reinterpret(value)),
    widen: f64.promote,
  },
  d: {
    shape: shapes.d,
    type: ValueType.f64,
    ops: f64,
    const: f64.const,
    fromBits: f64.reinterpret,
    toBits: i64.reinterpret,
    widen: (value) => value,
  },
} as const satisfies Record<string, NativeFormat>;

/** Where a fast function stands: its operands and its ways out. */
export interface FastFrame {
  /** a, b, c and the rounding mode. */
  readonly operands: readonly Expression[];
  /** Where to branch for the exact slow path. */
  readonly slow: Label;
  /** Ends with a result's raw bits. */
  return(bits: Expression): void;
  /** Whether NX is raised already, so that it does not matter if an operation is inexact. */
  isInexactRaised(): Expression;
  raiseInexact(): void;
  /** Whether only what is fast when NX is raised is worth its code. */
  readonly isShort: boolean;
  /** Whether `f64.relaxedMadd` may be used, and rounds once. */
  readonly hasFusedMadd: boolean;
}

/** The body of one fast function: what it computes in, and its ways out. */
export class FastFunction {
  readonly body: FunctionBody;
  readonly format: NativeFormat;
  /** The operands' bits, the rounding mode. */
  readonly a: Expression;
  readonly b: Expression;
  readonly c: Expression;
  readonly rm: Expression;
  readonly #frame: FastFrame;

  constructor(body: FunctionBody, format: NativeFormat, frame: FastFrame) {
    this.body = body;
    this.format = format;
    [this.a, this.b, this.c, this.rm] = frame.operands;
    this.#frame = frame;
  }

  let(value: Expression): Expression {
    return this.body.let(value);
  }

  /** An operand's value in the function's format. */
  value(bits: Expression): Expression {
    return this.let(this.format.fromBits(bits));
  }

  slowIf(condition: Expression): void {
    this.body.branchIf(condition, this.#frame.slow);
  }

  slowUnless(condition: Expression): void {
    this.slowIf(i32.eqz(condition));
  }

  isInexactRaised(): Expression {
    return this.#frame.isInexactRaised();
  }

  /** Whether only what is fast when NX is raised is worth its code. */
  get isShort(): boolean {
    return this.#frame.isShort;
  }

  /** Whether `f64.relaxedMadd` may be used, and rounds once. */
  get hasFusedMadd(): boolean {
    return this.#frame.hasFusedMadd;
  }

  /** Ends with a result's raw bits. */
  return(bits: Expression): void {
    this.#frame.return(bits);
  }

  slow(): void {
    this.body.branch(this.#frame.slow);
  }

  /**
   * Returns raw bits, having raised NX if `isInexact` writes code for a condition that holds. That code is skipped
   * when NX is raised already; what takes the slow path there has not changed anything.
   */
  returnRounded(bits: Expression, isInexact: () => Expression): void {
    const { body } = this;
    body.if(i32.eqz(this.isInexactRaised()), () => {
      body.if(isInexact(), () => this.#frame.raiseInexact());
    });
    this.return(bits);
  }

  /**
   * Whether raw bits are a normal number that cannot have underflowed: at least twice the smallest normal one, so that
   * it was not tiny before rounding either.
   */
  isOrdinary(bits: Expression): Expression {
    const { leastNormal } = this.format.shape;
    return this.isWithin(bits, 2n * leastNormal, this.format.shape.infinity);
  }

  /** Whether the magnitude of raw bits is at least `least` and below `bound`. */
  isWithin(bits: Expression, least: bigint, bound: bigint): Expression {
    return i64.ltU(i64.sub(this.magnitude(bits), i64.const(least)), i64.const(bound - least));
  }

  magnitude(bits: Expression): Expression {
    return i64.and(bits, i64.const(this.format.shape.sign - 1n));
  }

  /** Whether a value of the function's format is +0 or -0. */
  isZero(value: Expression): Expression {
    return this.format.ops.eq(value, this.format.const(0));
  }

  /** Whether a value of the function's format is neither infinite nor NaN. */
  isFinite(value: Expression): Expression {
    const { ops } = this.format;
    return ops.lt(ops.abs(value), this.format.const(Number.POSITIVE_INFINITY));
  }
}
