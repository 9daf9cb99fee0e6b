import type { Decoded } from "../../isa/index.ts";
import type { Effects } from "../../isa/record.ts";
import type { HandlerTable } from "../interpreter/handlerTable.ts";
import type { MappedCode } from "./code.ts";
import { csrUse, trapOp } from "./csr.ts";
import type { Block, BlockEnd, CallContext, Placed, Region } from "./region.ts";

/** How large regions get. */
export interface RegionLimits {
  readonly instructions: number;
  /** Bodies up to so many instructions are copied to where they are called, in so many levels. */
  readonly callee: number;
  readonly depth: number;
}

/** Of code that comes back to its entry, and of code that is only gone through. */
const loopLimits: RegionLimits = { instructions: 600, callee: 100, depth: 6 };
const straightLimits: RegionLimits = { instructions: 300, callee: 200, depth: 4 };

/** The region that begins at an offset; undefined when there is nothing to translate. */
export function findRegion(options: RegionOptions, entry: number): Region | undefined {
  const finder = new RegionFinder(options, entry, loopLimits);
  const first = finder.find("loop");
  const returns = finder.ownReturns;
  const loop = returns.length === 0 ? first : new RegionFinder(options, entry, loopLimits, returns).find("loop");
  return loop ?? new RegionFinder(options, entry, straightLimits).find("any");
}

/** The longest block. */
const longestBlock = 150;

/** Where indirect jumps went, by the offset of the jump. */
export type Targets = (offset: number) => readonly number[];

/** Where regions are looked for. */
export interface RegionOptions {
  readonly code: MappedCode;
  readonly handlers: HandlerTable;
  readonly targets: Targets;
  /** Whether control has hardly ever come to an offset by a jump. */
  readonly isCold: (offset: number) => boolean;
  /** Jump targets must be multiples of 4 (no C extension). */
  readonly alignedTargets: boolean;
}

/** A place in a region's graph, before or after its block is made. */
interface Place {
  readonly context: CallContext;
  readonly offset: number;
}

interface Draft {
  readonly place: Place;
  readonly instructions: Placed[];
  readonly end: BlockEnd;
  readonly next: readonly Place[];
  readonly stopAt: number;
}

/**
 * Finds the region that begins at an offset: the code that can be reached from there, as far as it is known and fits; if
 * some of it leads back to the entry, only that.
 */
class RegionFinder {
  readonly #code: MappedCode;
  readonly #handlers: HandlerTable;
  readonly #targets: Targets;
  readonly #isCold: (offset: number) => boolean;
  readonly #limits: RegionLimits;
  readonly #entry: number;
  readonly #root: CallContext;
  readonly #contexts = new Map<string, CallContext>();
  readonly #sizes = new Map<number, number>();

  readonly #alignedTargets: boolean;
  readonly #guessed = new Set<number>();
  /** Where the function returns to that the region begins in, when it has called itself: found now, and before. */
  readonly #returns = new Set<number>();
  readonly #returnsTo: readonly number[];

  constructor(options: RegionOptions, entry: number, limits: RegionLimits, returnsTo: readonly number[] = []) {
    this.#returnsTo = returnsTo;
    this.#code = options.code;
    this.#handlers = options.handlers;
    this.#entry = entry;
    this.#targets = options.targets;
    this.#isCold = options.isCold;
    this.#limits = limits;
    this.#alignedTargets = options.alignedTargets;
    this.#root = { id: 0, caller: undefined, depth: 0, callee: entry, returnTo: Number.NaN };
  }

