import type { Decoded } from "../../isa/index.ts";

/** An instruction in its place: its offset from the page of the region's entry. */
export interface Placed {
  readonly offset: number;
  readonly decoded: Decoded;
}

/** The calls that lead to a copy of a function's body: bodies are copied to where they are called. */
export interface CallContext {
  readonly id: number;
  readonly caller: CallContext | undefined;
  readonly depth: number;
  /** Where the call goes, and where it returns to. */
  readonly callee: number;
  readonly returnTo: number;
}

/**
 * How a block ends: it falls into the next; a branch (successors: taken, not taken); a jump or call to a known place; an
 * indirect jump to the one place that is expected, or to one of several; a jump out of the region; a trap or a return from
 * one; an instruction, at `stopAt`, that the region does not execute.
 */
export type BlockEnd = "fall" | "branch" | "jump" | "expect" | "table" | "leave" | "trap" | "stop";

export interface Block {
  readonly context: CallContext;
  readonly offset: number;
  readonly instructions: readonly Placed[];
  readonly end: BlockEnd;
  /** Where it goes on: offsets, and the numbers of blocks there or -1 where that is outside the region. */
  readonly exits: readonly { readonly offset: number; readonly block: number }[];
  readonly stopAt: number;
  /** Whether there is an instruction there; otherwise its page is not known. */
  readonly stopIsKnown: boolean;
  /** Pages that its instructions lie in, counted from the entry's. */
  readonly pages: readonly number[];
}

export interface Region {
  readonly blocks: readonly Block[];
  /** The number of the first block. */
  readonly entry: number;
  readonly instructions: number;
  /**
   * What the region takes for granted from how the code has behaved so far, as offsets: indirect jumps whose targets were
   * guessed, and places that were left out because hardly any jump has come to them.
   */
  readonly guessed: ReadonlySet<number>;
  /** Whether all of its code leads back to the entry. */
  readonly isLoop: boolean;
}
