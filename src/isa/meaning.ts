/**
 * The vocabulary in which instructions say what they mean.
 *
 * A meaning is a function over {@link Meaning}: it names registers, computes values and has effects. It never
 * says *how*: the interpreter and the translator turn the same calls into WebAssembly, the recorder into a
 * list of effects. Three rules make that possible:
 *
 * - Expressions are values without effects; they may be emitted more than once, so a value used twice is named
 *   with {@link Meaning.let}.
 * - Effects (`setX`, `store`, `branch` …) happen in the order of the calls, except that register writes commit
 *   when the instruction ends: `x(rs1)` after `setX(rd)` still sees the old value (`jalr rd == rs1`).
 * - Whatever can trap comes before every effect that a trap must not leave behind.
 */

import type { FloatFormat, FloatOp, IntFormat } from "../float/operation.ts";

declare const kind: unique symbol;
/** A 64-bit value. Opaque: only an implementation of {@link Meaning} looks inside. */
export interface I64 {
  readonly [kind]: "i64";
}
/** A 32-bit value or a truth value (0 or 1). Opaque. */
export interface I32 {
  readonly [kind]: "i32";
}
/** An operand that names an integer register (rd, rs1, …). Opaque: known at decode time or at run time. */
export interface XReg {
  readonly [kind]: "x";
}
/** An operand that names a floating-point register. */
export interface FReg {
  readonly [kind]: "f";
}

/** Loads: bytes and sign of what is read; the result is always 64 bits wide. */
export type LoadKind = "s8" | "s16" | "s32" | "i64" | "u8" | "u16" | "u32";
/** Stores: how many low bytes are written. */
export type StoreKind = "i8" | "i16" | "i32" | "i64";
/** Atomics: the width in memory; 32-bit values are sign-extended. */
export type AmoWidth = "i32" | "i64";

/** Operations on 64-bit values. Shift and rotate amounts count modulo 64. Division needs a checked divisor. */
export interface I64Ops {
  add(a: I64, b: I64): I64;
  sub(a: I64, b: I64): I64;
  mul(a: I64, b: I64): I64;
  and(a: I64, b: I64): I64;
  or(a: I64, b: I64): I64;
  xor(a: I64, b: I64): I64;
  shl(a: I64, b: I64): I64;
  shrU(a: I64, b: I64): I64;
  shrS(a: I64, b: I64): I64;
  rotl(a: I64, b: I64): I64;
  rotr(a: I64, b: I64): I64;
  clz(a: I64): I64;
  ctz(a: I64): I64;
  popcnt(a: I64): I64;
  /** Sign extension of the low 8, 16 or 32 bits. */
  extend8(a: I64): I64;
  extend16(a: I64): I64;
  extend32(a: I64): I64;
  /** Undefined when b is 0, or for `INT64_MIN / -1`: the meaning checks first, inside {@link Meaning.if64}. */
  divS(a: I64, b: I64): I64;
  divU(a: I64, b: I64): I64;
  remS(a: I64, b: I64): I64;
  remU(a: I64, b: I64): I64;
  eqz(a: I64): I32;
  eq(a: I64, b: I64): I32;
  ne(a: I64, b: I64): I32;
  ltS(a: I64, b: I64): I32;
  ltU(a: I64, b: I64): I32;
  geS(a: I64, b: I64): I32;
  geU(a: I64, b: I64): I32;
}

/** Operations on 32-bit values. Shift and rotate amounts count modulo 32. */
export interface I32Ops {
  add(a: I32, b: I32): I32;
  sub(a: I32, b: I32): I32;
  mul(a: I32, b: I32): I32;
  and(a: I32, b: I32): I32;
  or(a: I32, b: I32): I32;
  xor(a: I32, b: I32): I32;
  shl(a: I32, b: I32): I32;
  shrU(a: I32, b: I32): I32;
  shrS(a: I32, b: I32): I32;
  rotl(a: I32, b: I32): I32;
  rotr(a: I32, b: I32): I32;
  clz(a: I32): I32;
  ctz(a: I32): I32;
  popcnt(a: I32): I32;
  eqz(a: I32): I32;
}

export type { FloatFormat, FloatOp, IntFormat };

