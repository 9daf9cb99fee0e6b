import { slot } from "./csr/slots.ts";
import { contextIndex, contextSets, hartLayout } from "./layout.ts";
import { dataPrivilege } from "./regime.ts";
import type { HartState } from "./state.ts";

/**
 * The fast TLB contexts that generated code may choose by itself when privilege, mstatus or satp change: those that the MMU
 * has chosen before. A set for each of the last few values of satp, and the one context of M-mode.
 */
export class ContextTable {
  readonly #state: HartState;
  /** The hart's block. */
  readonly #words: Int32Array;
  /** The set that is given up next. */
  #next = 0;

  constructor(state: HartState) {
    this.#state = state;
    this.#words = new Int32Array(state.memory.buffer, state.base, hartLayout.scratchOps / 4);
    this.#words.fill(0, hartLayout.machineContext / 4, hartLayout.scratchOps / 4);
  }

  /** Remembers the contexts that the MMU has chosen for privilege, mstatus and satp as they are, and puts them in force. */
  put(fetchContext: number, dataContext: number): void {
    const words = this.#words;
    const { csrHalves, priv } = this.#state;
    const status = csrHalves[2 * slot.mstatus];
    const further = (((status >>> 18) & 1) << contextIndex.sum) | (((status >>> 19) & 1) << contextIndex.mxr);
    const set = this.#set(csrHalves[2 * slot.satp], csrHalves[2 * slot.satp + 1]);
    words[hartLayout.contextSet / 4] = this.#state.base + set;
    this.#remember(set, priv, 0, fetchContext);
    this.#remember(set, dataPrivilege(this.#state), further, dataContext);
    words[hartLayout.fetchContext / 4] = fetchContext;
    words[hartLayout.dataContext / 4] = dataContext;
    words[hartLayout.contextNews / 4] = 0;
  }

  /** Whether generated code has put other contexts in force since the last {@link put}. */
  get hasNews(): boolean {
    return this.#words[hartLayout.contextNews / 4] !== 0;
  }

  /** A context stands for something else from now on. */
  forget(address: number): void {
    const words = this.#words;
    for (let set = 0; set < contextSets.count; set++) {
      const first = (hartLayout.contextSets + set * contextSets.bytes + contextSets.contexts) / 4;
      for (let at = first; at < first + contextSets.perSet; at++) if (words[at] === address) words[at] = 0;
    }
    if (words[hartLayout.machineContext / 4] === address) words[hartLayout.machineContext / 4] = 0;
  }

  #remember(set: number, privilege: number, further: number, context: number): void {
    const at = (set + contextSets.contexts) / 4 + ((privilege << contextIndex.priv) | further);
    this.#words[privilege === 3 ? hartLayout.machineContext / 4 : at] = context;
  }

  /** The offset of the set of a value of satp; a new one takes the place of another. */
  #set(lo: number, hi: number): number {
    const words = this.#words;
    for (let n = 0; n < contextSets.count; n++) {
      const at = hartLayout.contextSets + n * contextSets.bytes;
      if (words[at / 4] === lo && words[at / 4 + 1] === hi) return at;
    }
    const at = hartLayout.contextSets + this.#next * contextSets.bytes;
    this.#next = (this.#next + 1) % contextSets.count;
    words.fill(0, at / 4, (at + contextSets.bytes) / 4);
    words[at / 4] = lo;
    words[at / 4 + 1] = hi;
    return at;
  }
}
