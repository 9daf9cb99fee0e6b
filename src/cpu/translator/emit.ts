import type { Decoded } from "../../isa/index.ts";
import type { FastLayout } from "../../mmu/index.ts";
import {
  constant32,
  type Expression,
  type FunctionBody,
  f64,
  i32,
  i64,
  type Label,
  ValueType,
} from "../../wasm/index.ts";
import { csrOffset } from "../csr/slots.ts";
import { csrLength } from "../interpreter/csrFunctions.ts";
import type { HandlerTable } from "../interpreter/handlerTable.ts";
import { opShift } from "../interpreter/opFormat.ts";
import { hartLayout } from "../layout.ts";
import { planGroups } from "./accessGroups.ts";
import { csrUse } from "./csr.ts";
import { analyseFlow, type Flow } from "./flow.ts";
import type { JumpTable } from "./jumpTables.ts";
import { type ExitReason, exitReasons, firstFreeReason, regionResult, translatorLayout } from "./layout.ts";
import { PathState } from "./pathState.ts";
import type { Block, Placed, Region } from "./region.ts";
import { type RegisterUse, registersOf } from "./registers.ts";
import type { FunctionName } from "./sharedFunctions.ts";
import { type Control, type RegionContext, type RegionLocals, TranslatorMeaning } from "./translatorMeaning.ts";

const { i32: I32, i64: I64, f64: F64 } = ValueType;

/** Parameters and result of a region's function: (hart's block, fuel) → fuel left and bits of `regionResult`. */
export const regionSignature = { params: [I32, I32], results: [I32] } as const;

/** What a region is emitted for. */
export interface EmitOptions {
  readonly region: Region;
  readonly handlers: HandlerTable;
  readonly fastTlb: FastLayout;
  readonly alignedTargets: boolean;
  /** Leave before every access to memory. */
  readonly exitAtAccesses: boolean;
  /** The address of the page of ops of a page of the region, counted from the entry's. */
  readonly opPage: (page: number) => number;
  /** Makes a table that says to which of several places an indirect jump goes. */
  readonly jumpTable: (entries: ReadonlyMap<number, number>) => JumpTable | undefined;
  /** Calls a function that regions share. */
  readonly callShared: (name: FunctionName, ...args: Expression[]) => Expression;
}

/** Writes a region's function: registers into locals, the blocks as structured code, what was written back out. */
export function emitRegion(body: FunctionBody, options: EmitOptions): void {
  new RegionEmitter(body, options).emit();
}

/** An exit's place, and the instructions to take from the fuel there. */
interface ExitPlace {
  readonly offset: number;
  readonly pending: number;
}

class RegionEmitter {
  readonly #body: FunctionBody;
  readonly #options: EmitOptions;
  readonly #region: Region;
  readonly #flow: Flow;
  readonly #registers: RegisterUse;
  readonly #locals: RegionLocals;
  readonly #fuel: Expression;
  /** Where control goes, when it leaves. */
  readonly #pc: Expression;
  readonly #reason: Expression;
  /** Which of the dispatched blocks comes next. */
  readonly #next: Expression;
  /** By page, counted from the entry's: whether it is still where it was. */
  readonly #mapped = new Map<number, Expression>();
  readonly #loops: Label[] = [];
  readonly #afterBlocks: Label[] = [];
  /** Locals for the places of access groups; those of a subtree are free again after it. */
  readonly #hosts: Expression[] = [];
  #hostsUsed = 0;
  #leave!: Label;
  #at: ExitPlace = { offset: 0, pending: 0 };
  readonly #context: RegionContext;
  readonly #usesFloat: boolean;

