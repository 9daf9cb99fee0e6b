import { inlineFloat } from "../../float/index.ts";
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
import { constant64, type Expression, type FunctionBody, f64, i32, i64, local, ValueType } from "../../wasm/index.ts";
import { csrAnswer } from "../interpreter/csrFunctions.ts";
import { HartWords } from "../interpreter/hartWords.ts";
import { amoKinds, loadKinds, storeKinds } from "../interpreter/memoryKinds.ts";
import { asI64, expr, WasmMeaning } from "../interpreter/wasmMeaning.ts";
import { hartLayout, systemWatch } from "../layout.ts";
import type { PlannedGroup } from "./accessGroups.ts";
import type { AddressPaths, HostPlace } from "./addressPaths.ts";
import { accessPlainCsr, type CsrUse, leastPrivilege, type TrapOp, trapOps } from "./csr.ts";
import type { ExitReason } from "./layout.ts";
import type { PathState } from "./pathState.ts";
import type { Placed } from "./region.ts";
import type { FunctionName } from "./sharedFunctions.ts";

/** The locals of a region's function. */
export interface RegionLocals {
  /** Address of the hart's block: the function's first parameter. */
  readonly hart: Expression;
  /** The virtual address of the page of the entry. */
  readonly base: Expression;
  readonly dataContext: Expression;
  /** Scratch for one access: its address and its TLB entry. */
  readonly va: Expression;
  readonly entry: Expression;
  /** i64 by register; f64 by register, raw bits. */
  readonly x: readonly Expression[];
  readonly f: readonly Expression[];
  /** i32: floating point is on and dirty; NX is raised; the dynamic rounding mode is to nearest. */
  readonly floatOn: Expression;
  readonly floatInexact: Expression;
  readonly floatNearest: Expression;
}

/** What meanings need of whoever emits the region. */
export interface RegionContext {
  readonly body: FunctionBody;
  readonly locals: RegionLocals;
  readonly paths: AddressPaths;
  readonly exitAtAccesses: boolean;
  /** Whether the host's multiply-add rounds once. */
  readonly hasFusedMadd: boolean;
  /** The bits that an address in a CSR can have. */
  readonly pcMask: bigint;
  /** Leaves the region before the instruction at hand. */
  exit(reason: ExitReason): void;
  /** Leaves it behind that instruction, for everything to be looked at anew. */
  exitBehind(): void;
  /** Writes pc and the fuel for the hart, as they are while the instruction at hand is executed. */
  sync(): void;
  /** Reads again whether floating point is on. */
  readFloatState(): void;
  /** What the instruction at hand does with a CSR. */
  csrUse(placed: Placed): CsrUse | undefined;
  /** A local for the place of a group of accesses, for as long as the path goes on. */
  hostLocal(): Expression;
  /** Calls a function that all regions share. */
  callShared(name: FunctionName, ...args: Expression[]): Expression;
}

/** Where an instruction hands control to. */
export type Control =
  | { readonly kind: "branch"; readonly condition: Expression }
  | { readonly kind: "jump" }
  | { readonly kind: "indirect"; readonly target: Expression };

/** The meaning of one instruction of a region: operands are known, registers are locals. */
export class TranslatorMeaning extends WasmMeaning {
  readonly #c: RegionContext;
  readonly #placed: Placed;
  readonly #state: PathState;
  readonly #group: PlannedGroup | undefined;
  readonly #late: (() => void)[] = [];
  control: Control | undefined;

  constructor(context: RegionContext, placed: Placed, state: PathState, group: PlannedGroup | undefined) {
    super(context.body);
    this.#c = context;
    this.#placed = placed;
    this.#state = state;
    this.#group = group;
  }

  operands(): Operands {
    const { rd, rs1, rs2, rs3, imm, rm } = this.#placed.decoded;
    return { rd, rs1, rs2, rs3, imm: i64.const(imm), offset: imm, rm } as unknown as Operands;
  }

