import type { Mode } from "../mmu/modes.ts";
import { pagesOfLevel } from "../mmu/modes.ts";
import { ppnHighUnit, pteFields, pteV } from "../mmu/pte.ts";
import { hugeSize, type MmStruct, type Page, PageTables, PtePtr, type SoftEntry, vmFlag } from "../pagewalk/index.ts";
import type { FolioFrames } from "./folio.ts";
import type { KernelMemory } from "./kernelMemory.ts";
import { PageTableLock, RwLock } from "./lock.ts";
import { Vma, type VmaOptions } from "./vma.ts";
import { VmaTree } from "./vmaTree.ts";

const tableEntries = 512;

/** What an address space is made of. */
export interface MmOptions {
  readonly name: string;
  readonly memory: KernelMemory;
  readonly mode: Mode;
  /** undefined: its changes concern every address space (a kernel's own tables). */
  readonly asid?: number;
}

/** `mm_struct`: an address space in guest memory, with its VMAs and its locks. */
export class Mm implements MmStruct {
  readonly name: string;
  readonly memory: KernelMemory;
  readonly tables: PageTables;
  readonly mmapLock: RwLock;
  readonly vmas = new VmaTree();
  /** What {@link warn} was told. */
  readonly warnings: string[] = [];
  /** Bytes that a stack may grow to: RLIMIT_STACK. */
  stackLimit = 8 << 20;
  /** It gets no transparent huge pages, whatever the policy is (PR_SET_THP_DISABLE). */
  refusesHugePages = false;
  /** Tables, with the root. */
  tableCount = 1;
  /** Small pages of its VMAs, and the most that there have been (`total_vm`, `hiwater_vm`). */
  totalPages = 0;
  peakPages = 0;
  /** Small pages that its entries map, but for zero pages and hugetlb ones, and the most that there have been. */
  residentPages = 0;
  peakResident = 0;
  /** Where reclaim looks next. */
  reclaimHand = 0n;
  readonly #cursor: PtePtr;
  readonly #locks = new Map<number, PageTableLock>();

  /** Throws a RangeError when there is no page for the root table. */
  constructor(options: MmOptions) {
    const { name, memory, mode, asid } = options;
    const root = memory.allocateTable();
    if (root === undefined) throw new RangeError(`no memory for the root table of ${name}`);
    this.name = name;
    this.memory = memory;
    this.tables = new PageTables({ memory: memory.memory, mode, root, asid, harts: memory.harts });
    this.mmapLock = new RwLock(`mmap lock of ${name}`);
    this.#cursor = new PtePtr(this.tables, 0, 0, 0);
    memory.mms.add(this);
  }

  /** The value of satp that makes a hart use these tables. */
  get satp(): bigint {
    const { mode, asid = 0, root } = this.tables;
    return (BigInt(mode.satpMode) << 60n) | (BigInt(asid) << 44n) | BigInt(root / 4096);
  }

  findVma(addr: bigint): Vma | null {
    return this.vmas.findVma(addr);
  }

  /** The VMA that an address lies in, or null. */
  vmaAt(addr: bigint): Vma | null {
    const vma = this.findVma(addr);
    return vma !== null && vma.vmStart <= addr ? vma : null;
  }

  /** The last VMA that begins before an address, or null. */
  lastBefore(addr: bigint): Vma | null {
    return this.vmas.lastBefore(addr);
  }

  pageTableLock(table: number): PageTableLock {
    let lock = this.#locks.get(table);
    if (lock === undefined) {
      lock = new PageTableLock(`page-table lock of the table at 0x${table.toString(16)} of ${this.name}`);
      this.#locks.set(table, lock);
    }
    return lock;
  }

  allocateTable(): number | undefined {
    const table = this.memory.allocateTable();
    if (table !== undefined) this.tableCount++;
    return table;
  }

  /** Gives a table back that no entry points to any more. */
  freeTable(table: number): void {
    this.#locks.delete(table);
    this.tableCount--;
    this.memory.freeTable(table);
  }

  pageOf(pfn: number): Page | null {
    return this.memory.pageOf(pfn);
  }

  isZeroPfn(pfn: number): boolean {
    return this.memory.isZeroPfn(pfn);
  }

  isHugeZeroPfn(pfn: number): boolean {
    return this.memory.isHugeZeroPfn(pfn);
  }

  pageUnmapped(page: Page, pages: number): void {
    this.folioUnmapped(page.folio as FolioFrames, pages);
  }

  /** Its entries map so many small pages of a folio more. */
  folioMapped(folio: FolioFrames, pages: number): void {
    folio.mapCount += pages;
    if (folio.fromPool !== null) return;
    this.residentPages += pages;
    if (this.residentPages > this.peakResident) this.peakResident = this.residentPages;
  }

  /** {@link pageUnmapped}, by the page's folio. */
  folioUnmapped(folio: FolioFrames, pages: number): void {
    folio.mapCount -= pages;
    if (folio.fromPool === null) this.residentPages -= pages;
    // who has it alone may write to it
    if (folio.slot !== 0 && folio.mapCount <= 1) this.memory.swap.forget(folio);
    this.memory.put(folio, pages);
  }