  constructor(body: FunctionBody, options: EmitOptions) {
    this.#body = body;
    this.#options = options;
    this.#region = options.region;
    const { blocks, entry } = options.region;
    const tables = blocks.filter(({ end }) => end === "table");
    const successors = blocks.map((block) => (block.end === "table" ? [] : inside(block)));
    this.#flow = analyseFlow(successors, entry, tables.flatMap(inside));
    this.#fuel = body.param(1);
    this.#pc = body.local(I64);
    this.#reason = body.local(I32);
    this.#next = body.local(I32);
    this.#registers = registersOf(options.region, options.handlers);
    this.#locals = this.#makeLocals();
    this.#usesFloat = this.#some(({ def }) => options.handlers.usesFloat(def));
    this.#context = {
      body,
      locals: this.#locals,
      fastTlb: options.fastTlb,
      exitAtAccesses: options.exitAtAccesses,
      exit: (reason) => this.#exit(reason, this.#at),
      exitBehind: () => this.#exit("changed", { offset: this.#at.offset + csrLength, pending: this.#at.pending + 1 }),
      sync: () => this.#sync(),
      readFloatState: () => {
        if (this.#usesFloat) this.#readFloatState();
      },
      csrUse: ({ decoded }) => csrUse(decoded, options.handlers),
      hostLocal: () => this.#hostLocal(),
      callShared: options.callShared,
    };
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

  emit(): void {
    const body = this.#body;
    body.if(i32.ltS(this.#fuel, i32.const(this.#region.instructions)), () => body.return(this.#fuel));
    this.#enter();
    body.block((leave) => {
      this.#leave = leave;
      this.#tree(this.#flow.root, new PathState());
      body.unreachable();
    });
    this.#writeBack();
  }

  /** Reads what the region needs of the hart. */
  #enter(): void {
    const body = this.#body;
    const { hart, base, dataContext, x, f } = this.#locals;
    body.set(base, i64.and(i64.load(hart, hartLayout.pc), i64.const(~0xfff)));
    body.set(dataContext, i32.load(hart, hartLayout.dataContext));
    x.forEach((local, register) => {
      body.set(local, i64.load(hart, hartLayout.x + 8 * register));
    });
    f.forEach((local, register) => {
      body.set(local, f64.load(hart, hartLayout.f + 8 * register));
    });
    if (this.#usesFloat) this.#readFloatState();
    this.#checkPages();
  }

  #readFloatState(): void {
    const body = this.#body;
    const { hart, floatOn, floatInexact, floatNearest } = this.#locals;
    const status = i32.and(i32.load(hart, csrOffset("mstatus")), i32.const(0x6000));
    body.set(floatOn, i32.eq(status, i32.const(0x6000)));
    body.set(floatInexact, i32.and(i32.load(hart, hartLayout.fflags), i32.const(1)));
    body.set(floatNearest, i32.eqz(i32.load(hart, hartLayout.frm)));
  }

  /** What the hart's functions need to know of where it is: pc, and the fuel without the instruction at hand. */
  #sync(): void {
    const { hart, base } = this.#locals;
    const { offset, pending } = this.#at;
    this.#body.store("i64", hart, i64.add(base, i64.const(offset)), hartLayout.pc);
    this.#body.store("i32", hart, i32.sub(this.#fuel, i32.const(pending + 1)), hartLayout.fuel);
  }

  /** Whether one of the instructions passes a test. */
  #some(test: (decoded: Decoded) => boolean): boolean {
    return this.#region.blocks.some(({ instructions }) => instructions.some(({ decoded }) => test(decoded)));
  }

