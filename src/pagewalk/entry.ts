import { pagesOfLevel } from "../mmu/modes.ts";
import {
  type PteField,
  pbmtOf,
  ppnOf,
  pteA,
  pteD,
  pteField,
  pteFields,
  pteG,
  pteN,
  pteR,
  pteU,
  pteV,
  pteW,
  pteX,
  withPteField,
} from "../mmu/pte.ts";
import { type EntryKind, entryKind, isNapotLeaf } from "./entryKind.ts";
import type { PageTables } from "./pageTables.ts";

/** What an entry pointer points at. */
export interface EntryPlace {
  readonly tables: PageTables;
  /** Physical address of the entry. */
  readonly pa: number;
  /** 0 to 4, as the RISC-V spec counts. */
  readonly level: number;
  /** Virtual page number of the first page that the entry maps, below 2^(vaBits - 12). */
  readonly vpn: number;
}

/**
 * A pointer to a page-table entry in guest memory. Reading looks at memory anew each time; writing keeps every hart's
 * TLB coherent. Field names are those of the RISC-V specification.
 *
 * A walk hands out one object a level and moves it on: a callback that wants to keep one takes a {@link copy}.
 */
export class EntryPtr implements EntryPlace {
  // only declared: a walk makes some of these, and V8 is slow with fields that are defined before they are set
  declare readonly tables: PageTables;
  declare level: number;
  /** Physical address of the table that the entry is in, and its index there: `vpn[level]`. */
  declare inTable: number;
  declare index: number;
  /** Virtual page number where the entry's table begins to map. */
  declare tableVpn: number;
  /** Entries that are set together: 16 for a hugetlb page of 64 KiB, otherwise 1. */
  declare count: number;

  constructor(tables: PageTables, level: number, pa: number, tableVpn: number) {
    this.tables = tables;
    this.level = level;
    this.index = (pa % 4096) / 8;
    this.inTable = pa - this.index * 8;
    this.tableVpn = tableVpn;
    this.count = 1;
  }

  /** A pointer to the entry that maps a page at a level, in a table at a physical address. */
  static place(tables: PageTables, level: number, table: number, vpn: number): [PageTables, number, number, number] {
    const pages = pagesOfLevel[level];
    const index = Math.floor(vpn / pages) % 512;
    return [tables, level, table + index * 8, (Math.floor(vpn / pages) - index) * pages];
  }

  get pa(): number {
    return this.inTable + this.index * 8;
  }

  get vpn(): number {
    return this.tableVpn + this.index * pagesOfLevel[this.level];
  }

  /** The first virtual address that the entry maps. */
  get va(): bigint {
    return this.tables.addressOf(this.vpn);
  }

  /** Low and high half of the entry: reading these allocates nothing. */
  get lo(): number {
    const lo = this.tables.low(this.pa);
    return this.count === 1 ? lo : lo | this.#used();
  }

  get hi(): number {
    return this.tables.high(this.pa);
  }

