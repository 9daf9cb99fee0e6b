import {
  type EntryPtr,
  type PmdPtr,
  type PtePtr,
  type PudPtr,
  p4dOffset,
  pgdOffset,
  pmdOffset,
  pteOffset,
  pudOffset,
} from "./entry.ts";
import { bytesOfLevel } from "./level.ts";
import { assertLocked, type SpinLock } from "./lock.ts";
import { type Folio, type MmStruct, type Page, rswSpecial, type VmArea, vmFlag } from "./mm.ts";
import { isMigration, softEntryAt } from "./softEntry.ts";

/** `folio_walk_flags_t`: migration entries count as well. */
export const FW_MIGRATION = 1;
/** The shared zero pages count as well. */
export const FW_ZEROPAGE = 2;

/** `enum folio_walk_level`: which entry maps the page. The numbers are the levels of the RISC-V spec, too. */
export type FolioWalkLevel = 0 | 1 | 2;
export const FW_LEVEL_PTE = 0;
export const FW_LEVEL_PMD = 1;
export const FW_LEVEL_PUD = 2;

/** `struct folio_walk`: what {@link folioWalkStart} found. Of the three entries, only the one of `level` is set. */
export class FolioWalk {
  /** The exact page that maps the address; null for a zero page and a migration entry. */
  page: Page | null = null;
  level: FolioWalkLevel = FW_LEVEL_PTE;
  ptep: PtePtr | null = null;
  pmdp: PmdPtr | null = null;
  pudp: PudPtr | null = null;
  /** The entry's value when it was found. */
  pte = 0n;
  pmd = 0n;
  pud = 0n;
  vma: VmArea | null = null;
  /** The page-table lock that is held until {@link folioWalkEnd}. */
  ptl: SpinLock | null = null;
}

/**
 * `folio_walk_start`: the folio mapped at an address, with the page-table lock held until {@link folioWalkEnd}; or
 * null, with nothing held: nothing is mapped there, or nothing suitable. The mmap lock must be held.
 */
export function folioWalkStart(fw: FolioWalk, vma: VmArea, addr: bigint, flags = 0): Folio | null {
  const mm = vma.vmMm;
  if (mm === null) return null;
  assertLocked(mm.mmapLock, "folioWalkStart");
  if (addr < vma.vmStart || addr >= vma.vmEnd) {
    mm.warn?.(`folioWalkStart: 0x${addr.toString(16)} is outside the VMA at 0x${vma.vmStart.toString(16)}`);
    return null;
  }
  vma.hugetlb?.lock.lockRead();
  let folio: Folio | null = null;
  try {
    folio = findFolio(fw, mm, vma, addr, flags);
  } finally {
    if (folio === null) vma.hugetlb?.lock.unlockRead();
  }
  return folio;
}

/** `folio_walk_end`: releases what {@link folioWalkStart} left locked. */
export function folioWalkEnd(fw: FolioWalk, vma: VmArea): void {
  fw.ptl?.unlock();
  fw.ptl = null;
  vma.hugetlb?.lock.unlockRead();
}

function findFolio(fw: FolioWalk, mm: MmStruct, vma: VmArea, addr: bigint, flags: number): Folio | null {
  const p4d = p4dOffset(pgdOffset(mm.tables, addr), addr);
  const pud = p4d === null ? null : pudOffset(p4d, addr);
  if (pud === null) return null;
  const search = { fw, mm, vma, addr, flags };
  const atPud = lockedEntry(search, pud, () => pud.isTable);
  if (atPud !== "table") return atPud;
  const pmd = pmdOffset(pud, addr);
  if (pmd === null) return null;
  const atPmd = lockedEntry(search, pmd, () => pmd.isTable);
  if (atPmd !== "table") return atPmd;
  const pte = pteOffset(pmd, addr);
  if (pte === null) return null;
  const table = pmd.table;
  // The table must still be the one that was locked.
  const atPte = lockedEntry(search, pte, () => pmd.table !== table);
  return atPte === "table" ? null : atPte;
}

interface Search {
  readonly fw: FolioWalk;
  readonly mm: MmStruct;
  readonly vma: VmArea;
  readonly addr: bigint;
  readonly flags: number;
}

/**
 * Locks an entry that may map the page, and looks. Returns the folio, with the lock held; "table" if one must go down
 * (or, for a PTE, its table has gone); or null.
 */
function lockedEntry(search: Search, entry: PudPtr | PmdPtr | PtePtr, isTable: () => boolean): Folio | "table" | null {
  if (entry.level > 0 && isTable()) return "table";
  if (entry.isNone) return null;
  const { fw, mm, vma } = search;
  const ptl = mm.pageTableLock(entry.inTable);
  ptl.lock();
  let found: Page | null = null;
  let goesDown = false;
  try {
    goesDown = isTable();
    found = goesDown ? null : pageAt(search, entry);
  } finally {
    if (found === null) ptl.unlock();
  }
  if (found === null) return goesDown ? "table" : null;
  fw.vma = vma;
  fw.ptl = ptl;
  return found.folio;
}

/** The page that an entry maps the address to, if it is one to return; fills in the rest of the result. */
function pageAt(search: Search, entry: PudPtr | PmdPtr | PtePtr): Page | null {
  const { fw, mm, vma, addr, flags } = search;
  const { level } = entry;
  let page: Page | null = null;
  let exact: Page | null = null;
  if (entry.kind === "leaf") {
    const offset = Number((addr & (bytesOfLevel[level] - 1n)) >> 12n);
    const pfn = entry.pfn + offset;
    page = exact = normalPage(mm, vma, entry, pfn);
    if (page === null && (flags & FW_ZEROPAGE) !== 0 && isZero(mm, level, pfn)) page = mm.pageOf(pfn);
  } else if ((flags & FW_MIGRATION) !== 0 && level < FW_LEVEL_PUD) {
    const soft = softEntryAt(entry);
    if (soft !== null && isMigration(soft)) page = mm.pageOf(soft.offset);
  }
  if (page === null) return null;
  fw.page = exact;
  fw.level = level as FolioWalkLevel;
  fw.ptep = entry.type === "pte" ? entry : null;
  fw.pmdp = entry.type === "pmd" ? entry : null;
  fw.pudp = entry.type === "pud" ? entry : null;
  const value = entry.get();
  fw.pte = entry.type === "pte" ? value : 0n;
  fw.pmd = entry.type === "pmd" ? value : 0n;
  fw.pud = entry.type === "pud" ? value : 0n;
  return page;
}

/** `vm_normal_page`: the page of a frame that a present leaf maps, or null if it is not one to count or move. */
export function normalPage(mm: MmStruct, vma: VmArea, entry: EntryPtr, pfn: number): Page | null {
  if ((entry.rsw & rswSpecial) !== 0) return null;
  const copies = (vma.vmFlags & (vmFlag.VM_SHARED | vmFlag.VM_MAYWRITE)) === vmFlag.VM_MAYWRITE;
  if ((vma.vmFlags & vmFlag.VM_PFNMAP) !== 0 && !copies) return null;
  if (isZero(mm, entry.level, pfn)) return null;
  return mm.pageOf(pfn);
}

function isZero(mm: MmStruct, level: number, pfn: number): boolean {
  // a huge zero page that was split is mapped by its parts
  return (level === 0 && mm.isZeroPfn(pfn)) || (level <= 1 && mm.isHugeZeroPfn(pfn));
}