  /** Leaves the region unless floating point is on and dirty. */
  requireFloat(): void {
    if (this.#state.floatReady) return;
    this.body.if(i32.eqz(this.#c.locals.floatOn), () => this.#c.exit("floatState"));
    this.#state.floatReady = true;
  }

  /** Writes the results back. */
  finish(): void {
    for (const write of this.#late) write();
  }

  x(r: XReg): I64 {
    const register = r as unknown as number;
    if (register === 0) return asI64(i64.const(0));
    return asI64(this.#state.known(register) ?? this.#local(this.#c.locals.x, register));
  }

  #local(locals: readonly Expression[], register: number): Expression {
    const local = locals[register];
    if (local === undefined) throw new Error(`${this.#placed.decoded.def.name} uses register ${register} unannounced`);
    return local;
  }

  setX(r: XReg, value: I64): void {
    const register = r as unknown as number;
    if (register === 0) return;
    this.#late.push(() => {
      this.body.set(this.#local(this.#c.locals.x, register), expr(value));
      this.#state.written(register, expr(value), this.#isPlace(expr(value)));
    });
  }

  /** Whether a value is the region's page or a constant distance from it. */
  #isPlace(value: Expression): boolean {
    const { base } = this.#c.locals;
    return (
      value === base || (value.operands[0] === base && value.opcode === placeOpcode && isConstant(value.operands[1]))
    );
  }

  f(r: FReg): I64 {
    return asI64(i64.reinterpret(this.#local(this.#c.locals.f, r as unknown as number)));
  }

  setF(r: FReg, value: I64): void {
    this.#late.push(() => {
      this.body.set(this.#local(this.#c.locals.f, r as unknown as number), f64.reinterpret(expr(value)));
    });
  }

  reg(index: number): XReg & FReg {
    return index as unknown as XReg & FReg;
  }

  pc(): I64 {
    return asI64(i64.add(this.#c.locals.base, i64.const(this.#placed.offset)));
  }

  nextPc(): I64 {
    return asI64(i64.add(this.#c.locals.base, i64.const(this.#placed.offset + this.#placed.decoded.length)));
  }

  /** Where an access is: its own way, or that of the group which it belongs to, and its distance from there. */
  #place(size: number, writes: boolean, address: Expression): HostPlace {
    const { rs1, imm } = this.#placed.decoded;
    const open = this.#state.group(rs1, imm, imm + size, writes);
    if (open !== undefined) return { host: open.host, offset: open.offset + imm - open.from };
    if (this.#group === undefined) return this.#way().one(address, size, writes);
    const { from, to, writes: writable } = this.#group;
    const first = i64.add(this.x(rs1 as unknown as XReg) as unknown as Expression, i64.const(from));
    const place = this.#way().several(first, to - from, writable);
    const host = this.#c.hostLocal();
    this.body.set(host, place.host);
    this.#state.addGroup(rs1, { from, to, writable, host, offset: place.offset });
    return { host, offset: place.offset + imm - from };
  }

  #way(): AddressPaths {
    if (this.#c.exitAtAccesses) this.#c.exit("access");
    return this.#c.paths;
  }

  load(kind: LoadKind, addr: I64): I64 {
    const form = loadKinds[kind];
    const { host, offset } = this.#place(form.size, false, expr(addr));
    return asI64(form.load(host, offset));
  }

  store(kind: StoreKind, addr: I64, value: I64): void {
    const { size, form } = storeKinds[kind];
    const { host, offset } = this.#place(size, true, expr(addr));
    this.body.store(form, host, expr(value), offset);
  }

  amo(width: AmoWidth, addr: I64, update: (old: I64) => I64): I64 {
    const load = loadKinds[amoKinds[width].load];
    const store = storeKinds[amoKinds[width].store];
    const place = this.#way().one(expr(addr), store.size, true);
    const host = this.body.let(place.host);
    const old = asI64(this.body.let(load.load(host, place.offset)));
    this.body.store(store.form, host, expr(update(old)), place.offset);
    return old;
  }

  branch(condition: I32, _offset: Offset): void {
    this.control = { kind: "branch", condition: expr(condition) };
  }

  jumpRel(): void {
    this.control = { kind: "jump" };
  }

  jump(target: I64): void {
    this.control = { kind: "indirect", target: expr(target) };
  }

  float(op: FloatOp, format: FloatFormat, rm: RoundingMode | undefined, ...operands: I64[]): I64 {
    const { body } = this;
    const { hart, floatInexact, floatNearest } = this.#c.locals;
    const inputs = [0, 1, 2].map((n) => (operands[n] === undefined ? i64.const(0) : this.#named(expr(operands[n]))));
    const field = rm as unknown as number | undefined;
    if (field !== 7 && (field ?? 0) > 4) this.#c.exit("system");
    const call = (mode: Expression) => this.#c.callShared(`${op}.${format}`, hart, ...inputs, mode);
    const nearest = field === 7 || field === undefined;
    const inlined = inlineFloat(body, op, format, {
      operands: [...inputs, i32.const(nearest ? 0 : field)],
      inexact: floatInexact,
      assumption: field === 7 ? floatNearest : undefined,
      hasFusedMadd: this.#c.hasFusedMadd,
      call: () => {
        const result = body.let(call(this.#roundingMode(field)));
        body.set(floatInexact, i32.and(i32.load(hart, hartLayout.fflags), i32.const(1)));
        return result;
      },
    });
    return asI64(inlined ?? body.let(call(this.#roundingMode(field))));
  }

  /** The rounding mode of a field; an invalid dynamic one is left to the interpreter. */
  #roundingMode(field: number | undefined): Expression {
    if (field !== 7) return i32.const(field ?? 0);
    const mode = this.body.let(i32.load(this.#c.locals.hart, hartLayout.frm));
    this.body.if(i32.gtU(mode, i32.const(4)), () => this.#c.exit("system"));
    return mode;
  }

  /** A value that may be read more than once. */
  #named(value: Expression): Expression {
    const isLocal = (e: Expression) => e.index !== undefined && e.operands.length === 0;
    const isCheap = isConstant(value) || isLocal(value) || (value.operands.length === 1 && isReinterpreted(value));
    return isCheap ? value : this.body.let(value);
  }

  pure(fn: PureFunction, a: I64, b: I64): I64 {
    return asI64(this.body.let(this.#c.callShared(fn, expr(a), expr(b))));
  }

  /**
   * Accesses to the CSRs that generated code knows, and what changes the privilege, which ends the region; regions end
   * before all else that only the hart can execute.
   */
  system(op: SystemOp): void {
    const trap = trapOps.indexOf(op as TrapOp);
    if (trap < 0) this.#csr();
    else {
      this.#c.sync();
      const isDone = this.#c.callShared("trap", this.#c.locals.hart, i32.const(trap));
      this.body.if(i32.eqz(isDone), () => this.#c.exit("system"));
    }
  }

  #csr(): void {
    const { body } = this;
    const { hart, x } = this.#c.locals;
    const use = this.#c.csrUse(this.#placed);
    if (use === undefined) throw new Error(`${this.#placed.decoded.def.name} inside a region`);
    const { number, action, register, immediate, changesStatus } = use;
    const { rd } = this.#placed.decoded;
    const value = register === undefined ? i64.const(immediate) : expr(this.x(register as unknown as XReg));
    if (use.plain !== undefined) {
      const words = new HartWords(body, hart);
      this.#requirePrivilege(words, leastPrivilege(number));
      this.#setOld(rd, accessPlainCsr(body, words, use, value, this.#c.pcMask));
      return;
    }
    this.#c.sync();
    const answer = body.let(this.#c.callShared("csr", hart, i32.const(number), i32.const(action), value));
    const old = i64.load(hart, hartLayout.value);
    body.if(answer, () => {
      body.if(i32.gtU(answer, i32.const(csrAnswer.changed)), () => this.#c.exit("system"));
      if (rd !== 0) body.set(this.#local(x, rd), old);
      this.#c.exitBehind();
    });
    if (changesStatus) {
      this.#c.readFloatState();
      this.#state.floatReady = false;
    }
    this.#setOld(rd, old);
  }

  /** Leaves the region where the privilege is too low, or somebody wants to see such instructions. */
  #requirePrivilege(words: HartWords, least: number): void {
    if (this.#state.privilege >= least) return;
    const isLow = i32.ltU(words.low("priv"), i32.const(least));
    const isWatched = i32.and(words.i32("systemWatch"), i32.const(systemWatch.instructions));
    this.body.if(i32.or(isLow, isWatched), () => this.#c.exit("system"));
    this.#state.privilege = least;
  }

  #setOld(rd: number, old: Expression): void {
    if (rd === 0) return;
    const register = this.#local(this.#c.locals.x, rd);
    this.body.set(register, old);
    this.#state.written(rd, register, false);
  }
}

const placeOpcode = i64.add(local(ValueType.i64, 0), i64.const(1)).opcode;
const reinterpretOpcode = i64.reinterpret(local(ValueType.f64, 0)).opcode;
/** Whether a value is the bits of a register. */
const isReinterpreted = ({ opcode, operands: [of] }: Expression): boolean =>
  opcode === reinterpretOpcode && of.index !== undefined && of.operands.length === 0;
const isConstant = (e: Expression): boolean => constant64(e) !== undefined;
