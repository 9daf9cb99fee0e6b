import type { Decoded } from "../../isa/index.ts";
import type { FastLayout } from "../../mmu/index.ts";
import { type Expression, type FunctionBody, f64, i32, i64, select, ValueType } from "../../wasm/index.ts";
import { csrOffset } from "../csr/slots.ts";
import type { HandlerTable } from "../interpreter/handlerTable.ts";
import { hartLayout } from "../layout.ts";
import type { FlatMemory } from "./addressPaths.ts";
import { type ExitReason, exitBits, exitReasons, firstFreeReason, regionResult, translatorLayout } from "./layout.ts";
import type { Region } from "./region.ts";
import { type RegisterUse, registersOf } from "./registers.ts";
import type { RegionLocals } from "./translatorMeaning.ts";

const { i32: I32, i64: I64, f64: F64 } = ValueType;

/** What a frame needs of those who ask for a region. */
export interface FrameOptions {
  readonly region: Region;
  readonly handlers: HandlerTable;
  readonly fastTlb: FastLayout;
  /** For a region that is to run only where memory is flat (see {@link FastLayout}): memory, and the op at its entry. */
  readonly flat: { readonly memory: FlatMemory; readonly op: number } | undefined;
  /** The address of the page of ops of a page of the region, counted from the entry's. */
  readonly opPage: (page: number) => number;
}

/** What a region takes from the hart when it begins, and gives back when it is left: registers, pc, fuel; its locals. */
export class RegionFrame {
  readonly locals: RegionLocals;
  readonly fuel: Expression;
  /** Where an indirect jump goes. */
  readonly pc: Expression;
  /** How control leaves: {@link exitBits}. */
  readonly exit: Expression;
  /** Which of the dispatched blocks comes next. */
  readonly next: Expression;
  /** By page, counted from the entry's: whether it is still where it was. */
  readonly mapped = new Map<number, Expression>();
  readonly #body: FunctionBody;
  readonly #options: FrameOptions;
  readonly #registers: RegisterUse;
  readonly #usesFloat: boolean;
  /** Whether it is left for computed addresses. */
  #jumps = false;
  /** Whether it may change what the interpreter knows of the hart. */
  #changes = false;

  constructor(body: FunctionBody, options: FrameOptions) {
    this.#body = body;
    this.#options = options;
    this.#registers = registersOf(options.region, options.handlers);
    this.fuel = body.param(1);
    this.pc = body.local(I64);
    this.exit = body.local(I64);
    this.next = body.local(I32);
    this.locals = this.#makeLocals();
    this.#usesFloat = this.#some(({ def }) => options.handlers.usesFloat(def));
  }

