import type { PhysicalMemory } from "../memory/physical.ts";
import { type Mode, pagesOfLevel } from "../mmu/modes.ts";
import { ppnOf, pteA, pteD, pteFields, pteG, pteN, pteV } from "../mmu/pte.ts";
import type { Tlb } from "../mmu/tlb.ts";
import { offsetIn } from "../mmu/walk.ts";
import { entryKind, isNapotLeaf } from "./entryKind.ts";

/** What a set of page tables is made of. */
export interface PageTablesOptions {
  readonly memory: PhysicalMemory;
  /** Sv39, Sv48 or Sv57. */
  readonly mode: Mode;
  /** Physical address of the root table. */
  readonly root: number;
  /** The address space in the TLBs; undefined: every one, as for a kernel whose tables all address spaces share. */
  readonly asid?: number | undefined;
  /** Every hart's TLB. */
  readonly harts?: readonly { readonly tlb: Tlb }[];
}

const napotPages = 16;
const pteBytes = 8;
const tableEntries = 512;

/**
 * Page tables in guest memory, with the one setter through which the walk API changes their entries: it writes what
 * the MMU's walker will read, and drops from every hart's TLBs what the change makes stale, and nothing else.
 *
 * Addresses of virtual pages are page numbers below 2^(vaBits - 12), without sign extension.
 */
export class PageTables {
  readonly memory: PhysicalMemory;
  readonly mode: Mode;
  readonly root: number;
  readonly asid: number | undefined;
  readonly harts: readonly { readonly tlb: Tlb }[];
  /** The level of the root table: 2, 3 or 4. */
  readonly rootLevel: number;
  /** Pages that there are addresses for. */
  readonly #pages: number;
  readonly #words: Int32Array;
  readonly #wordOffset: number;

  constructor(options: PageTablesOptions) {
    const { memory, mode, root } = options;
    if (mode.levels === 0) throw new RangeError("page tables need a mode that translates: Sv39, Sv48 or Sv57");
    if (root % 4096 !== 0 || !memory.isRam(root, 4096)) {
      throw new RangeError(`a root table at 0x${root.toString(16)}: an aligned page of RAM is needed`);
    }
    this.memory = memory;
    this.mode = mode;
    this.root = root;
    this.asid = options.asid;
    this.harts = options.harts ?? [];
    this.rootLevel = mode.levels - 1;
    this.#pages = 2 ** (mode.vaBits - 12);
    this.#words = new Int32Array(memory.memory.buffer);
    this.#wordOffset = (memory.hostBase - memory.ramBase) / 4;
  }

  /** The halves of the entry at a physical address in RAM. */
  low(pa: number): number {
    return this.#words[this.#wordOffset + pa / 4];
  }

  high(pa: number): number {
    return this.#words[this.#wordOffset + pa / 4 + 1];
  }

  /** A table as 1024 words (entry i is words 2i and 2i + 1): guest memory itself, for reading many entries fast. */
  tableWords(table: number): Int32Array {
    const first = this.#wordOffset + table / 4;
    return this.#words.subarray(first, first + 2 * tableEntries);
  }

  /** The physical address of the table that an entry points to, or -1: it points to none that can be walked. */
  tableOf(lo: number, hi: number, level: number): number {
    return entryKind(lo, hi, level, this.memory) === "table" ? ppnOf(lo, hi) * 4096 : -1;
  }

  /** The virtual address of a page number. */
  addressOf(vpn: number): bigint {
    return BigInt.asUintN(64, BigInt.asIntN(this.mode.vaBits, BigInt(vpn) << 12n));
  }

