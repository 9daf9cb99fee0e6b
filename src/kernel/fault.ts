import { makePte } from "../mmu/pte.ts";
import {
  type EntryPtr,
  errno,
  guardEntry,
  hugePteOffset,
  hugeSize,
  p4dOffset,
  pgdOffset,
  pmdOffset,
  pteOffset,
  pudOffset,
  rswSoftDirty,
  rswSpecial,
  splitEntry,
  vmFlag,
} from "../pagewalk/index.ts";
import type { FolioFrames } from "./folio.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

/** What the access wanted that faulted. */
export type FaultAccess = "load" | "store" | "fetch";

const hugeBytes = 2n << 20n;
const needs = { load: vmFlag.VM_READ, store: vmFlag.VM_WRITE, fetch: vmFlag.VM_EXEC } as const;

/** A leaf for a page of a VMA: what the VMA allows, A, and with a write W and D. */
export function leafFor(vma: Vma, pfn: number, writes: boolean, rsw = writes ? rswSoftDirty : 0): bigint {
  const may = (flag: number) => (vma.vmFlags & flag) !== 0;
  const w = writes && may(vmFlag.VM_WRITE);
  return makePte({
    v: 1,
    r: may(vmFlag.VM_READ) || w,
    w,
    x: may(vmFlag.VM_EXEC),
    u: 1,
    a: 1,
    d: writes,
    ppn: pfn,
    rsw,
  });
}

/**
 * `handle_mm_fault`: makes the page at an address accessible, as its VMA says: zero pages, anonymous memory on demand,
 * transparent and hugetlb huge pages, files, copy on write; sets A and D where harts do not. The mmap lock is held.
 *
 * @returns 0, -EFAULT (SIGSEGV) or -ENOMEM
 */
export function handleFault(mm: Mm, addr: bigint, access: FaultAccess): number {
  const vma = mm.vmaAt(addr);
  if (vma === null || (vma.vmFlags & needs[access]) === 0) return -errno.EFAULT;
  const writes = access === "store";
  if (vma.hugetlb !== null) return faultHugetlb(mm, vma, addr, writes);
  const found = findLeaf(mm, addr);
  if (found?.isLeaf) return faultPresent(mm, vma, addr, found, writes);
  if (found !== null && !found.isNone) return found.get() === guardEntry ? -errno.EFAULT : -errno.EBUSY;
  return faultMissing(mm, vma, addr, writes);
}

/** Makes every page of [start, end) of a VMA present. */
export function populate(mm: Mm, start: bigint, end: bigint, access: FaultAccess = "store"): number {
  for (let addr = start; addr < end; ) {
    const result = handleFault(mm, addr, access);
    if (result !== 0) return result;
    const entry = findLeaf(mm, addr);
    const size = entry === null || !entry.isLeaf || entry.level === 0 ? 4096n : 1n << BigInt(12 + 9 * entry.level);
    addr = (addr & -size) + size;
  }
  return 0;
}

/** The lowest entry that there is for an address: a leaf, or one that is not present. Null: no table reaches there. */
function findLeaf(mm: Mm, addr: bigint): EntryPtr | null {
  const p4d = p4dOffset(pgdOffset(mm.tables, addr), addr);
  const pud = p4d && pudOffset(p4d, addr);
  if (pud === null || pud.isLeaf) return pud;
  const pmd = pmdOffset(pud, addr);
  if (pmd === null || pmd.isLeaf || (!pmd.isNone && !pmd.isPresent)) return pmd;
  return pteOffset(pmd, addr);
}

function faultMissing(mm: Mm, vma: Vma, addr: bigint, writes: boolean): number {
  if (vma.vmFile !== null) return faultFile(mm, vma, addr, writes);
  const start = addr & -hugeBytes;
  const isHuge = (vma.vmFlags & vmFlag.VM_HUGEPAGE) !== 0 && start >= vma.vmStart && start + hugeBytes <= vma.vmEnd;
  const pmd = isHuge ? mm.entryFor(start, 1) : null;
  if (pmd?.isNone) {
    if (!writes) {
      pmd.set(leafFor(vma, mm.memory.hugeZeroFolio().pfn, false, 0));
      return 0;
    }
    const huge = mm.memory.allocateFolio(9);
    if (huge !== undefined) return mapFolio(mm, pmd, huge, 512, leafFor(vma, huge.pfn, true));
  }
  const pte = mm.entryFor(addr);
  if (pte === null) return -errno.ENOMEM;
  if (!writes) {
    pte.set(leafFor(vma, mm.memory.zeroFolio().pfn, false, 0));
    return 0;
  }
  const folio = mm.memory.allocateFolio();
  return folio === undefined ? -errno.ENOMEM : mapFolio(mm, pte, folio, 1, leafFor(vma, folio.pfn, true));
}

