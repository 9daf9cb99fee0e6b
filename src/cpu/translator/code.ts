import type { Decoded } from "../../isa/index.ts";
import { type FastLayout, fastEntry } from "../../mmu/index.ts";
import type { CodeCache } from "../codeCache.ts";
import { opShift } from "../interpreter/opFormat.ts";
import { hartLayout } from "../layout.ts";

/** What is needed of a hart to read the code that it executes. */
export interface CodeReader {
  readonly code: CodeCache;
  readonly view: DataView;
  /** Address of the hart's block. */
  readonly block: number;
  readonly fastTlb: FastLayout;
}

/**
 * Guest code as one hart sees it, by offsets from the page of a virtual address. Only pages that the fetch TLB knows
 * are seen: looking changes nothing that a guest could notice.
 */
export class MappedCode {
  readonly #reader: CodeReader;
  readonly #base: bigint;
  readonly #baseLo: number;
  readonly #baseHi: number;
  /** By page, counted from the base: the address of its page of ops, 0 where it is not known. */
  readonly #pages = new Map<number, number>();
  readonly #decoded = new Map<number, Decoded>();

  /** @param pc the address in whose page offset 0 lies */
  constructor(reader: CodeReader, pc: bigint) {
    this.#reader = reader;
    this.#base = pc & ~0xfffn;
    this.#baseLo = Number(this.#base & 0xffff_ffffn);
    this.#baseHi = Number(BigInt.asIntN(32, this.#base >> 32n));
  }

  /** The address of the page of ops of a page, 0 if the fetch TLB does not know it. */
  opPage(page: number): number {
    const known = this.#pages.get(page);
    if (known !== undefined) return known;
    const found = this.#findPage(page);
    this.#pages.set(page, found);
    return found;
  }

  #findPage(page: number): number {
    const { view, block, fastTlb, code } = this.#reader;
    const va = BigInt.asIntN(64, this.#base + (BigInt(page) << 12n));
    const index = Number((va >> 12n) & BigInt(fastTlb.fetchEntries - 1));
    const context = view.getUint32(block + hartLayout.fetchContext, true);
    const at = context + fastTlb.fetch + index * fastEntry.bytes;
    if (view.getBigInt64(at + fastEntry.tag, true) !== va) return 0;
    const opPage = view.getUint32(at + fastEntry.addend, true);
    return code.isCached(opPage) ? opPage : 0;
  }

  /** The address of the op of an offset in a known page. */
  op(offset: number): number {
    return this.opPage(offset >> 12) + ((offset & 0xfff) << opShift);
  }

  /** The physical address of an offset, which must lie in a known page. */
  physical(offset: number): number {
    return this.#reader.code.physicalOf(this.opPage(offset >> 12)) + (offset & 0xfff);
  }

  /** The instruction at an even offset; undefined where its page, or the page of its second half, is not known. */
  at(offset: number): Decoded | undefined {
    const known = this.#decoded.get(offset);
    if (known !== undefined) return known;
    const decoded = this.#decode(offset);
    if (decoded !== undefined) this.#decoded.set(offset, decoded);
    return decoded;
  }

  #decode(offset: number): Decoded | undefined {
    const low = this.#halfword(offset);
    if (low === undefined) return undefined;
    if ((low & 3) !== 3) return this.#reader.code.decode(low);
    const high = this.#halfword(offset + 2);
    return high === undefined ? undefined : this.#reader.code.decode(low | (high << 16));
  }

  #halfword(offset: number): number | undefined {
    if (this.opPage(offset >> 12) === 0) return undefined;
    const { code, view } = this.#reader;
    return view.getUint16(code.hostOf(this.physical(offset)), true);
  }

  /** The offset of an address, given in halves, from the base, if it is within some 256 MiB. */
  offsetOf(lo: number, hi: number): number | undefined {
    const distance = (hi - this.#baseHi) * 2 ** 32 + ((lo >>> 0) - this.#baseLo);
    return Math.abs(distance) < 2 ** 28 ? distance : undefined;
  }
}
