import type { Isa } from "../../isa/index.ts";
import type { FastLayout } from "../../mmu/index.ts";
import type { HandlerTable } from "./handlerTable.ts";

/** What one hart's interpreter is made for. */
export interface InterpreterOptions {
  readonly isa: Isa;
  readonly handlers: HandlerTable;
  /** Address of the hart's block (layout.ts). */
  readonly hart: number;
  readonly fastTlb: FastLayout;
  /** Count every load and store, for exact TLB statistics. */
  readonly countAccesses: boolean;
  /** No C extension: jump targets must be multiples of 4. */
  readonly alignedTargets: boolean;
  /** Count jumps to find what is worth translating, and call what was translated; 0: no translator, else how often a
   * jump must come to an instruction before it is thought hot. */
  readonly hotAfter: number;
}
