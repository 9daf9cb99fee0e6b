import type { Isa } from "../isa/index.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import type { FastLayout, TlbGeometry } from "../mmu/index.ts";
import type { CodeCache } from "./codeCache.ts";
import type { Hart } from "./hart.ts";
import type { HandlerTable } from "./interpreter/handlerTable.ts";
import type { Translator } from "./translator/translator.ts";

/** Time that is made of cycles alone: `floor(cycles / cyclesPerTick) + offset`. */
export interface SteadyTime {
  readonly cyclesPerTick: number;
  readonly offset: bigint;
}

/** Time as the machine keeps it, from a hart's own cycle count. */
export interface HartClock {
  /** How it is made, if it is made of cycles: generated code can then read it. */
  readonly steady?: SteadyTime | undefined;
  /** The `time` counter when a hart has executed so many cycles. */
  timeAt(cycles: number): bigint;
}

/** What a hart is made of. */
export interface HartOptions {
  readonly id: number;
  readonly isa: Isa;
  readonly physical: PhysicalMemory;
  readonly code: CodeCache;
  readonly handlers: HandlerTable;
  /** Address of the hart's block in the WebAssembly memory. */
  readonly block: number;
  /** Where its fast TLB begins. */
  readonly fastTlb: number;
  readonly fastLayout?: FastLayout | undefined;
  readonly geometry: TlbGeometry;
  /** A hart that nobody uses any more: what it had is used again where that is cheaper than new. */
  readonly replaces?: Hart | undefined;
  readonly clock: HartClock;
  /** Count every load and store, for exact TLB statistics. */
  readonly countAccesses: boolean;
  /** Translates what is hot; without one, everything is interpreted. */
  readonly translator?: Translator | undefined;
}