  /** The page number of an address, canonical or not: its bits above the mode's are ignored. */
  vpnOf(va: bigint): number {
    const address = Number(va);
    // exact, without making bigints
    if (address >= 0 && address < 2 ** 53) return offsetIn(Math.floor(address / 4096), this.#pages);
    return Number(BigInt.asUintN(this.mode.vaBits, va) >> 12n);
  }

  /**
   * Sets the entry at `pa`, which maps from `vpn` at `level`. A page of a 64 KiB leaf (Svnapot) that changes alone
   * makes sixteen 4 KiB leaves of it first: a hart may use any of the sixteen entries for all of its pages.
   */
  set(pa: number, level: number, vpn: number, lo: number, hi: number): void {
    const oldLo = this.low(pa);
    const oldHi = this.high(pa);
    if (oldLo === (lo | 0) && oldHi === (hi | 0)) return;
    if (level === 0 && isNapotLeaf(oldLo, oldHi)) {
      this.#unfold(pa);
      if (isNapotLeaf(lo, hi) && ppnOf(lo, hi) === ppnOf(oldLo, oldHi)) {
        hi = this.high(pa) & ~pteN;
        lo = (this.low(pa) & ppnLow) | (lo & ~ppnLow);
      }
    }
    this.memory.writePair(pa, lo, hi);
    this.#flush(level, vpn, oldLo, oldHi);
  }

  /** Sets `count` entries in a row alike: a 64 KiB leaf as a whole. */
  setRun(pa: number, count: number, vpn: number, lo: number, hi: number): void {
    const oldLo = this.low(pa);
    const oldHi = this.high(pa);
    for (let i = 0; i < count; i++) this.memory.writePair(pa + i * pteBytes, lo, hi);
    if ((oldLo & pteV) === 0) return;
    if (isNapotLeaf(oldLo, oldHi)) this.#flush(0, vpn, oldLo, oldHi);
    else for (let i = 0; i < count; i++) this.#flush(0, vpn + i, oldLo, oldHi);
  }

  /** Sixteen entries of a 64 KiB leaf become leaves of 4 KiB, that were used if any of the sixteen was. */
  #unfold(pa: number): void {
    const first = pa - (pa % (napotPages * pteBytes));
    let used = 0;
    const isPart = (at: number) => isNapotLeaf(this.low(at), this.high(at));
    for (let i = 0; i < napotPages; i++) {
      const at = first + i * pteBytes;
      if (isPart(at)) used |= this.low(at) & (pteA | pteD);
    }
    for (let i = 0; i < napotPages; i++) {
      const at = first + i * pteBytes;
      if (!isPart(at)) continue;
      const lo = this.low(at);
      const napot = (napotPages - 1) << pteFields.ppn.at;
      this.memory.writePair(at, (lo & ~napot) | (i << pteFields.ppn.at) | used, this.high(at) & ~pteN);
    }
  }

  /** Drops what the harts' TLBs may hold of an entry that was (oldLo, oldHi). They hold nothing of one with V=0. */
  #flush(level: number, vpn: number, oldLo: number, oldHi: number): void {
    if ((oldLo & pteV) === 0 || this.harts.length === 0) return;
    const isGlobal = (oldLo & pteG) !== 0 || this.#isGlobalAbove(level, vpn);
    const asid = isGlobal ? undefined : this.asid;
    const wide = this.#widePage(vpn);
    if (entryKind(oldLo, oldHi, level, this.memory) === "table") {
      for (const { tlb } of this.harts) tlb.dropRange(wide, pagesOfLevel[level], asid);
      return;
    }
    const lo = (wide % 2 ** 20) * 4096;
    const hi = Math.floor(wide / 2 ** 20);
    for (const { tlb } of this.harts) tlb.dropVa(lo | 0, hi, asid);
  }

  /** A page number sign-extended to the 45 bits that TLBs compare. */
  #widePage(vpn: number): number {
    return vpn >= this.#pages / 2 ? vpn - this.#pages + 2 ** 45 : vpn;
  }

  /** Whether an entry above this level on the way to a page has G: then all below it is global. */
  #isGlobalAbove(level: number, vpn: number): boolean {
    let table = this.root;
    for (let at = this.rootLevel; at > level; at--) {
      const pa = table + offsetIn(Math.floor(vpn / pagesOfLevel[at]), tableEntries) * pteBytes;
      const lo = this.low(pa);
      if ((lo & pteG) !== 0) return true;
      table = this.tableOf(lo, this.high(pa), at);
      if (table < 0) return false;
    }
    return false;
  }
}

const ppnLow = -1 << pteFields.ppn.at;