  swapReleased(entry: SoftEntry): void {
    this.memory.swap.release(entry.offset);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  /** Adds a VMA. Throws a RangeError unless it is made of (huge) pages of user memory where nothing is mapped. */
  addVma(options: VmaOptions): Vma {
    const { start, end, hugePageSize } = options;
    if (hugePageSize !== undefined) hugeSize(hugePageSize);
    const size = hugePageSize ?? 4096n;
    const limit = 1n << BigInt(this.tables.mode.vaBits - 1);
    if (start >= end || start < 0n || end > limit || start % size !== 0n || end % size !== 0n) {
      throw new RangeError(`no VMA can be from 0x${start.toString(16)} to 0x${end.toString(16)} (pages of ${size})`);
    }
    const flags = hugePageSize === undefined ? options.flags : options.flags | vmFlag.VM_HUGETLB;
    const vma = new Vma(this, { ...options, flags });
    this.vmas.insert(vma);
    vma.vmFile?.link(vma);
    this.#countPages(vma.pages);
    return vma;
  }

  /** Removes a VMA. What it mapped must be gone from the tables. */
  removeVma(vma: Vma): void {
    vma.vmFile?.unlink(vma);
    this.vmas.remove(vma);
    this.#countPages(-vma.pages);
  }

  #countPages(change: number): void {
    this.totalPages += change;
    if (this.totalPages > this.peakPages) this.peakPages = this.totalPages;
  }

  /** Splits a VMA at an address inside it; returns the upper part. */
  splitVma(vma: Vma, at: bigint): Vma {
    const { vmStart, vmEnd, options } = vma;
    if (at <= vmStart || at >= vmEnd || at % (vma.hugetlb?.pageSize ?? 4096n) !== 0n) {
      throw new RangeError(`the VMA at 0x${vmStart.toString(16)} cannot be split at 0x${at.toString(16)}`);
    }
    const pgoff = vma.pgoffOf(at);
    this.resizeVma(vma, at);
    const upper = this.addVma({ ...options, start: at, pgoff });
    upper.hasAnon = vma.hasAnon;
    upper.hasLazyFree = vma.hasLazyFree;
    if (vma.vmLock.isWriteLocked) upper.vmLock.startWrite();
    return upper;
  }

  /** A VMA reaches to another end, up or down, where nothing is in the way, or nothing is mapped any more. */
  resizeVma(vma: Vma, end: bigint): void {
    const before = vma.pages;
    if (end < vma.vmEnd) this.vmas.releases++;
    vma.vmEnd = end;
    vma.vmFile?.link(vma);
    this.#countPages(vma.pages - before);
  }

  /** A VMA begins lower down, where nothing is in the way: a stack. */
  lowerVma(vma: Vma, start: bigint): void {
    const before = vma.pages;
    vma.vmStart = start;
    this.#countPages(vma.pages - before);
  }

  /** Two VMAs that touch become the lower one. */
  joinVmas(vma: Vma, next: Vma): void {
    const end = next.vmEnd;
    this.vmas.remove(next);
    this.#countPages(-next.pages);
    this.resizeVma(vma, end);
    vma.vmFlags |= next.vmFlags & vmFlag.VM_SOFTDIRTY;
    if (next.hasAnon) vma.hasAnon = true;
    if (next.hasLazyFree) vma.hasLazyFree = true;
    next.vmFile?.unlink(next);
  }

  /**
   * The entry for an address at a level; tables on the way are made. Null: there is no memory for them. Throws a
   * RangeError where a leaf is in the way.
   */
  entryFor(addr: bigint, level = 0): PtePtr | null {
    return this.entryAt(this.tables.vpnOf(addr), level);
  }

  /** {@link entryFor}, by the number of the virtual page. */
  entryAt(vpn: number, level = 0): PtePtr | null {
    const { tables } = this;
    let table = tables.root;
    let pages = pagesOfLevel[tables.rootLevel];
    for (let at = tables.rootLevel; at > level; at--) {
      const pa = table + (Math.floor(vpn / pages) % tableEntries) * 8;
      const lo = tables.low(pa);
      const hi = tables.high(pa);
      if ((lo | hi) === 0) {
        const fresh = this.allocateTable();
        if (fresh === undefined) return null;
        const ppn = fresh / 4096;
        tables.set(pa, at, vpn - (vpn % pages), (ppn << pteFields.ppn.at) | pteV, Math.floor(ppn / ppnHighUnit));
        table = fresh;
      } else {
        table = tables.tableOf(lo, hi, at);
        if (table < 0) throw new RangeError(`page 0x${vpn.toString(16)}: the entry at level ${at} is no table`);
      }
      pages /= tableEntries;
    }
    const index = Math.floor(vpn / pages);
    const entry = new PtePtr(tables, level, table, (index - (index % tableEntries)) * pages);
    entry.index = index % tableEntries;
    return entry;
  }

  /** The lowest entry that there is for a page: a leaf, or one that is none or not present. */
  lowestEntry(vpn: number): PtePtr {
    return this.#lowest(vpn, new PtePtr(this.tables, 0, 0, 0));
  }

  /** {@link lowestEntry} for those in a hurry: a pointer that is the same object each time, moved on. */
  seekLowest(vpn: number): PtePtr {
    return this.#lowest(vpn, this.#cursor);
  }

  #lowest(vpn: number, entry: PtePtr): PtePtr {
    const { tables } = this;
    let table = tables.root;
    let pages = pagesOfLevel[tables.rootLevel];
    for (let level = tables.rootLevel; ; level--) {
      const index = Math.floor(vpn / pages);
      const inTable = index % tableEntries;
      const pa = table + inTable * 8;
      const below = level === 0 ? -1 : tables.tableOf(tables.low(pa), tables.high(pa), level);
      if (below < 0) {
        entry.level = level;
        entry.inTable = table;
        entry.index = inTable;
        entry.tableVpn = (index - inTable) * pages;
        return entry;
      }
      table = below;
      pages /= tableEntries;
    }
  }
}
