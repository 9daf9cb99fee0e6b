import { ppnHighUnit, pteA, pteD, pteFields, pteN, pteR, pteU, pteV, pteW, pteX } from "../mmu/pte.ts";
import {
  type EntryPtr,
  errno,
  guardEntry,
  isSwap,
  PtePtr,
  rswSoftDirty,
  rswSpecial,
  softEntryAt,
  splitEntry,
  swapSoftDirty,
  vmFlag,
} from "../pagewalk/index.ts";
import { faultHugetlb } from "./faultHugetlb.ts";
import { pagesAround } from "./fileMapping.ts";
import type { FolioFrames } from "./folio.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

/** What the access wanted that faulted. */
export type FaultAccess = "load" | "store" | "fetch";

/** What {@link handleFault} answers; each says what becomes of the access. */
export const faultAnswer = {
  /** The access succeeds now. */
  done: 0,
  /** SIGSEGV: nothing is mapped there, or a guard is (SEGV_MAPERR). */
  noMapping: -errno.EFAULT,
  /** SIGSEGV: not for such an access (SEGV_ACCERR). */
  noPermission: -errno.EPERM,
  /** SIGBUS: behind the end of a file, or there is no hugetlb page (BUS_ADRERR). */
  noPage: -errno.ENOENT,
  /** There are no frames left. */
  noMemory: -errno.ENOMEM,
  /** The page is being moved. */
  busy: -errno.EBUSY,
} as const;

/** One of {@link faultAnswer}. */
export type FaultAnswer = (typeof faultAnswer)[keyof typeof faultAnswer];

const hugePages = 512;
const tableEntries = 512;
const softDirtyBit = rswSoftDirty << pteFields.rsw.at;
const needs = { load: vmFlag.VM_READ, store: vmFlag.VM_WRITE, fetch: vmFlag.VM_EXEC } as const;

/** The low half of a leaf of a VMA, without the frame: what the VMA allows, A, and with a write W and D. */
function leafFlags({ vmFlags }: Vma, writes: boolean): number {
  let lo = pteV | pteU | pteA;
  // RISC-V has no pages that can be written and not read
  if ((vmFlags & (vmFlag.VM_READ | vmFlag.VM_WRITE)) !== 0) lo |= pteR;
  if ((vmFlags & vmFlag.VM_EXEC) !== 0) lo |= pteX;
  if (!writes) return lo;
  lo |= pteD | softDirtyBit;
  return (vmFlags & vmFlag.VM_WRITE) !== 0 ? lo | pteW : lo;
}

/** Sets an entry to the leaf of a frame. */
export function setLeaf(entry: EntryPtr, vma: Vma, pfn: number, writes: boolean, isNapot = false): void {
  const hi = Math.floor(pfn / ppnHighUnit);
  entry.setHalves((pfn << pteFields.ppn.at) | leafFlags(vma, writes), isNapot ? hi | pteN : hi);
}

/**
 * `handle_mm_fault`: makes the page at an address accessible, as its VMA says: zero pages, anonymous memory on demand,
 * transparent and hugetlb huge pages, files, swap, copy on write; sets A and D where harts do not. The mmap lock is held.
 */
export function handleFault(mm: Mm, addr: bigint, access: FaultAccess): FaultAnswer {
  const vma = mm.vmaAt(addr);
  if (vma === null) return faultAnswer.noMapping;
  if (!mayAccess(vma, access)) return faultAnswer.noPermission;
  const writes = access === "store";
  if (vma.hugetlb !== null) return faultHugetlb(mm, vma, addr, writes);
  const vpn = mm.tables.vpnOf(addr);
  const found = mm.seekLowest(vpn);
  if (found.isNone) return faultMissing(mm, vma, vpn, found, writes);
  if (found.isLeaf) return faultPresent(mm, vma, addr, found, writes);
  const soft = softEntryAt(found);
  if (isSwap(soft)) {
    const cached = mm.memory.swap.cached(soft!.offset);
    if (cached === undefined) return swapIn(mm, vma, found, soft!.offset, writes);
    mapCached(mm, vma, found, cached);
    return writes ? faultPresent(mm, vma, addr, found, writes) : faultAnswer.done;
  }
  return found.get() === guardEntry ? faultAnswer.noMapping : faultAnswer.busy;
}

/** Whether a VMA permits an access. A page that may be written or executed may be read, as RISC-V has no other. */
function mayAccess({ vmFlags }: Vma, access: FaultAccess): boolean {
  const need = access === "load" ? vmFlag.VM_READ | vmFlag.VM_WRITE : needs[access];
  return (vmFlags & need) !== 0;
}