  #makeLocals(): RegionLocals {
    const body = this.#body;
    const { x, f } = this.#registers;
    const registers = (used: readonly number[], type: ValueType) => {
      const locals: Expression[] = [];
      for (const register of used) locals[register] = body.local(type);
      return locals;
    };
    return {
      hart: body.param(0),
      base: body.local(I64),
      dataContext: body.local(I32),
      va: body.local(I64),
      entry: body.local(I32),
      floatOn: body.local(I32),
      floatInexact: body.local(I32),
      floatNearest: body.local(I32),
      x: registers(x, I64),
      f: registers(f, F64),
    };
  }

  /** Reads what the region needs of the hart. */
  enter(): void {
    const body = this.#body;
    const { hart, base, dataContext, x, f } = this.locals;
    body.set(base, i64.and(i64.load(hart, hartLayout.pc), i64.const(~0xfff)));
    body.set(dataContext, i32.load(hart, hartLayout.dataContext));
    this.#checkFlat();
    x.forEach((local, register) => {
      body.set(local, i64.load(hart, hartLayout.x + 8 * register));
    });
    f.forEach((local, register) => {
      body.set(local, f64.load(hart, hartLayout.f + 8 * register));
    });
    this.readFloatState();
    this.#checkPages();
  }

  /** Says that the region does not fit, and does nothing, where it is made for flat memory and that is not so. */
  #checkFlat(): void {
    const { flat, fastTlb } = this.#options;
    if (flat === undefined) return;
    this.#body.if(i32.eqz(i32.load(this.locals.dataContext, fastTlb.flat)), () => {
      this.#body.store("i32", i32.const(0), i32.const(flat.op), translatorLayout.misfit);
      this.#body.return(this.fuel);
    });
  }

  /** Reads whether floating point is on, and how it rounds, if the region has any. */
  readFloatState(): void {
    if (!this.#usesFloat) return;
    const body = this.#body;
    const { hart, floatOn, floatInexact, floatNearest } = this.locals;
    const status = i32.and(i32.load(hart, csrOffset("mstatus")), i32.const(0x6000));
    body.set(floatOn, i32.eq(status, i32.const(0x6000)));
    body.set(floatInexact, i32.and(i32.load(hart, hartLayout.fflags), i32.const(1)));
    body.set(floatNearest, i32.eqz(i32.load(hart, hartLayout.frm)));
  }

  /** Looks the region's other pages up in the fetch TLB: nothing inside a region can change what is there. */
  #checkPages(): void {
    const body = this.#body;
    const { fetch, fetchEntries } = this.#options.fastTlb;
    const { hart, base, va, entry } = this.locals;
    const pages = new Set(this.#options.region.blocks.flatMap((block) => block.pages));
    pages.delete(0);
    for (const page of pages) {
      const isMapped = body.local(I32);
      body.set(va, i64.add(base, i64.const(page * 4096)));
      const index = i32.and(i32.wrap(i64.shrU(va, i64.const(8))), i32.const((fetchEntries - 1) << 4));
      body.set(entry, i32.add(i32.load(hart, hartLayout.fetchContext), index));
      const isSamePage = i32.eq(i32.load(entry, fetch + 8), i32.const(this.#options.opPage(page)));
      body.set(isMapped, i32.and(i64.eq(i64.load(entry, fetch), va), isSamePage));
      this.mapped.set(page, isMapped);
    }
  }

  /** Notes that control leaves for an offset, or, without one, for the address in `pc`; it must then go to {@link writeBack}. */
  leave(reason: ExitReason, pending: number, offset?: number): void {
    if (pending > exitBits.mostPending) throw new Error(`${pending} instructions before an exit`);
    if (offset === undefined) this.#jumps = true;
    if (reason === "changed") this.#changes = true;
    const computed = offset === undefined ? exitBits.computed : 0;
    const low = exitReasons.indexOf(reason) + computed + pending * 2 ** exitBits.pending;
    this.#body.setInteger(this.exit, low + (offset ?? 0) * 2 ** exitBits.offset);
  }

  /** Everything that the region wrote goes back to the hart, and the way out is counted. */
  writeBack(): void {
    const body = this.#body;
    const { hart, x, f } = this.locals;
    const { writtenX, writtenF } = this.#registers;
    for (const register of writtenX) body.store("i64", hart, x[register], hartLayout.x + 8 * register);
    for (const register of writtenF) body.store("f64", hart, f[register], hartLayout.f + 8 * register);
    const exit = body.let(i32.wrap(this.exit));
    const place = i64.add(this.locals.base, i64.shrS(this.exit, i64.const(exitBits.offset)));
    const isComputed = i32.and(exit, i32.const(exitBits.computed));
    body.store("i64", hart, this.#jumps ? select(isComputed, this.pc, place) : place, hartLayout.pc);
    const pending = i32.and(i32.shrU(exit, i32.const(exitBits.pending)), i32.const(exitBits.mostPending));
    body.set(this.fuel, i32.sub(this.fuel, pending));
    const reason = body.let(i32.and(exit, i32.const(exitBits.reason)));
    const counter = body.let(i32.add(hart, i32.shl(reason, i32.const(3))));
    const count = i64.add(i64.load(counter, hartLayout.regionExits), i64.const(1));
    body.store("i64", counter, count, hartLayout.regionExits);
    const isEarly = i32.ltU(reason, i32.const(firstFreeReason));
    const left = i32.or(this.fuel, i32.shl(isEarly, i32.const(regionResult.early)));
    if (!this.#changes) body.return(left);
    else {
      const isChanged = i32.eq(reason, i32.const(exitReasons.indexOf("changed")));
      body.return(i32.or(left, i32.shl(isChanged, i32.const(regionResult.changed))));
    }
  }

  /** Whether one of the instructions passes a test. */
  #some(test: (decoded: Decoded) => boolean): boolean {
    return this.#options.region.blocks.some(({ instructions }) => instructions.some(({ decoded }) => test(decoded)));
  }
}
