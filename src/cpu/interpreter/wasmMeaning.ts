import type {
  AmoWidth,
  FloatFormat,
  FloatOp,
  FReg,
  I32,
  I32Ops,
  I64,
  I64Ops,
  LoadKind,
  Meaning,
  Offset,
  PureFunction,
  RoundingMode,
  StoreKind,
  SystemOp,
  XReg,
} from "../../isa/meaning.ts";
import { choose, type Expression, type FunctionBody, i32, i64, select } from "../../wasm/index.ts";

/** The opaque values of a meaning are WebAssembly expressions here. */
export const expr = (value: I64 | I32): Expression => value as unknown as Expression;
export const asI64 = (e: Expression): I64 => e as unknown as I64;
export const asI32 = (e: Expression): I32 => e as unknown as I32;

/**
 * The part of {@link Meaning} that is the same for every engine that emits WebAssembly: pure values. Registers,
 * memory and control differ, and are the subclass's.
 */
export abstract class WasmMeaning implements Meaning {
  readonly i64 = i64 as unknown as I64Ops;
  readonly i32 = i32 as unknown as I32Ops;
  protected readonly body: FunctionBody;

  constructor(body: FunctionBody) {
    this.body = body;
  }

  k64(value: bigint | number): I64 {
    return asI64(i64.const(value));
  }
  k32(value: number): I32 {
    return asI32(i32.const(value));
  }
  wrap(a: I64): I32 {
    return asI32(i32.wrap(expr(a)));
  }
  sx(a: I32): I64 {
    return asI64(i64.extendS(expr(a)));
  }
  zx(a: I32): I64 {
    return asI64(i64.extendU(expr(a)));
  }
  if64(condition: I32, then: I64, otherwise: I64): I64 {
    return asI64(choose(expr(condition), expr(then), expr(otherwise)));
  }
  select(condition: I32, then: I64, otherwise: I64): I64 {
    return asI64(select(expr(condition), expr(then), expr(otherwise)));
  }
  let(a: I64): I64 {
    return expr(a).value !== undefined ? a : asI64(this.body.let(expr(a)));
  }
  mulhu(a: I64, b: I64): I64 {
    const low = (v: Expression) => i64.and(v, i64.const(0xffff_ffffn));
    const high = (v: Expression) => i64.shrU(v, i64.const(32));
    const name = (v: Expression) => this.body.let(v);
    const x = name(expr(a));
    const y = name(expr(b));
    const lowLow = i64.mul(low(x), low(y));
    const highLow = name(i64.add(i64.mul(high(x), low(y)), high(lowLow)));
    const middle = name(i64.add(i64.mul(low(x), high(y)), low(highLow)));
    return asI64(i64.add(i64.add(i64.mul(high(x), high(y)), high(highLow)), high(middle)));
  }

  abstract x(r: XReg): I64;
  abstract setX(r: XReg, value: I64): void;
  abstract f(r: FReg): I64;
  abstract setF(r: FReg, value: I64): void;
  abstract reg(index: number): XReg & FReg;
  abstract pc(): I64;
  abstract nextPc(): I64;
  abstract load(kind: LoadKind, addr: I64): I64;
  abstract store(kind: StoreKind, addr: I64, value: I64): void;
  abstract amo(width: AmoWidth, addr: I64, update: (old: I64) => I64): I64;
  abstract branch(condition: I32, offset: Offset): void;
  abstract jumpRel(offset: Offset): void;
  abstract jump(target: I64): void;
  abstract float(op: FloatOp, format: FloatFormat, rm: RoundingMode | undefined, ...operands: I64[]): I64;
  abstract pure(fn: PureFunction, a: I64, b: I64): I64;
  abstract system(op: SystemOp): void;
}