  /** A and D of entries that make one page: a hart sets them in whichever it happens to read. */
  #used(): number {
    let used = 0;
    for (let i = 0; i < this.count; i++) used |= this.tables.low(this.pa + i * 8) & (pteA | pteD);
    return used;
  }

  /** The entry's 64 bits. */
  get(): bigint {
    return (BigInt(this.hi >>> 0) << 32n) | BigInt(this.lo >>> 0);
  }

  /** Writes the entry, and drops from the TLBs what it makes stale. */
  set(value: bigint): void {
    if (typeof value !== "bigint") throw new TypeError(`a page-table entry is a bigint, not ${typeof value}`);
    this.setHalves(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** {@link set}, without a bigint. */
  setHalves(lo: number, hi: number): void {
    if (this.count > 1) this.tables.setRun(this.pa, this.count, this.vpn, lo, hi);
    else this.tables.set(this.pa, this.level, this.vpn, lo, hi);
  }

  /** Makes the entry none, and returns what it was. */
  clear(): bigint {
    const old = this.get();
    this.setHalves(0, 0);
    return old;
  }

  /** The entry with fields replaced: `setFields({ w: 0, d: 0 })`. */
  setFields(fields: Partial<Record<PteField, bigint | number | boolean>>): void {
    let value = this.get();
    for (const [name, field] of Object.entries(fields)) value = withPteField(value, name as PteField, BigInt(field));
    this.set(value);
  }

  /** One field of the entry, by its name in the specification. */
  field(name: PteField): bigint {
    return pteField(this.get(), name);
  }

  /** Sets and clears bits of the low half (flags) and returns those of the bits to clear that were set. */
  changeFlags(set: number, clear: number): number {
    const lo = this.lo;
    this.setHalves((lo & ~clear) | set, this.hi);
    return lo & clear;
  }

  /** What the entry is. */
  get kind(): EntryKind {
    return entryKind(this.lo, this.hi, this.level, this.tables.memory);
  }

  /** All 64 bits are zero. */
  get isNone(): boolean {
    return (this.lo | this.hi) === 0;
  }

  /** V=1. */
  get isPresent(): boolean {
    return (this.lo & pteV) !== 0;
  }

  /** V=1 and any of R, W, X. */
  get isLeaf(): boolean {
    return (this.lo & pteV) !== 0 && (this.lo & (pteR | pteW | pteX)) !== 0;
  }

  /** A pointer to a table that can be walked. */
  get isTable(): boolean {
    return this.kind === "table";
  }

  /** Present, but no table or leaf may look like it. */
  get isBad(): boolean {
    return this.kind === "bad";
  }

  get v(): boolean {
    return (this.lo & pteV) !== 0;
  }
  get r(): boolean {
    return (this.lo & pteR) !== 0;
  }
  get w(): boolean {
    return (this.lo & pteW) !== 0;
  }
  get x(): boolean {
    return (this.lo & pteX) !== 0;
  }
  get u(): boolean {
    return (this.lo & pteU) !== 0;
  }
  get g(): boolean {
    return (this.lo & pteG) !== 0;
  }
  get a(): boolean {
    return (this.lo & pteA) !== 0;
  }
  get d(): boolean {
    return (this.lo & pteD) !== 0;
  }
  /** The two bits for software. */
  get rsw(): number {
    return (this.lo >>> pteFields.rsw.at) & 3;
  }
  /** The PPN field, as it is written: of a 64 KiB leaf its low four bits are 1000. */
  get ppn(): number {
    return ppnOf(this.lo, this.hi);
  }
  get pbmt(): number {
    return pbmtOf(this.hi);
  }
  get n(): boolean {
    return (this.hi & pteN) !== 0;
  }

  /** The first frame of the entry's span: {@link ppn}, but the page's own frame for a part of a 64 KiB leaf. */
  get pfn(): number {
    return pfnOf(this.lo, this.hi, this.level, this.index);
  }

  /** Physical address of the table that the entry points to, or -1. */
  get table(): number {
    return this.tables.tableOf(this.lo, this.hi, this.level);
  }
}

/** The frame that the page of an entry (index, level) lies in. */
export function pfnOf(lo: number, hi: number, level: number, index: number): number {
  const ppn = ppnOf(lo, hi);
  return level === 0 && isNapotLeaf(lo, hi) ? ppn - 8 + (index & 15) : ppn;
}

/** A pointer to a level-0 entry; a hugetlb walk hands out larger leaves as one, too (see {@link EntryPtr.level}). */
export class PtePtr extends EntryPtr {
  get type(): "pte" {
    return "pte";
  }
  /** A pointer that a walk does not move. */
  copy(): PtePtr {
    const copy = new PtePtr(this.tables, this.level, this.pa, this.tableVpn);
    copy.count = this.count;
    return copy;
  }
}

/** A pointer to a level-1 entry: 2 MiB. */
export class PmdPtr extends EntryPtr {
  get type(): "pmd" {
    return "pmd";
  }
  copy(): PmdPtr {
    return new PmdPtr(this.tables, this.level, this.pa, this.tableVpn);
  }
}

/** A pointer to a level-2 entry: 1 GiB. */
export class PudPtr extends EntryPtr {
  get type(): "pud" {
    return "pud";
  }
  copy(): PudPtr {
    return new PudPtr(this.tables, this.level, this.pa, this.tableVpn);
  }
}

/** A pointer to an entry of the second table of Sv57 (512 GiB); in the other modes to the root's. */
export class P4dPtr extends EntryPtr {
  get type(): "p4d" {
    return "p4d";
  }
  copy(): P4dPtr {
    return new P4dPtr(this.tables, this.level, this.pa, this.tableVpn);
  }
}

/** A pointer to an entry of the root table. */
export class PgdPtr extends EntryPtr {
  get type(): "pgd" {
    return "pgd";
  }
  copy(): PgdPtr {
    return new PgdPtr(this.tables, this.level, this.pa, this.tableVpn);
  }
}

/** `pgd_offset`: the root entry for an address; without one, the first. */
export function pgdOffset(tables: PageTables, va = 0n): PgdPtr {
  return new PgdPtr(...EntryPtr.place(tables, tables.rootLevel, tables.root, tables.vpnOf(va)));
}

/** `p4d_offset`, `pud_offset`, `pmd_offset`, `pte_offset`: the entry below, or null where no table is. */
export function p4dOffset(pgd: PgdPtr, va: bigint): P4dPtr | null {
  const place = below(pgd, 3, va);
  return place === undefined ? null : new P4dPtr(...place);
}

export function pudOffset(p4d: P4dPtr, va: bigint): PudPtr | null {
  const place = below(p4d, 2, va);
  return place === undefined ? null : new PudPtr(...place);
}

export function pmdOffset(pud: PudPtr, va: bigint): PmdPtr | null {
  const place = below(pud, 1, va);
  return place === undefined ? null : new PmdPtr(...place);
}

export function pteOffset(pmd: PmdPtr, va: bigint): PtePtr | null {
  const place = below(pmd, 0, va);
  return place === undefined ? null : new PtePtr(...place);
}

/** Where the entry of a level is, under an entry of a higher one; the same place where the level is folded. */
function below(entry: EntryPtr, level: number, va: bigint): ReturnType<typeof EntryPtr.place> | undefined {
  const { tables } = entry;
  if (level >= entry.level) return [tables, entry.level, entry.pa, entry.tableVpn];
  const { table } = entry;
  return table < 0 ? undefined : EntryPtr.place(tables, level, table, tables.vpnOf(va));
}
