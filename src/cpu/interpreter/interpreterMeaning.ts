import type {
  AmoWidth,
  FloatFormat,
  FloatOp,
  FReg,
  I32,
  I64,
  LoadKind,
  Offset,
  Operands,
  PureFunction,
  RoundingMode,
  StoreKind,
  SystemOp,
  XReg,
} from "../../isa/meaning.ts";
import { call, type Expression, type FunctionBody, i32, i64, ValueType } from "../../wasm/index.ts";
import { csrOffset } from "../csr/slots.ts";
import { hartLayout } from "../layout.ts";
import { amoKinds, loadKinds, storeKinds } from "./memoryKinds.ts";
import { opShift } from "./opFormat.ts";
import { asI64, expr, WasmMeaning } from "./wasmMeaning.ts";

/** The functions that handlers call, by their numbers in the module. */
export interface InterpreterFunctions {
  /** (address low, high, load kind) → 0: the value is in the hart's `value`; 1: a trap was taken. */
  loadSlow: number;
  /** (address low, high, size): stores the hart's `value`. → 0 or 1 as above; 2: stored, but look at pc anew. */
  storeSlow: number;
  /** (address low, high, size) → 0: the old value is in `value`; 1: trap. */
  amoSlow: number;
  /** (size): stores `value` where amoSlow looked. */
  amoFinish: number;
  /** (op address, system op number) → 0: go on with the next instruction; 1: pc has been set. */
  system: number;
  /** Wasm functions (a, b, c, rm) → bits. */
  float(op: FloatOp, format: FloatFormat): number;
  pure(fn: PureFunction): number;
  systemNumber(op: SystemOp): number;
}

/** Where the handlers of one function find what they need. */
export interface HandlerContext {
  readonly body: FunctionBody;
  readonly functions: InterpreterFunctions;
  /** The hart's block in memory. */
  readonly hart: number;
  readonly fastTlb: { readonly dataEntries: number; readonly read: number; readonly write: number };
  readonly countAccesses: boolean;
  /** Jump targets must be multiples of 4 (no C extension). */
  readonly alignedTargets: boolean;
  /** The op being executed, and a scratch i32 and i64 that live across one access. */
  readonly ip: Expression;
  readonly entry: Expression;
  readonly va: Expression;
  dataContext(): Expression;
  pc(): Expression;
  /** Makes pc and fuel visible in memory, before TypeScript is called. */
  sync(): void;
  /** Goes on at the pc in memory. */
  redirect(): void;
  /** Goes on at `va`, which an indirect jump has computed. */
  jump(): void;
  /** Goes on `offset` ops bytes from ip if that lies in the page of ops, else at the pc that it stands for. */
  branchBy(offset: Expression): void;
}

type Field = { readonly byte: 1 | 2 | 3 | 4 } | { readonly fixed: number };
const field = (r: XReg | FReg): Field => r as unknown as Field;
const { i64: I64Type } = ValueType;
const zero = i32.const(0);

/** The meaning of one instruction, as a handler that reads its operands from the decoded op. */
export class InterpreterMeaning extends WasmMeaning {
  readonly #c: HandlerContext;
  readonly #length: number;
  readonly #cold: boolean;
  readonly #late: (() => void)[] = [];
  /** Whether control has been handed on, so that the next instruction is not this handler's to start. */
  ended = false;

  constructor(context: HandlerContext, length: 2 | 4, cold: boolean) {
    super(context.body);
    this.#c = context;
    this.#length = length;
    this.#cold = cold;
  }

