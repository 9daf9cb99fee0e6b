import { clmul, clmulh, clmulr } from "../bits/carryless.ts";
import { xperm4, xperm8 } from "../bits/permute.ts";
import type { Decoded } from "./decode.ts";
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
  Operands,
  PureFunction,
  RoundingMode,
  StoreKind,
  SystemOp,
  XReg,
} from "./meaning.ts";
import { recordMeaning } from "./record.ts";

/** What an instruction is evaluated against. All 64-bit values are unsigned. Traps are what it throws. */
export interface Evaluated {
  readonly pc: bigint;
  x(index: number): bigint;
  /** Called at the end of the instruction; never for x0. */
  setX(index: number, value: bigint): void;
  f(index: number): bigint;
  setF(index: number, value: bigint): void;
  /** Called before anything else when the instruction uses floating-point state. */
  useFloat?(): void;
  /** The value as the kind says: sign- or zero-extended to 64 bits. */
  load(kind: LoadKind, address: bigint): bigint;
  /** Stores the low bytes of the value. */
  store(kind: StoreKind, address: bigint, value: bigint): void;
  /** Replaces memory by `update(old)`, old being sign-extended, and returns old. */
  amo(width: AmoWidth, address: bigint, update: (old: bigint) => bigint): bigint;
  /** `rm` is the instruction's field, or undefined when it has none. */
  float(op: FloatOp, format: FloatFormat, rm: number | undefined, operands: readonly bigint[]): bigint;
  /** Returns where to go on; undefined: at the next instruction. */
  system(op: SystemOp, decoded: Decoded): bigint | undefined;
}

/**
 * Carries out one instruction as its meaning says, over bigints: slow, and simple enough to be right. The engines
 * are judged by it.
 *
 * @returns the address of the next instruction.
 */
export function evaluate(decoded: Decoded, hart: Evaluated): bigint {
  if (recordMeaning(decoded.def).usesFloat) hart.useFloat?.();
  const evaluation = new Evaluation(decoded, hart);
  const { rd, rs1, rs2, rs3, imm, rm } = decoded;
  const operands = { rd, rs1, rs2, rs3, imm: as64(BigInt(imm)), offset: imm, rm };
  decoded.def.meaning(evaluation, operands as unknown as Operands);
  evaluation.commit();
  return evaluation.next;
}

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const s64 = (value: bigint): bigint => BigInt.asIntN(64, value);

/**
 * A value that is computed when it is asked for, once: the arm of an `if64` that is not chosen never is. Inside, an
 * I64 is an unsigned bigint of this sort, an I32 a signed number, a register its number.
 */
class Lazy<T> {
  #compute: (() => T) | undefined;
  #value: T | undefined;

  constructor(compute: () => T) {
    this.#compute = compute;
  }

  get value(): T {
    if (this.#compute !== undefined) {
      this.#value = this.#compute();
      this.#compute = undefined;
    }
    return this.#value as T;
  }
}

const big = (value: I64): bigint => (value as unknown as Lazy<bigint>).value;
const later64 = (compute: () => bigint): I64 => new Lazy(() => u64(compute())) as unknown as I64;
/** A value that an effect has given: it is there already. */
const as64 = (value: bigint): I64 => later64(() => value);
const num = (value: I32): number => (value as unknown as Lazy<number>).value;
const later32 = (compute: () => number): I32 => new Lazy(() => compute() | 0) as unknown as I32;
const truth = (holds: () => boolean): I32 => later32(() => (holds() ? 1 : 0));

const unary64 = (compute: (a: bigint) => bigint) => (a: I64) => later64(() => compute(big(a)));
const binary64 = (compute: (a: bigint, b: bigint) => bigint) => (a: I64, b: I64) =>
  later64(() => compute(big(a), big(b)));
const signed64 = (compute: (a: bigint, b: bigint) => bigint) => binary64((a, b) => compute(s64(a), s64(b)));
const compare64 = (holds: (a: bigint, b: bigint) => boolean) => (a: I64, b: I64) => truth(() => holds(big(a), big(b)));
const unary32 = (compute: (a: number) => number) => (a: I32) => later32(() => compute(num(a)));
const binary32 = (compute: (a: number, b: number) => number) => (a: I32, b: I32) =>
  later32(() => compute(num(a), num(b)));
const rotated = (value: bigint, by: bigint, width: bigint): bigint =>
  (value << (by % width)) | (value >> (width - (by % width)));
const rotated32 = (value: number, by: number): number =>
  Number(BigInt.asUintN(32, rotated(BigInt(value >>> 0), BigInt(by & 31), 32n)));
const ones = (value: bigint): number => [...value.toString(2)].filter((digit) => digit === "1").length;
const leadingZeros = (value: bigint): bigint => BigInt(64 - (value === 0n ? 0 : value.toString(2).length));
const trailingZeros = (value: bigint): bigint => (value === 0n ? 64n : 63n - leadingZeros(value & -value));

/** Checks what meanings promise: a divisor that is neither 0 nor makes the quotient overflow. */
function divisor(a: bigint, b: bigint): bigint {
  if (b === 0n || (b === -1n && a === -(1n << 63n))) throw new Error(`a meaning divides ${a} by ${b}`);
  return b;
}