/** Sets an entry to map a folio, to which the caller's reference goes, with one for each further small page. */
function mapFolio(_mm: Mm, entry: EntryPtr, folio: FolioFrames, pages: number, leaf: bigint): number {
  folio.mapCount += pages;
  folio.refCount += pages - 1;
  entry.set(leaf);
  return 0;
}

function faultFile(mm: Mm, vma: Vma, addr: bigint, writes: boolean): number {
  const file = vma.vmFile!;
  const index = vma.pgoffOf(addr);
  const pte = mm.entryFor(addr);
  let folio = file.pages.get(index);
  if (pte === null) return -errno.ENOMEM;
  if (folio === undefined) {
    folio = mm.memory.allocateFolio(0, file, index);
    if (folio === undefined) return -errno.ENOMEM;
    file.source?.read(index * 4096, mm.memory.bytesOf(folio.pfn));
    file.add(folio);
    mm.memory.put(folio);
  }
  const pfn = folio.pfn + index - folio.index;
  if (writes && (vma.vmFlags & vmFlag.VM_SHARED) === 0) return copyTo(mm, vma, pte, pfn);
  if (writes) folio.dirty = true;
  folio.refCount++;
  return mapFolio(mm, pte, folio, 1, leafFor(vma, pfn, writes));
}

/** Maps a fresh copy of a frame. */
function copyTo(mm: Mm, vma: Vma, pte: EntryPtr, from: number): number {
  const folio = mm.memory.allocateFolio();
  if (folio === undefined) return -errno.ENOMEM;
  const { memory } = mm.memory;
  memory.write(folio.pfn * 4096, memory.read(from * 4096, 4096));
  return mapFolio(mm, pte, folio, 1, leafFor(vma, folio.pfn, true));
}

/** The page is there: A or D is missing, or it is not writable yet. */
function faultPresent(mm: Mm, vma: Vma, addr: bigint, entry: EntryPtr, writes: boolean): number {
  if (!writes || entry.w) {
    entry.setFields(writes ? { a: 1, d: 1, rsw: entry.rsw | rswSoftDirty } : { a: 1 });
    if (writes) markDirty(mm, entry);
    return 0;
  }
  if ((entry.rsw & rswSpecial) !== 0) return -errno.EFAULT;
  const page = mm.memory.pageOf(entry.pfn);
  const isZero = mm.isZeroPfn(entry.pfn) || mm.isHugeZeroPfn(entry.pfn);
  const owner = page === null || isZero ? null : page.folio;
  const mayReuse =
    owner !== null && (owner.isAnon ? isExclusive(owner, entry) : (vma.vmFlags & vmFlag.VM_SHARED) !== 0);
  if (mayReuse) {
    entry.setFields({ w: 1, d: 1, a: 1, rsw: entry.rsw | rswSoftDirty });
    markDirty(mm, entry);
    return 0;
  }
  if (entry.level > 0) {
    const result = splitEntry(mm, entry);
    return result === 0 ? handleFault(mm, addr, "store") : result;
  }
  const old = entry.pfn;
  const result = copyTo(mm, vma, entry, old);
  if (result === 0 && page !== null && !isZero) mm.pageUnmapped(page, 1);
  return result;
}

/** Whether nobody else maps the page of an anonymous folio that an entry maps. */
function isExclusive(folio: FolioFrames, entry: EntryPtr): boolean {
  const mappedHere = 512 ** entry.level;
  if (folio.mapCount === mappedHere) return true;
  // parts of a large folio that was never another's; else a copy is made, though it may be the last
  return !folio.wasForked && folio.mapCount <= 2 ** folio.order;
}

function markDirty(mm: Mm, entry: EntryPtr): void {
  const page = mm.memory.pageOf(entry.pfn);
  if (page !== null) page.folio.dirty = true;
}

function faultHugetlb(mm: Mm, vma: Vma, addr: bigint, writes: boolean): number {
  const { pageSize } = vma.hugetlb!;
  const { level, count } = hugeSize(pageSize);
  const start = addr & -pageSize;
  if (mm.entryFor(start, level) === null) return -errno.ENOMEM;
  const entry = hugePteOffset(mm.tables, start, pageSize);
  if (entry === null) return -errno.ENOMEM;
  if (entry.isLeaf) {
    entry.setFields(writes ? { w: 1, a: 1, d: 1 } : { a: 1 });
    return 0;
  }
  const folio = mm.memory.hugetlbPool(pageSize).take();
  if (folio === undefined) return -errno.ENOMEM;
  const leaf = leafFor(vma, count === 16 ? folio.pfn + 8 : folio.pfn, writes);
  return mapFolio(mm, entry, folio, 2 ** folio.order, count === 16 ? leaf | makePte({ n: 1 }) : leaf);
}