/** What only the hart can do: privileged instructions and everything that may change what comes next. */
export type SystemOp =
  | "illegal"
  | "ecall"
  | "ebreak"
  | "mret"
  | "sret"
  | "wfi"
  | "wrs.nto"
  | "wrs.sto"
  | "fence.i"
  | "sfence.vma"
  | "sinval.vma"
  | "sfence.w.inval"
  | "sfence.inval.ir"
  | "cbo.clean"
  | "cbo.flush"
  | "cbo.inval"
  | "cbo.zero"
  | "lr.w"
  | "lr.d"
  | "sc.w"
  | "sc.d"
  | "amocas.q"
  | "csrrw"
  | "csrrs"
  | "csrrc"
  | "csrrwi"
  | "csrrsi"
  | "csrrci";

/**
 * Functions of two 64-bit values that are too long to be written in operations; `src/bits` defines them over bigint:
 * carry-less products (low half, high half, bit-reversed) and crossbar permutations of nibbles and bytes.
 */
export type PureFunction = "clmul" | "clmulh" | "clmulr" | "xperm4" | "xperm8";

/** The operands of the instruction at hand, by the names of its encoding's fields. */
export interface Operands {
  readonly rd: XReg & FReg;
  readonly rs1: XReg & FReg;
  readonly rs2: XReg & FReg;
  readonly rs3: XReg & FReg;
  /** The immediate, sign- or zero-extended as the encoding says; shift amounts too. */
  readonly imm: I64;
  /** The branch or jump displacement, for {@link Meaning.branch} and {@link Meaning.jumpRel} only. */
  readonly offset: Offset;
  /** The rounding-mode field; 7 (DYN) means frm. An invalid mode traps before anything happens. */
  readonly rm: RoundingMode;
}
export interface Offset {
  readonly [kind]: "offset";
}
export interface RoundingMode {
  readonly [kind]: "rm";
}

/** What an instruction's meaning is written in. See the module's comment for the rules. */
export interface Meaning {
  readonly i64: I64Ops;
  readonly i32: I32Ops;
  /** A 64-bit constant (numbers are sign-extended). */
  k64(value: bigint | number): I64;
  k32(value: number): I32;
  /** The low 32 bits. */
  wrap(a: I64): I32;
  /** Sign- and zero-extension of a 32-bit value. */
  sx(a: I32): I64;
  zx(a: I32): I64;
  /** Only the chosen arm is evaluated. */
  if64(condition: I32, then: I64, otherwise: I64): I64;
  /** Both arms may be evaluated: for cheap arms that cannot trap. */
  select(condition: I32, then: I64, otherwise: I64): I64;
  /** Names a value that is used more than once. */
  let(a: I64): I64;
  /** The high 64 bits of the unsigned product. */
  mulhu(a: I64, b: I64): I64;

  x(r: XReg): I64;
  setX(r: XReg, value: I64): void;
  /** The raw 64 bits of a floating-point register. The first `f` or `setF` of a meaning traps if mstatus.FS is Off. */
  f(r: FReg): I64;
  /** Writes the raw 64 bits and makes mstatus.FS Dirty. */
  setF(r: FReg, value: I64): void;
  /** A fixed register, for implied operands (x10 … of Zcmop, x1 of c.jalr is written as an operand instead). */
  reg(index: number): XReg & FReg;

  pc(): I64;
  /** The address of the next instruction (pc + 2 or + 4). */
  nextPc(): I64;

  load(kind: LoadKind, addr: I64): I64;
  store(kind: StoreKind, addr: I64, value: I64): void;
  /**
   * Atomically replaces memory by `update(old)`; returns old (32-bit: sign-extended). Misaligned: traps. `old` is a
   * named value: it may be used more than once.
   */
  amo(width: AmoWidth, addr: I64, update: (old: I64) => I64): I64;

  branch(condition: I32, offset: Offset): void;
  jumpRel(offset: Offset): void;
  /** Jumps to an address; bit 0 has been cleared by the meaning. */
  jump(target: I64): void;

  /** A floating-point operation in a format; unused operands are left out. `rm` where the encoding has one. */
  float(op: FloatOp, format: FloatFormat, rm: RoundingMode | undefined, ...operands: I64[]): I64;

  /** A function of `src/bits`, out of line. */
  pure(fn: PureFunction, a: I64, b: I64): I64;

  /**
   * Leaves the instruction to the hart, which reads its operands from the decoded instruction, writes its own
   * results, and says where to go on. Ends the meaning.
   */
  system(op: SystemOp): void;
}

/** What an instruction means. */
export type MeaningOf = (m: Meaning, i: Operands) => void;