  /** Where the function that begins at the entry returns to when it has called itself; known once a region was found. */
  get ownReturns(): readonly number[] {
    return [...this.#returns];
  }

  /** The region; undefined when there is nothing to translate at the entry, or it is no loop and one is wanted. */
  find(wanted: "loop" | "any"): Region | undefined {
    const leaders = this.#findLeaders();
    const drafts = new Map<number, Draft>();
    for (const [key, place] of leaders) drafts.set(key, this.#draft(place, leaders));
    const first = drafts.get(keyOf({ context: this.#root, offset: this.#entry }));
    if (first === undefined || first.instructions.length === (first.end === "trap" ? 1 : 0)) return undefined;
    const back = leadingBack(drafts, keyOf(first.place));
    const isLoop = back.size > 0;
    if (wanted === "loop" && !isLoop) return undefined;
    const kept = isLoop ? back : new Set(drafts.keys());
    const numbers = new Map([...kept].map((key, n) => [key, n]));
    const blocks = [...kept].map((key) => this.#finish(drafts.get(key)!, numbers));
    const instructions = blocks.reduce((sum, block) => sum + block.instructions.length, 0);
    return { blocks, entry: numbers.get(keyOf(first.place))!, instructions, guessed: this.#guessed, isLoop };
  }

  /** Where blocks begin: breadth first, until there are instructions enough. */
  #findLeaders(): Map<number, Place> {
    const leaders = new Map<number, Place>();
    const seen = new Set<number>();
    const queue: Place[] = [{ context: this.#root, offset: this.#entry }];
    let count = 0;
    for (let at = 0; at < queue.length; at++) {
      const place = queue[at];
      const key = keyOf(place);
      if (leaders.has(key)) continue;
      if (!seen.has(key) && count >= this.#limits.instructions) continue;
      leaders.set(key, place);
      let { offset } = place;
      for (let length = 0; !seen.has(keyOf({ context: place.context, offset })); length++) {
        const decoded = this.#translatable(offset);
        if (decoded === undefined) break;
        if (length === longestBlock || (length > 0 && startsPage(offset))) {
          queue.push({ context: place.context, offset });
          break;
        }
        seen.add(keyOf({ context: place.context, offset }));
        count++;
        const end = this.#endOf({ context: place.context, offset }, decoded);
        if (end !== undefined) {
          const isRare = end.end === "branch" && this.#isColdTarget(end.next[0].offset);
          queue.push(...(isRare ? end.next.slice(1) : end.next));
          break;
        }
        offset += decoded.length;
      }
    }
    return leaders;
  }

  /** Whether a region does better to leave where control goes to a place. That it does so is a guess. */
  #isColdTarget(offset: number): boolean {
    if (!this.#isCold(offset)) return false;
    this.#guessed.add(offset);
    return true;
  }

  #draft(place: Place, leaders: ReadonlyMap<number, Place>): Draft {
    const { context } = place;
    const instructions: Placed[] = [];
    for (let { offset } = place; ; ) {
      const decoded = this.#translatable(offset);
      if (decoded === undefined) return { place, instructions, end: "stop", next: [], stopAt: offset };
      instructions.push({ offset, decoded });
      const found = this.#endOf({ context, offset }, decoded);
      if (found !== undefined) return { place, instructions, end: found.end, next: found.next, stopAt: offset };
      offset += decoded.length;
      const next = { context, offset };
      if (leaders.has(keyOf(next)) || instructions.length >= longestBlock || startsPage(offset)) {
        return { place, instructions, end: "fall", next: [next], stopAt: offset };
      }
    }
  }

  #finish(draft: Draft, numbers: ReadonlyMap<number, number>): Block {
    const { place, instructions, end, next, stopAt } = draft;
    const exits = next.map((to) => ({ offset: to.offset, block: numbers.get(keyOf(to)) ?? -1 }));
    return {
      context: place.context,
      offset: place.offset,
      instructions,
      end,
      exits,
      stopAt,
      stopIsKnown: end === "stop" && this.#code.at(stopAt) !== undefined,
      pages: pagesOf(instructions),
    };
  }

  #effects(decoded: Decoded): Effects {
    return this.#handlers.effects(decoded.def);
  }

  /** The instruction at an offset, if regions execute it. */
  #translatable(offset: number): Decoded | undefined {
    const decoded = this.#code.at(offset);
    if (decoded === undefined) return undefined;
    const kind = this.#effects(decoded).class;
    const traps = this.#alignedTargets && (kind === "branch" || kind === "jump") && (decoded.imm & 2) !== 0;
    return traps || this.#isForeign(decoded) ? undefined : decoded;
  }

  /** Whether only the interpreter executes it. */
  #isForeign(decoded: Decoded): boolean {
    if (this.#effects(decoded).class !== "system") return false;
    return csrUse(decoded, this.#handlers) === undefined && trapOp(decoded, this.#handlers) === undefined;
  }

  /** How the block ends that has this instruction; undefined if it goes on. */
  #endOf(place: Place, decoded: Decoded): { end: BlockEnd; next: Place[] } | undefined {
    const { context, offset } = place;
    const after = offset + decoded.length;
    switch (this.#effects(decoded).class) {
      case "sequential":
        return undefined;
      case "system":
        return trapOp(decoded, this.#handlers) === undefined ? undefined : { end: "trap", next: [] };
      case "branch":
        return {
          end: "branch",
          next: [
            { context, offset: offset + decoded.imm },
            { context, offset: after },
          ],
        };
      case "jump":
        return this.#directJump(place, offset + decoded.imm, decoded);
      case "indirect": {
        const target = this.#constantTarget(place, decoded);
        return target === undefined ? this.#indirectJump(place, decoded) : this.#directJump(place, target, decoded);
      }
    }
  }

  #directJump({ context, offset }: Place, target: number, decoded: Decoded): { end: BlockEnd; next: Place[] } {
    if (decoded.rd === 0) {
      if (this.#isColdTarget(target)) return { end: "leave", next: [] };
      return { end: "jump", next: [{ context, offset: target }] };
    }
    if (target === this.#entry && context === this.#root) {
      // the function calls itself: what comes back from there comes back here
      this.#returns.add(offset + decoded.length);
      return { end: "jump", next: [{ context, offset: target }] };
    }
    const callee = this.#isColdTarget(target)
      ? undefined
      : this.#call(context, offset, target, offset + decoded.length);
    return callee === undefined ? { end: "leave", next: [] } : { end: "jump", next: [callee] };
  }

  /** The target of a jalr whose base the instruction before it has made from pc. */
  #constantTarget({ offset }: Place, decoded: Decoded): number | undefined {
    const before = this.#code.at(offset - 4);
    if (before?.def.name !== "auipc" || before.rd !== decoded.rs1 || decoded.rs1 === 0) return undefined;
    return (offset - 4 + before.imm + decoded.imm) & ~1;
  }

  #indirectJump({ context, offset }: Place, decoded: Decoded): { end: BlockEnd; next: Place[] } {
    const isReturn = decoded.rd === 0 && isLink(decoded.rs1);
    if (isReturn && context.caller !== undefined) {
      return { end: "expect", next: [{ context: context.caller, offset: context.returnTo }] };
    }
    if (isReturn) return this.#ownReturn();
    this.#guessed.add(offset);
    const targets = this.#targets(offset);
    if (decoded.rd !== 0) {
      const callee = targets.length === 1 && this.#call(context, offset, targets[0], offset + decoded.length);
      return callee ? { end: "expect", next: [callee] } : { end: "leave", next: [] };
    }
    const next = targets.map((target) => ({ context, offset: target }));
    return { end: next.length === 0 ? "leave" : next.length === 1 ? "expect" : "table", next };
  }

  /** A return from the function that the region began in: to where it called itself, or out. */
  #ownReturn(): { end: BlockEnd; next: Place[] } {
    const next = this.#returnsTo.map((offset) => ({ context: this.#root, offset }));
    return { end: next.length === 0 ? "leave" : next.length === 1 ? "expect" : "table", next };
  }

  /** The first place of a callee's copy, if it is to be copied. */
  #call(caller: CallContext, site: number, callee: number, returnTo: number): Place | undefined {
    if (caller.depth >= this.#limits.depth || callee === this.#entry) return undefined;
    for (let c: CallContext | undefined = caller; c !== undefined; c = c.caller) {
      if (c.callee === callee) return undefined;
    }
    if (this.#bodySize(callee) > this.#limits.callee) return undefined;
    const name = `${caller.id}:${site}:${callee}`;
    let context = this.#contexts.get(name);
    if (context === undefined) {
      context = { id: this.#contexts.size + 1, caller, depth: caller.depth + 1, callee, returnTo };
      this.#contexts.set(name, context);
    }
    return { context, offset: callee };
  }

  /** Instructions of a function's body, calls not followed; not counted much further than the limit. */
  #bodySize(callee: number): number {
    const known = this.#sizes.get(callee);
    if (known !== undefined) return known;
    const seen = new Set<number>();
    const queue = [callee];
    while (queue.length > 0 && seen.size <= this.#limits.callee) {
      let offset = queue.pop()!;
      while (!seen.has(offset)) {
        const decoded = this.#code.at(offset);
        if (decoded === undefined) break;
        seen.add(offset);
        const kind = this.#effects(decoded).class;
        if (kind === "branch" && !this.#isCold(offset + decoded.imm)) queue.push(offset + decoded.imm);
        if (this.#isForeign(decoded) || (kind === "indirect" && decoded.rd === 0)) break;
        if (kind === "system" && trapOp(decoded, this.#handlers) !== undefined) break;
        if (kind === "jump" && this.#isCold(offset + decoded.imm)) break;
        offset += kind === "jump" && decoded.rd === 0 ? decoded.imm : decoded.length;
      }
    }
    this.#sizes.set(callee, seen.size);
    return seen.size;
  }
}

/** The pages of a block's instructions: the one it begins in, and the next if its last instruction ends there. */
function pagesOf(instructions: readonly Placed[]): number[] {
  const last = instructions.at(-1);
  if (last === undefined) return [];
  const first = instructions[0].offset >> 12;
  const end = (last.offset + last.decoded.length - 1) >> 12;
  return first === end ? [first] : [first, end];
}

/** Blocks end where a page does. */
function startsPage(offset: number): boolean {
  return (offset & 0xfff) === 0;
}

/** Return-address registers, as the calling convention has it (jalr's hints in the specification). */
function isLink(register: number): boolean {
  return register === 1 || register === 5;
}

/** A number for a place: contexts are few, and offsets have 29 bits. */
function keyOf({ context, offset }: Place): number {
  return context.id * 2 ** 30 + offset + 2 ** 29;
}

/** The blocks from which the entry can be reached again, and the entry; nothing if there are none such. */
function leadingBack(drafts: ReadonlyMap<number, Draft>, entry: number): ReadonlySet<number> {
  const predecessors = new Map<number, number[]>();
  for (const [key, { next }] of drafts) {
    for (const to of next) {
      const list = predecessors.get(keyOf(to));
      if (list === undefined) predecessors.set(keyOf(to), [key]);
      else list.push(key);
    }
  }
  const kept = new Set<number>();
  const stack = [...(predecessors.get(entry) ?? [])];
  while (stack.length > 0) {
    const key = stack.pop()!;
    if (kept.has(key)) continue;
    kept.add(key);
    stack.push(...(predecessors.get(key) ?? []));
  }
  if (kept.size > 0) kept.add(entry);
  return kept;
}