  /** Looks the region's other pages up in the fetch TLB: nothing inside a region can change what is there. */
  #checkPages(): void {
    const body = this.#body;
    const { fetch, fetchEntries } = this.#options.fastTlb;
    const { hart, base, va, entry } = this.#locals;
    const pages = new Set(this.#region.blocks.flatMap((block) => block.pages));
    pages.delete(0);
    for (const page of pages) {
      const isMapped = body.local(I32);
      body.set(va, i64.add(base, i64.const(page * 4096)));
      const index = i32.and(i32.wrap(i64.shrU(va, i64.const(8))), i32.const((fetchEntries - 1) << 4));
      body.set(entry, i32.add(i32.load(hart, hartLayout.fetchContext), index));
      const isSamePage = i32.eq(i32.load(entry, fetch + 8), i32.const(this.#options.opPage(page)));
      body.set(isMapped, i32.and(i64.eq(i64.load(entry, fetch), va), isSamePage));
      this.#mapped.set(page, isMapped);
    }
  }

  /** Everything that the region wrote goes back to the hart, and the way out is counted. */
  #writeBack(): void {
    const body = this.#body;
    const { hart, x, f } = this.#locals;
    const { writtenX, writtenF } = this.#registers;
    for (const register of writtenX) body.store("i64", hart, x[register], hartLayout.x + 8 * register);
    for (const register of writtenF) body.store("f64", hart, f[register], hartLayout.f + 8 * register);
    body.store("i64", hart, this.#pc, hartLayout.pc);
    const counter = body.let(i32.add(hart, i32.shl(this.#reason, i32.const(3))));
    const count = i64.add(i64.load(counter, hartLayout.regionExits), i64.const(1));
    body.store("i64", counter, count, hartLayout.regionExits);
    const isEarly = i32.ltU(this.#reason, i32.const(firstFreeReason));
    const left = i32.or(this.#fuel, i32.shl(isEarly, i32.const(regionResult.early)));
    const { handlers } = this.#options;
    if (!this.#some((decoded) => csrUse(decoded, handlers) !== undefined)) body.return(left);
    else {
      const isChanged = i32.eq(this.#reason, i32.const(exitReasons.indexOf("changed")));
      body.return(i32.or(left, i32.shl(isChanged, i32.const(regionResult.changed))));
    }
  }

  #hostLocal(): Expression {
    if (this.#hostsUsed === this.#hosts.length) this.#hosts.push(this.#body.lasting(I32));
    return this.#hosts[this.#hostsUsed++];
  }

  /** A node and all that it dominates. Control never comes to the end of it. */
  #tree(node: number, state: PathState): void {
    const used = this.#hostsUsed;
    if (!this.#flow.isLoop(node)) this.#withMerges(node, state);
    else {
      this.#takeFuel(state);
      this.#body.loop((start) => {
        this.#loops[node] = start;
        this.#withMerges(node, new PathState());
      });
    }
    this.#hostsUsed = used;
  }

  /** A node inside the blocks that its merges follow: each is branched to by leaving a block. */
  #withMerges(node: number, state: PathState): void {
    const merges = this.#flow.merges[node];
    const within = (k: number): void => {
      if (k < 0) {
        this.#node(node, state);
        return;
      }
      this.#body.block((end) => {
        this.#afterBlocks[merges[k]] = end;
        within(k - 1);
      });
      this.#tree(merges[k], new PathState());
    };
    within(merges.length - 1);
  }

  #node(node: number, state: PathState): void {
    const { root, dispatched } = this.#flow;
    if (node !== root) this.#block(node, state);
    else if (dispatched.length === 1) this.#tree(dispatched[0], state);
    else {
      const labels = dispatched.map((block) => this.#afterBlocks[block]);
      this.#body.branchTable(this.#next, labels, this.#leave);
    }
  }

  #block(node: number, state: PathState): void {
    const block = this.#region.blocks[node];
    const groups = planGroups(block.instructions, this.#options.handlers);
    let control: Control | undefined;
    block.instructions.forEach((placed, n) => {
      this.#body.scope(() => {
        this.#at = { offset: placed.offset, pending: state.pending };
        const meaning = new TranslatorMeaning(this.#context, placed, state, groups.get(n));
        control = this.#instruction(placed, meaning);
      });
      state.pending++;
    });
    this.#end(node, block, state, control);
  }

  #instruction({ decoded }: Placed, meaning: TranslatorMeaning): Control | undefined {
    if (this.#options.handlers.usesFloat(decoded.def)) meaning.requireFloat();
    decoded.def.meaning(meaning, meaning.operands());
    const { control } = meaning;
    if (control?.kind === "indirect") {
      this.#body.set(this.#pc, control.target);
      if (this.#options.alignedTargets) {
        this.#body.if(i32.and(i32.wrap(this.#pc), i32.const(2)), () => this.#exit("system", this.#at));
      }
    }
    meaning.finish();
    return control;
  }

  /** Hands control on at the end of a block. */
  #end(node: number, block: Block, state: PathState, control: Control | undefined): void {
    const last = block.instructions.at(-1);
    switch (block.end) {
      case "fall":
      case "jump":
        this.#goTo(node, block.exits[0], state);
        break;
      case "branch":
        this.#branch(node, block, state, control);
        break;
      case "expect":
        this.#expect(node, block, state);
        break;
      case "table":
        this.#table(block, state);
        break;
      case "leave":
        if (control?.kind === "indirect") this.#exitToPc("left", state.pending);
        else this.#exit("left", { offset: last!.offset + last!.decoded.imm, pending: state.pending });
        break;
      case "stop":
        this.#exit(block.stopIsKnown ? "system" : "left", { offset: block.stopAt, pending: state.pending });
    }
  }

  #branch(node: number, block: Block, state: PathState, control: Control | undefined): void {
    if (control?.kind !== "branch") throw new Error("a branch without a condition");
    const [taken, next] = block.exits;
    const known = constant32(control.condition);
    if (known !== undefined) {
      this.#goTo(node, known !== 0 ? taken : next, state);
      return;
    }
    this.#body.if(control.condition, () => this.#goTo(node, taken, new PathState(state)));
    this.#goTo(node, next, state);
  }

  /** An indirect jump to the one place that it has gone to so far. */
  #expect(node: number, block: Block, state: PathState): void {
    const { offset } = block.exits[0];
    const place = i64.add(this.#locals.base, i64.const(offset));
    this.#body.if(i64.ne(this.#pc, place), () => this.#exitToTarget(block, state.pending));
    this.#goTo(node, block.exits[0], state);
  }

  /** An indirect jump to one of several places: a byte says which block. */
  #table(block: Block, state: PathState): void {
    const body = this.#body;
    const entries = new Map<number, number>();
    for (const { offset, block: to } of block.exits) {
      const index = this.#flow.dispatched.indexOf(to);
      if (index >= 0 && index < 255) entries.set(offset, index);
    }
    const table = this.#options.jumpTable(entries);
    this.#takeFuel(state);
    if (table !== undefined) {
      this.#guardPages(block, inside(block), 0, "target");
      const distance = body.let(i64.sub(i64.sub(this.#pc, this.#locals.base), i64.const(table.from)));
      body.if(i64.ltU(distance, i64.const(table.span)), () => {
        body.set(this.#next, i32.load8U(i32.shrU(i32.wrap(distance), i32.const(1)), table.address));
        body.if(i32.ne(this.#next, i32.const(255)), () => {
          body.branchIf(this.#hasFuel(), this.#loops[this.#flow.root]);
          this.#exitToPc("fuel", 0);
        });
      });
    }
    this.#exitToTarget(block, 0);
  }

  /** Leaves for a place that an indirect jump was not expected to go to, and notes that it did. */
  #exitToTarget(block: Block, pending: number): void {
    const body = this.#body;
    const { ring, ringPosition, ringEntries } = translatorLayout;
    const { offset } = block.instructions[block.instructions.length - 1];
    const op = this.#options.opPage(offset >> 12) + ((offset & 0xfff) << opShift);
    body.set(this.#next, i32.load(i32.const(0), ringPosition));
    body.store("i32", this.#next, i32.const(op), ring);
    body.store("i64", this.#next, this.#pc, ring + 8);
    const position = i32.and(i32.add(this.#next, i32.const(16)), i32.const(ringEntries * 16 - 1));
    body.store("i32", i32.const(0), position, ringPosition);
    this.#exitToPc("target", pending);
  }

  #hasFuel(): Expression {
    return i32.geS(this.#fuel, i32.const(this.#region.instructions));
  }

  #takeFuel(state: PathState): void {
    if (state.pending > 0) this.#body.set(this.#fuel, i32.sub(this.#fuel, i32.const(state.pending)));
    state.pending = 0;
  }

  /** Goes from a block to a place, in the region or outside. */
  #goTo(from: number, to: { offset: number; block: number }, state: PathState): void {
    const body = this.#body;
    const flow = this.#flow;
    if (to.block < 0) {
      this.#exit("left", { offset: to.offset, pending: state.pending });
      return;
    }
    this.#guardPages(this.#region.blocks[from], [to.block], state.pending, to.offset);
    const isBack = flow.position[to.block] <= flow.position[from];
    if (isBack) {
      this.#takeFuel(state);
      if (flow.dominates(to.block, from)) body.branchIf(this.#hasFuel(), this.#loops[to.block]);
      else {
        body.set(this.#next, i32.const(flow.dispatched.indexOf(to.block)));
        body.branchIf(this.#hasFuel(), this.#loops[flow.root]);
      }
      this.#exit("fuel", { offset: to.offset, pending: 0 });
    } else if (flow.isMerge(to.block)) {
      this.#takeFuel(state);
      body.branch(this.#afterBlocks[to.block]);
    } else {
      this.#tree(to.block, state);
    }
  }

  /** Leaves the region if a page that some blocks need, and a block does not, is not where it was. */
  #guardPages(from: Block, to: readonly number[], pending: number, offset: number | "target"): void {
    const pages = new Set(to.flatMap((block) => this.#region.blocks[block].pages));
    for (const page of pages) {
      const isMapped = this.#mapped.get(page);
      if (isMapped === undefined || from.pages.includes(page)) continue;
      this.#body.if(i32.eqz(isMapped), () => {
        if (offset === "target") this.#exitToPc("remapped", pending);
        else this.#exit("remapped", { offset, pending });
      });
    }
  }

  #exit(reason: ExitReason, { offset, pending }: ExitPlace): void {
    this.#body.set(this.#pc, i64.add(this.#locals.base, i64.const(offset)));
    this.#exitToPc(reason, pending);
  }

  /** Leaves the region for the address in `pc`. */
  #exitToPc(reason: ExitReason, pending: number): void {
    const body = this.#body;
    if (pending > 0) body.set(this.#fuel, i32.sub(this.#fuel, i32.const(pending)));
    body.set(this.#reason, i32.const(exitReasons.indexOf(reason)));
    body.branch(this.#leave);
  }
}

function inside(block: Block): number[] {
  return block.exits.map((exit) => exit.block).filter((number) => number >= 0);
}