/** Makes every page of [start, end) of a VMA present. */
export function populate(mm: Mm, start: bigint, end: bigint, access: FaultAccess = "store"): FaultAnswer {
  for (let addr = start; addr < end; ) {
    const result = handleFault(mm, addr, access);
    if (result !== 0) return result;
    const entry = mm.seekLowest(mm.tables.vpnOf(addr));
    const size = entry.isLeaf && entry.level > 0 ? 1n << BigInt(12 + 9 * entry.level) : 4096n;
    addr = (addr & -size) + size;
  }
  return faultAnswer.done;
}

function faultMissing(mm: Mm, vma: Vma, vpn: number, found: PtePtr, writes: boolean): FaultAnswer {
  if (vma.vmFile !== null) return faultFile(mm, vma, vpn, writes);
  const { memory } = mm;
  if (found.level > 0 && wantsHuge(vma, vpn)) {
    const pmd = mm.entryAt(vpn, 1);
    if (pmd?.isNone && (writes ? mapHugeFolio(mm, vma, pmd) : mapHugeZero(vma, pmd))) return faultAnswer.done;
  }
  const pte = found.level === 0 ? found : mm.entryAt(vpn);
  const folio = writes ? memory.allocateFolio() : memory.findZeroFolio();
  if (pte === null || folio === undefined) {
    if (writes && folio !== undefined) memory.put(folio);
    return faultAnswer.noMemory;
  }
  if (writes) {
    mapped(mm, folio, 1);
    vma.hasAnon = true;
  }
  setLeaf(pte, vma, folio.pfn, writes);
  return faultAnswer.done;
}

/** Maps a huge page of its own, to be written. False: there is none. */
function mapHugeFolio(mm: Mm, vma: Vma, pmd: EntryPtr): boolean {
  const folio = mm.memory.allocateFolio(9);
  if (folio === undefined) return false;
  mapped(mm, folio, hugePages);
  vma.hasAnon = true;
  setLeaf(pmd, vma, folio.pfn, true);
  return true;
}

/** Maps the huge page of zeros, to be read. False: there is no room for it. */
function mapHugeZero(vma: Vma, pmd: EntryPtr): boolean {
  const folio = vma.vmMm.memory.findHugeZeroFolio();
  if (folio !== undefined) setLeaf(pmd, vma, folio.pfn, false);
  return folio !== undefined;
}

/** Whether the policy gives huge pages to a VMA of anonymous memory, wherever there is room. */
export function wantsHugePages(vma: Vma): boolean {
  const policy = vma.vmMm.memory.hugePages;
  if (policy === "never" || vma.vmMm.refusesHugePages || vma.vmFile !== null || vma.hugetlb !== null) return false;
  const flags = policy === "always" ? ~vma.vmFlags & vmFlag.VM_NOHUGEPAGE : vma.vmFlags & vmFlag.VM_HUGEPAGE;
  return flags !== 0;
}

/** Whether a page of anonymous memory is to be a part of a huge page, and there is room for one in its VMA. */
function wantsHuge(vma: Vma, vpn: number): boolean {
  if (!wantsHugePages(vma)) return false;
  const first = BigInt(vpn - (vpn % hugePages)) << 12n;
  return first >= vma.vmStart && first + (BigInt(hugePages) << 12n) <= vma.vmEnd;
}

/** An entry maps a folio, to which the caller's reference goes, with one for each further small page. */
export function mapped(mm: Mm, folio: FolioFrames, pages: number): void {
  mm.folioMapped(folio, pages);
  folio.refCount += pages - 1;
}

function faultFile(mm: Mm, vma: Vma, vpn: number, writes: boolean): FaultAnswer {
  const file = vma.vmFile!;
  const index = vma.vmPgoff + vpn - Number(vma.vmStart >> 12n);
  if (index >= file.pageCount) return faultAnswer.noPage;
  const pte = mm.entryAt(vpn);
  if ((vma.vmFlags & vmFlag.VM_RAND_READ) === 0) file.readAround(index, mm.memory);
  const folio = pte === null ? undefined : file.folioAt(index, mm.memory);
  if (pte === null || folio === undefined) return faultAnswer.noMemory;
  const pfn = folio.pfn + index - folio.index;
  if (writes && (vma.vmFlags & vmFlag.VM_SHARED) === 0) return copyTo(mm, vma, pte, pfn);
  if (writes) folio.dirty = true;
  folio.refCount++;
  mapped(mm, folio, 1);
  setLeaf(pte, vma, pfn, writes);
  if (!writes) mapAround(mm, vma, pte);
  return faultAnswer.done;
}

