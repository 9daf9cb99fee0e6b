import { translatorLayout } from "./layout.ts";

/** A byte for each even offset from `from` on, `span` bytes of code: which of the dispatched blocks is there, or 255. */
export interface JumpTable {
  readonly address: number;
  readonly from: number;
  readonly span: number;
}

/** Indirect jumps whose targets are further apart than this have no table. */
const widestTable = 1 << 16;

/** The memory for the tables of indirect jumps. What a region had is used again only when all are dropped. */
export class JumpTables {
  readonly #bytes: Uint8Array;
  #used = 0;

  constructor(memory: WebAssembly.Memory) {
    this.#bytes = new Uint8Array(memory.buffer, translatorLayout.jumpTables, translatorLayout.jumpTableBytes);
  }

  /** Makes a table from offsets to numbers; undefined if there is nothing to put there, or no room. */
  make(entries: ReadonlyMap<number, number>): JumpTable | undefined {
    if (entries.size === 0) return undefined;
    const offsets = [...entries.keys()];
    const from = Math.min(...offsets);
    const span = Math.max(...offsets) - from + 2;
    const size = span / 2;
    if (span > widestTable || this.#used + size > this.#bytes.length) return undefined;
    const start = this.#used;
    this.#used += size;
    this.#bytes.fill(255, start, start + size);
    for (const [offset, number] of entries) this.#bytes[start + (offset - from) / 2] = number;
    return { address: translatorLayout.jumpTables + start, from, span };
  }

  /** Forgets all tables. */
  clear(): void {
    this.#used = 0;
  }
}