  /** The operands, as they are found in the op. */
  operands(): Operands {
    const immediate = this.#cold ? i64.load16S(this.#c.ip, 4) : i64.load32S(this.#c.ip, 4);
    return {
      rd: { byte: 1 },
      rs1: { byte: 2 },
      rs2: { byte: 3 },
      rs3: { byte: 4 },
      imm: immediate,
      offset: i32.load(this.#c.ip, 4),
      rm: i32.and(i32.load8U(this.#c.ip, 4), i32.const(7)),
    } as unknown as Operands;
  }

  /** Traps unless mstatus.FS allows floating point. For the start of a handler that uses it. */
  requireFloat(): void {
    const status = i32.load(zero, this.#c.hart + csrOffset("mstatus"));
    this.body.if(i32.eqz(i32.and(status, i32.const(0x6000))), () => this.#illegal());
  }

  /** Writes the results back. */
  finish(): void {
    for (const write of this.#late) write();
  }

  #illegal(): void {
    this.#c.sync();
    const { system, systemNumber } = this.#c.functions;
    const outcome = call(ValueType.i32, system, this.#c.ip, i32.const(systemNumber("illegal")));
    this.body.if(outcome, () => this.#c.redirect());
    this.body.unreachable();
  }

  #slot(r: Field, byteAdjust = 0): Expression {
    if ("fixed" in r) throw new Error("a fixed register has no slot");
    const byte = i32.load8U(this.#c.ip, r.byte);
    if (r.byte === 4) return i32.and(byte, i32.const(0xf8));
    return byteAdjust === 0 ? byte : i32.and(i32.add(byte, i32.const(byteAdjust)), i32.const(0xff));
  }

  x(r: XReg): I64 {
    const which = field(r);
    const base = this.#c.hart + hartLayout.x;
    if ("fixed" in which) return asI64(i64.load(zero, base + which.fixed * 8));
    // rd's byte is rotated so that x0's writes go to the sink: as a source, it is rotated back.
    return asI64(i64.load(this.#slot(which, which.byte === 1 ? 8 : 0), base));
  }

  setX(r: XReg, value: I64): void {
    const which = field(r);
    this.#late.push(() => {
      const base = this.#c.hart + hartLayout.x;
      if ("fixed" in which) this.body.store("i64", zero, expr(value), base + which.fixed * 8);
      else this.body.store("i64", this.#slot(which), expr(value), base + 8);
    });
  }

  f(r: FReg): I64 {
    return asI64(i64.load(this.#slot(field(r)), this.#c.hart + hartLayout.f));
  }

  setF(r: FReg, value: I64): void {
    this.#late.push(() => {
      this.body.store("i64", this.#slot(field(r)), expr(value), this.#c.hart + hartLayout.f);
      this.#makeDirty();
    });
  }

  #makeDirty(): void {
    const at = this.#c.hart + csrOffset("mstatus");
    this.body.store("i32", zero, i32.or(i32.load(zero, at), i32.const(0x6000)), at);
  }

  reg(index: number): XReg & FReg {
    return { fixed: index } as unknown as XReg & FReg;
  }

  pc(): I64 {
    return asI64(this.#c.pc());
  }

  nextPc(): I64 {
    return asI64(i64.add(this.#c.pc(), i64.const(this.#length)));
  }

  /** Leaves in `entry` the TLB entry for `va`; the value says whether it hits and the access is aligned. */
  #probe(array: number, size: number): Expression {
    const { body, va, entry, fastTlb } = this.#c;
    const index = i32.and(i32.wrap(i64.shrU(va, i64.const(8))), i32.const((fastTlb.dataEntries - 1) << 4));
    body.set(entry, i32.add(this.#c.dataContext(), index));
    const pageAndAlignment = i64.const(BigInt(~0xfff | (size - 1)));
    return i64.eq(i64.load(entry, array), i64.and(va, pageAndAlignment));
  }

  /** Where the bytes of `va` stand, after a hit. */
  #host(array: number): Expression {
    return i32.add(i32.wrap(this.#c.va), i32.load(this.#c.entry, array + 8));
  }

  #halves(): [Expression, Expression] {
    return [i32.wrap(this.#c.va), i32.wrap(i64.shrU(this.#c.va, i64.const(32)))];
  }

  #count(counter: number): void {
    if (!this.#c.countAccesses) return;
    const at = this.#c.hart + counter;
    this.body.store("i64", zero, i64.add(i64.load(zero, at), i64.const(1)), at);
  }

  #value(): Expression {
    return i64.load(zero, this.#c.hart + hartLayout.value);
  }

  load(kind: LoadKind, addr: I64): I64 {
    const { body, va, fastTlb, functions } = this.#c;
    const form = loadKinds[kind];
    this.#count(hartLayout.loads);
    body.set(va, expr(addr));
    const result = body.ifValue(
      this.#probe(fastTlb.read, form.size),
      () => form.load(this.#host(fastTlb.read)),
      () => {
        this.#c.sync();
        const trap = call(ValueType.i32, functions.loadSlow, ...this.#halves(), i32.const(form.number));
        body.if(trap, () => this.#c.redirect());
        return this.#value();
      },
      I64Type,
    );
    return asI64(result);
  }

  store(kind: StoreKind, addr: I64, value: I64): void {
    const { body, va, fastTlb, functions } = this.#c;
    const { size, form } = storeKinds[kind];
    this.#count(hartLayout.stores);
    body.set(va, expr(addr));
    body.if(
      this.#probe(fastTlb.write, size),
      () => body.store(form, this.#host(fastTlb.write), expr(value)),
      () => {
        this.#c.sync();
        body.store("i64", zero, expr(value), this.#c.hart + hartLayout.value);
        const outcome = body.let(call(ValueType.i32, functions.storeSlow, ...this.#halves(), i32.const(size)));
        body.if(outcome, () => {
          const done = i32.eq(outcome, i32.const(2));
          body.if(done, () => body.store("i64", zero, expr(this.nextPc()), this.#c.hart + hartLayout.pc));
          this.#c.redirect();
        });
      },
    );
  }

  amo(width: AmoWidth, addr: I64, update: (old: I64) => I64): I64 {
    const { body, va, fastTlb, functions } = this.#c;
    const load = loadKinds[amoKinds[width].load];
    const store = storeKinds[amoKinds[width].store];
    this.#count(hartLayout.loads);
    this.#count(hartLayout.stores);
    body.set(va, expr(addr));
    const host = body.local(ValueType.i32);
    body.set(host, zero);
    const old = body.ifValue(
      this.#probe(fastTlb.write, store.size),
      () => {
        body.set(host, this.#host(fastTlb.write));
        return load.load(host);
      },
      () => {
        this.#c.sync();
        const trap = call(ValueType.i32, functions.amoSlow, ...this.#halves(), i32.const(store.size));
        body.if(trap, () => this.#c.redirect());
        return this.#value();
      },
      I64Type,
    );
    const value = body.let(expr(update(asI64(old))));
    body.if(
      host,
      () => body.store(store.form, host, value),
      () => {
        body.store("i64", zero, value, this.#c.hart + hartLayout.value);
        body.call(functions.amoFinish, i32.const(store.size));
      },
    );
    return asI64(old);
  }

  branch(condition: I32, offset: Offset): void {
    this.body.if(expr(condition), () => this.#take(offset as unknown as Expression));
  }

  jumpRel(offset: Offset): void {
    this.finish();
    this.#late.length = 0;
    this.#take(offset as unknown as Expression);
    this.ended = true;
  }

  #take(offset: Expression): void {
    const { body, va } = this.#c;
    if (this.#c.alignedTargets) {
      body.if(i32.and(offset, i32.const(2 << opShift)), () => {
        body.set(va, i64.add(this.#c.pc(), i64.shrS(i64.extendS(offset), i64.const(opShift))));
        this.#misalignedTarget();
      });
    }
    this.#c.branchBy(offset);
  }

  /** Instruction-address-misaligned, for the target in `va`. */
  #misalignedTarget(): void {
    const { body, va, functions } = this.#c;
    this.#c.sync();
    body.store("i64", zero, va, this.#c.hart + hartLayout.value);
    body.if(call(ValueType.i32, functions.system, this.#c.ip, i32.const(-1)), () => this.#c.redirect());
  }

  jump(target: I64): void {
    const { body, va } = this.#c;
    body.set(va, expr(target));
    if (this.#c.alignedTargets) {
      body.if(i32.and(i32.wrap(va), i32.const(2)), () => this.#misalignedTarget());
    }
    this.finish();
    this.#late.length = 0;
    this.#c.jump();
    this.ended = true;
  }

  float(op: FloatOp, format: FloatFormat, rm: RoundingMode | undefined, ...operands: I64[]): I64 {
    const { body, functions, hart } = this.#c;
    const mode = body.let(rm === undefined ? zero : (rm as unknown as Expression));
    if (rm !== undefined) {
      body.if(i32.eq(mode, i32.const(7)), () => body.set(mode, i32.load(zero, hart + hartLayout.frm)));
      body.if(i32.gtU(mode, i32.const(4)), () => this.#illegal());
    }
    const flags = body.let(i32.load(zero, hart + hartLayout.fflags));
    const inputs = [0, 1, 2].map((n) => (operands[n] === undefined ? i64.const(0) : expr(operands[n])));
    const result = body.let(call(I64Type, functions.float(op, format), ...inputs, mode));
    body.if(i32.ne(flags, i32.load(zero, hart + hartLayout.fflags)), () => this.#makeDirty());
    return asI64(result);
  }

  pure(fn: PureFunction, a: I64, b: I64): I64 {
    return asI64(this.body.let(call(I64Type, this.#c.functions.pure(fn), expr(a), expr(b))));
  }

  system(op: SystemOp): void {
    const { system, systemNumber } = this.#c.functions;
    this.#c.sync();
    const outcome = call(ValueType.i32, system, this.#c.ip, i32.const(systemNumber(op)));
    this.body.if(outcome, () => this.#c.redirect());
  }
}