/** `do_fault_around`: pages of the file that are in memory and about the one of an entry are mapped too, as not used yet. */
function mapAround(mm: Mm, vma: Vma, { inTable, index, tableVpn }: PtePtr): void {
  const file = vma.vmFile!;
  const from = index - (index % pagesAround);
  const toIndex = vma.vmPgoff - Number(vma.vmStart >> 12n) + tableVpn;
  const start = Math.max(from, Number(vma.vmStart >> 12n) - tableVpn);
  const end = Math.min(start + pagesAround, tableEntries, Number(vma.vmEnd >> 12n) - tableVpn);
  const pte = new PtePtr(mm.tables, 0, inTable, tableVpn);
  for (pte.index = start; pte.index < end; pte.index++) {
    const at = toIndex + pte.index;
    const folio = pte.isNone ? file.pages.get(at) : undefined;
    if (folio === undefined) continue;
    const pfn = folio.pfn + at - folio.index;
    folio.refCount++;
    mapped(mm, folio, 1);
    pte.setHalves((pfn << pteFields.ppn.at) | (leafFlags(vma, false) & ~pteA), Math.floor(pfn / ppnHighUnit));
  }
}

/** Maps a fresh copy of a frame. */
function copyTo(mm: Mm, vma: Vma, pte: EntryPtr, from: number): FaultAnswer {
  const folio = mm.memory.allocateFolio();
  if (folio === undefined) return faultAnswer.noMemory;
  mm.memory.bytesOf(folio.pfn).set(mm.memory.bytesOf(from));
  vma.hasAnon = true;
  mapped(mm, folio, 1);
  setLeaf(pte, vma, folio.pfn, true);
  return faultAnswer.done;
}

/** The page is there: A or D is missing, or it is not writable yet. */
function faultPresent(mm: Mm, vma: Vma, addr: bigint, entry: PtePtr, writes: boolean): FaultAnswer {
  if (!writes || entry.w) {
    entry.changeFlags(writes ? pteA | pteD | softDirtyBit : pteA, 0);
    if (writes) markDirty(mm, entry);
    return faultAnswer.done;
  }
  if ((entry.rsw & rswSpecial) !== 0) return faultAnswer.noPermission;
  const { pfn } = entry;
  const isZero = mm.isZeroPfn(pfn) || mm.isHugeZeroPfn(pfn);
  const owner = isZero ? undefined : mm.memory.folioOf(pfn);
  if (owner !== undefined && (owner.isAnon ? isExclusive(owner, entry) : (vma.vmFlags & vmFlag.VM_SHARED) !== 0)) {
    entry.changeFlags(pteW | pteD | pteA | softDirtyBit, 0);
    owner.dirty = true;
    return faultAnswer.done;
  }
  if (entry.level > 0) {
    if (splitEntry(mm, entry) !== 0) return faultAnswer.noMemory;
    return handleFault(mm, addr, "store");
  }
  const result = copyTo(mm, vma, entry, pfn);
  if (result === 0 && owner !== undefined) mm.folioUnmapped(owner, 1);
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
  const folio = mm.memory.folioOf(entry.pfn);
  if (folio !== undefined) folio.dirty = true;
}

/** The page is in swap space, and in memory as well, as another has it there: only to be read. */
function mapCached(mm: Mm, vma: Vma, entry: PtePtr, folio: FolioFrames): void {
  folio.refCount++;
  mapped(mm, folio, 1);
  mm.memory.swap.release(folio.slot);
  setSwappedLeaf(vma, entry, folio.pfn, false);
}

/** {@link setLeaf} for a page that was in swap space, and is soft-dirty if it was. */
function setSwappedLeaf(vma: Vma, entry: EntryPtr, pfn: number, writes: boolean): void {
  const wasWritten = (entry.lo & swapSoftDirty) !== 0;
  setLeaf(entry, vma, pfn, writes);
  if (wasWritten) entry.changeFlags(softDirtyBit, 0);
}

/** The page is in swap space. */
function swapIn(mm: Mm, vma: Vma, entry: PtePtr, slot: number, writes: boolean): FaultAnswer {
  const { memory } = mm;
  const folio = memory.allocateFolio();
  if (folio === undefined) return faultAnswer.noMemory;
  memory.swap.load(slot, memory.bytesOf(folio.pfn));
  memory.swap.release(slot);
  folio.dirty = true;
  mapped(mm, folio, 1);
  setSwappedLeaf(vma, entry, folio.pfn, writes);
  memory.events.pswpin++;
  memory.events.pgpgin += 4;
  return faultAnswer.done;
}