const i64: I64Ops = {
  add: binary64((a, b) => a + b),
  sub: binary64((a, b) => a - b),
  mul: binary64((a, b) => a * b),
  and: binary64((a, b) => a & b),
  or: binary64((a, b) => a | b),
  xor: binary64((a, b) => a ^ b),
  shl: binary64((a, b) => a << (b & 63n)),
  shrU: binary64((a, b) => a >> (b & 63n)),
  shrS: binary64((a, b) => s64(a) >> (b & 63n)),
  rotl: binary64((a, b) => rotated(a, b & 63n, 64n)),
  rotr: binary64((a, b) => rotated(a, 64n - (b & 63n), 64n)),
  clz: unary64(leadingZeros),
  ctz: unary64(trailingZeros),
  popcnt: unary64((a) => BigInt(ones(a))),
  extend8: unary64((a) => BigInt.asIntN(8, a)),
  extend16: unary64((a) => BigInt.asIntN(16, a)),
  extend32: unary64((a) => BigInt.asIntN(32, a)),
  divS: signed64((a, b) => a / divisor(a, b)),
  divU: binary64((a, b) => a / divisor(a, b)),
  remS: signed64((a, b) => a % divisor(a, b)),
  remU: binary64((a, b) => a % divisor(a, b)),
  eqz: (a) => truth(() => big(a) === 0n),
  eq: compare64((a, b) => a === b),
  ne: compare64((a, b) => a !== b),
  ltS: compare64((a, b) => s64(a) < s64(b)),
  ltU: compare64((a, b) => a < b),
  geS: compare64((a, b) => s64(a) >= s64(b)),
  geU: compare64((a, b) => a >= b),
};

const i32: I32Ops = {
  add: binary32((a, b) => a + b),
  sub: binary32((a, b) => a - b),
  mul: binary32(Math.imul),
  and: binary32((a, b) => a & b),
  or: binary32((a, b) => a | b),
  xor: binary32((a, b) => a ^ b),
  shl: binary32((a, b) => a << b),
  shrU: binary32((a, b) => a >>> b),
  shrS: binary32((a, b) => a >> b),
  rotl: binary32((a, b) => rotated32(a, b)),
  rotr: binary32((a, b) => rotated32(a, 32 - (b & 31))),
  clz: unary32(Math.clz32),
  ctz: unary32((a) => (a === 0 ? 32 : 31 - Math.clz32(a & -a))),
  popcnt: unary32((a) => ones(BigInt(a >>> 0))),
  eqz: (a) => truth(() => num(a) === 0),
};

const pureFunctions: Readonly<Record<PureFunction, (a: bigint, b: bigint) => bigint>> = {
  clmul,
  clmulh,
  clmulr,
  xperm4,
  xperm8,
};

class Evaluation implements Meaning {
  readonly i64 = i64;
  readonly i32 = i32;
  next: bigint;
  readonly #decoded: Decoded;
  readonly #hart: Evaluated;
  readonly #writes: (() => void)[] = [];

  constructor(decoded: Decoded, hart: Evaluated) {
    this.#decoded = decoded;
    this.#hart = hart;
    this.next = u64(hart.pc + BigInt(decoded.length));
  }

  /** Writes the registers: the instruction has ended. */
  commit(): void {
    for (const write of this.#writes) write();
  }

  k64 = (value: bigint | number) => as64(BigInt(value));
  k32 = (value: number) => later32(() => value);
  wrap = (a: I64) => later32(() => Number(BigInt.asIntN(32, big(a))));
  sx = (a: I32) => later64(() => BigInt(num(a)));
  zx = (a: I32) => later64(() => BigInt(num(a) >>> 0));
  if64 = (condition: I32, then: I64, otherwise: I64) => later64(() => big(num(condition) !== 0 ? then : otherwise));
  /** Both arms are evaluated: a meaning must not hide a trap in one. */
  select(condition: I32, then: I64, otherwise: I64): I64 {
    return later64(() => {
      const [a, b] = [big(then), big(otherwise)];
      return num(condition) !== 0 ? a : b;
    });
  }
  /** A `let` is computed where it stands, in the engines; so it is here. */
  let(a: I64): I64 {
    return as64(big(a));
  }
  mulhu = binary64((a, b) => (a * b) >> 64n);

  x(r: XReg): I64 {
    const index = r as unknown as number;
    return as64(index === 0 ? 0n : this.#hart.x(index));
  }

  setX(r: XReg, value: I64): void {
    const index = r as unknown as number;
    const written = big(value);
    if (index !== 0) this.#writes.push(() => this.#hart.setX(index, written));
  }

  f(r: FReg): I64 {
    return as64(this.#hart.f(r as unknown as number));
  }

  setF(r: FReg, value: I64): void {
    const written = big(value);
    this.#writes.push(() => this.#hart.setF(r as unknown as number, written));
  }

  reg = (index: number) => index as unknown as XReg & FReg;
  pc = () => as64(this.#hart.pc);
  nextPc = () => as64(this.#hart.pc + BigInt(this.#decoded.length));

  load(kind: LoadKind, addr: I64): I64 {
    return as64(this.#hart.load(kind, big(addr)));
  }

  store(kind: StoreKind, addr: I64, value: I64): void {
    this.#hart.store(kind, big(addr), big(value));
  }

  amo(width: AmoWidth, addr: I64, update: (old: I64) => I64): I64 {
    return as64(this.#hart.amo(width, big(addr), (old) => big(update(as64(old)))));
  }

  branch(condition: I32, offset: Offset): void {
    if (num(condition) !== 0) this.jumpRel(offset);
  }

  jumpRel(offset: Offset): void {
    this.next = u64(this.#hart.pc + BigInt(offset as unknown as number));
  }

  jump(target: I64): void {
    this.next = big(target);
  }

  float(op: FloatOp, format: FloatFormat, rm: RoundingMode | undefined, ...operands: I64[]): I64 {
    return as64(this.#hart.float(op, format, rm as unknown as number | undefined, operands.map(big)));
  }

  pure(fn: PureFunction, a: I64, b: I64): I64 {
    return as64(pureFunctions[fn](big(a), big(b)));
  }

  system(op: SystemOp): void {
    this.next = this.#hart.system(op, this.#decoded) ?? this.next;
  }
}
