import { constant32, type Expression, type FunctionBody, i32, i64, type Label, ValueType } from "../../wasm/index.ts";
import { csrLength } from "../interpreter/csrFunctions.ts";
import { opShift } from "../interpreter/opFormat.ts";
import { hartLayout } from "../layout.ts";
import { planGroups } from "./accessGroups.ts";
import { type AddressPaths, FlatPaths, TlbPaths } from "./addressPaths.ts";
import { csrUse } from "./csr.ts";
import { analyseFlow, type Flow } from "./flow.ts";
import { type FrameOptions, RegionFrame } from "./frame.ts";
import type { JumpTable } from "./jumpTables.ts";
import { type ExitReason, translatorLayout } from "./layout.ts";
import { PathState } from "./pathState.ts";
import type { Block, Placed, Region } from "./region.ts";
import type { FunctionName } from "./sharedFunctions.ts";
import { type Control, type RegionContext, TranslatorMeaning } from "./translatorMeaning.ts";

const { i32: I32 } = ValueType;

/** Parameters and result of a region's function: (hart's block, fuel) → fuel left and bits of `regionResult`. */
export const regionSignature = { params: [I32, I32], results: [I32] } as const;

/** What a region is emitted for. */
export interface EmitOptions extends FrameOptions {
  readonly alignedTargets: boolean;
  /** Whether the host's multiply-add rounds once. */
  readonly hasFusedMadd: boolean;
  /** The bits that an address in a CSR can have. */
  readonly pcMask: bigint;
  /** Leave before every access to memory. */
  readonly exitAtAccesses: boolean;
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
  readonly #frame: RegionFrame;
  readonly #loops: Label[] = [];
  readonly #afterBlocks: Label[] = [];
  /** Locals for the places of access groups; those of a subtree are free again after it. */
  readonly #hosts: Expression[] = [];
  #hostsUsed = 0;
  #leave!: Label;
  #at: ExitPlace = { offset: 0, pending: 0 };
  readonly #context: RegionContext;

  constructor(body: FunctionBody, options: EmitOptions) {
    this.#body = body;
    this.#options = options;
    this.#region = options.region;
    const { blocks, entry } = options.region;
    const tables = blocks.filter(({ end }) => end === "table");
    const successors = blocks.map((block) => (block.end === "table" ? [] : inside(block)));
    this.#flow = analyseFlow(successors, entry, tables.flatMap(inside));
    this.#frame = new RegionFrame(body, options);
    this.#context = {
      body,
      locals: this.#frame.locals,
      paths: this.#paths(),
      exitAtAccesses: options.exitAtAccesses,
      hasFusedMadd: options.hasFusedMadd,
      pcMask: options.pcMask,
      exit: (reason) => this.#exit(reason, this.#at),
      exitBehind: () => this.#exit("changed", { offset: this.#at.offset + csrLength, pending: this.#at.pending + 1 }),
      sync: () => this.#sync(),
      readFloatState: () => this.#frame.readFloatState(),
      csrUse: ({ decoded }) => csrUse(decoded, options.handlers),
      hostLocal: () => this.#hostLocal(),
      callShared: options.callShared,
    };
  }

  #paths(): AddressPaths {
    const { flat, fastTlb } = this.#options;
    const { dataContext, va, entry } = this.#frame.locals;
    const leave = () => this.#exit("access", this.#at);
    const context = { body: this.#body, dataContext, va, entry, leave };
    return flat === undefined ? new TlbPaths(context, fastTlb) : new FlatPaths(context, flat.memory);
  }

  emit(): void {
    const body = this.#body;
    body.if(i32.ltS(this.#frame.fuel, i32.const(this.#region.instructions)), () => body.return(this.#frame.fuel));
    this.#frame.enter();
    body.block((leave) => {
      this.#leave = leave;
      this.#tree(this.#flow.root, new PathState());
      body.unreachable();
    });
    this.#frame.writeBack();
  }

  /** What the hart's functions need to know of where it is: pc, and the fuel without the instruction at hand. */
  #sync(): void {
    const { hart, base } = this.#frame.locals;
    const { offset, pending } = this.#at;
    this.#body.store("i64", hart, i64.add(base, i64.const(offset)), hartLayout.pc);
    this.#body.store("i32", hart, i32.sub(this.#frame.fuel, i32.const(pending + 1)), hartLayout.fuel);
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
      this.#body.branchTable(this.#frame.next, labels, this.#leave);
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
      this.#body.set(this.#frame.pc, control.target);
      if (this.#options.alignedTargets) {
        this.#body.if(i32.and(i32.wrap(this.#frame.pc), i32.const(2)), () => this.#exit("system", this.#at));
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
      case "trap":
        this.#body.set(this.#frame.pc, i64.load(this.#frame.locals.hart, hartLayout.pc));
        this.#exitToPc("changed", state.pending);
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
    const place = i64.add(this.#frame.locals.base, i64.const(offset));
    this.#body.if(i64.ne(this.#frame.pc, place), () => this.#exitToTarget(block, state.pending));
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
      const distance = body.let(i64.sub(i64.sub(this.#frame.pc, this.#frame.locals.base), i64.const(table.from)));
      body.if(i64.ltU(distance, i64.const(table.span)), () => {
        body.set(this.#frame.next, i32.load8U(i32.shrU(i32.wrap(distance), i32.const(1)), table.address));
        body.if(i32.ne(this.#frame.next, i32.const(255)), () => {
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
    body.set(this.#frame.next, i32.load(i32.const(0), ringPosition));
    body.store("i32", this.#frame.next, i32.const(op), ring);
    body.store("i64", this.#frame.next, this.#frame.pc, ring + 8);
    const position = i32.and(i32.add(this.#frame.next, i32.const(16)), i32.const(ringEntries * 16 - 1));
    body.store("i32", i32.const(0), position, ringPosition);
    this.#exitToPc("target", pending);
  }

  #hasFuel(): Expression {
    return i32.geS(this.#frame.fuel, i32.const(this.#region.instructions));
  }

  #takeFuel(state: PathState): void {
    if (state.pending > 0) this.#body.set(this.#frame.fuel, i32.sub(this.#frame.fuel, i32.const(state.pending)));
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
        body.set(this.#frame.next, i32.const(flow.dispatched.indexOf(to.block)));
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
      const isMapped = this.#frame.mapped.get(page);
      if (isMapped === undefined || from.pages.includes(page)) continue;
      this.#body.if(i32.eqz(isMapped), () => {
        if (offset === "target") this.#exitToPc("remapped", pending);
        else this.#exit("remapped", { offset, pending });
      });
    }
  }

  #exit(reason: ExitReason, { offset, pending }: ExitPlace): void {
    this.#frame.leave(reason, pending, offset);
    this.#body.branch(this.#leave);
  }

  /** Leaves the region for the address in `pc`. */
  #exitToPc(reason: ExitReason, pending: number): void {
    this.#frame.leave(reason, pending);
    this.#body.branch(this.#leave);
  }
}

function inside(block: Block): number[] {
  return block.exits.map((exit) => exit.block).filter((number) => number >= 0);
}
