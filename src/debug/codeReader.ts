import { type Hart, hartLayout } from "../cpu/index.ts";
import { fastEntry } from "../mmu/index.ts";

/** What {@link CodeReader.read} says where there is no code. */
export const noCode = -1;

/**
 * Reads the instruction that a hart is about to execute, without any effect, as fast as may be: where the engine's own
 * fetch array knows the page, it is taken from there; else from the TLB or, where that has nothing, by a walk.
 */
export class CodeReader {
  readonly #hart: Hart;
  readonly #words: Int32Array;
  readonly #view: DataView;

  constructor(hart: Hart) {
    this.#hart = hart;
    this.#view = hart.physical.view;
    this.#words = new Int32Array(hart.physical.memory.buffer);
  }

  /** The 16 or 32 bits at an address, unsigned, or {@link noCode} where a fetch would trap. */
  read(pcLo: number, pcHi: number): number {
    const at = this.#hostOf(pcLo, pcHi);
    if (at < 0) return noCode;
    const low = this.#view.getUint16(at, true);
    if ((low & 3) !== 3) return low;
    if ((pcLo & 0xfff) !== 0xffe) return this.#view.getUint32(at, true);
    const nextLo = (pcLo + 2) | 0;
    const next = this.#hostOf(nextLo, nextLo === 0 ? (pcHi + 1) | 0 : pcHi);
    return next < 0 ? noCode : (low | (this.#view.getUint16(next, true) << 16)) >>> 0;
  }

  /** Where two bytes of code are in the WebAssembly memory, or a negative number. */
  #hostOf(lo: number, hi: number): number {
    const { mmu, code, state, physical } = this.#hart;
    const words = this.#words;
    const { fetch, fetchEntries } = mmu.fast.layout;
    const context = words[(state.base + hartLayout.fetchContext) >> 2];
    const entry = (context + fetch + ((lo >>> 12) & (fetchEntries - 1)) * fastEntry.bytes) >> 2;
    if (words[entry] === (lo & -4096) && words[entry + 1] === hi) {
      return physical.hostOf(code.physicalOf(words[entry + (fastEntry.addend >> 2)])) + (lo & 0xfff);
    }
    const va = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
    const { tlb, outcome, pa } = mmu.explain(va, "fetch");
    const known = tlb === undefined ? (outcome === "translated" ? pa : undefined) : tlb.pa + (va - tlb.va);
    if (known === undefined || !physical.isRam(Number(known), 2)) return noCode;
    return physical.hostOf(Number(known));
  }
}
