import { pteA, pteD } from "../mmu/pte.ts";
import {
  ACTION_CONTINUE,
  bytesOfLevel,
  type EntryPtr,
  errno,
  isSwap,
  type MmWalk,
  type MmWalkOps,
  makeSoftEntry,
  normalPage,
  rswSoftDirty,
  softEntryAt,
  swapSoftDirty,
  vmFlag,
  walkPageRange,
  walkPageRangeVma,
} from "../pagewalk/index.ts";
import type { FolioFrames } from "./folio.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

/** The one swap device. */
const swapDevice = 0;

/** What a walk is to take out of memory. */
interface PageOut {
  readonly mm: Mm;
  /** Pages that were used since the last time are only marked as not used. */
  readonly sparesUsed: boolean;
  /** Pages that are still to go, and those of files that may. */
  budget: number;
  filePages: number;
  /** Folios of files that nothing maps any more, perhaps. */
  readonly files: Set<FolioFrames>;
  /** Where the walk ended for its budget. */
  stoppedAt: bigint | undefined;
}

const stop = 1;

function pageOutEntry(entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number {
  if (!entry.isLeaf) return 0;
  const state = walk.private as PageOut;
  const page = normalPage(walk.mm, walk.vma!, entry, entry.pfn);
  if (page === null) return 0;
  state.mm.memory.events.pgscan++;
  let folio = page.folio as FolioFrames;
  if (state.sparesUsed && wasUsed(entry, folio)) return 0;
  if (folio.order > 0 && state.mm.memory.splitFolio(folio)) folio = state.mm.memory.folioOf(page.pfn)!;
  if (folio.order > 0) return 0;
  const result = folio.isAnon ? swapOut(state, entry, folio) : unmapFile(state, entry, folio);
  if (result === 0 && state.budget <= 0) {
    state.stoppedAt = next;
    return stop;
  }
  if (result !== 0) state.stoppedAt = addr;
  return result;
}

/** Whether a page was used since the last look, or was so often before: then it gets another chance. */
function wasUsed(entry: EntryPtr, folio: FolioFrames): boolean {
  if (entry.a) {
    entry.changeFlags(0, pteA);
    folio.active = folio.referenced;
    folio.referenced = true;
    return true;
  }
  if (!folio.active || !folio.referenced) return false;
  folio.active = false;
  return true;
}

/**
 * A page of anonymous memory goes to swap space, for one who has it after the other; one that was given up with MADV_FREE
 * just goes.
 */
function swapOut(state: PageOut, entry: EntryPtr, folio: FolioFrames): number {
  if (folio.refCount !== folio.mapCount) return 0;
  const { memory } = state.mm;
  const isLast = folio.mapCount === 1;
  if (folio.lazyFree && !entry.d && isLast) entry.setHalves(0, 0);
  else {
    const slot = folio.slot || memory.swap.store(memory.bytesOf(folio.pfn));
    if (slot === undefined) return 0;
    if (folio.slot !== 0) memory.swap.share(slot);
    else {
      memory.events.pswpout++;
      if (!isLast) memory.swap.cache(slot, folio);
    }
    const wasWritten = (entry.rsw & rswSoftDirty) !== 0;
    entry.set(makeSoftEntry({ type: swapDevice, offset: slot }));
    if (wasWritten) entry.setHalves(entry.lo | swapSoftDirty, entry.hi);
  }
  state.mm.folioUnmapped(folio, 1);
  if (isLast) state.budget--;
  return 0;
}

/** A page of a file can be read again, if what was written to it can go to the file. */
function unmapFile(state: PageOut, entry: EntryPtr, folio: FolioFrames): number {
  const { source } = folio.mapping!;
  if (source === undefined || ((folio.dirty || entry.d) && source.write === undefined)) return 0;
  if (state.filePages <= 0) return 0;
  if (entry.d) folio.dirty = true;
  entry.setHalves(0, 0);
  state.mm.folioUnmapped(folio, 1);
  if (folio.mapCount > 0) return 0;
  state.files.add(folio);
  state.filePages--;
  state.budget--;
  return 0;
}

const pageOutOps: MmWalkOps = {
  pudEntry: (pud, _addr, _next, walk) => {
    if (!pud.isTable) walk.action = ACTION_CONTINUE;
    return 0;
  },
  // a huge page that can go is split, which the walk does
  pmdEntry: (pmd, addr, next, walk) => {
    if (pmd.isTable) return 0;
    const { mm } = walk.private as PageOut;
    const page = pmd.isLeaf ? normalPage(walk.mm, walk.vma!, pmd, pmd.pfn) : null;
    const isWhole = next - addr === bytesOfLevel[1];
    const canGo = page?.folio.mapCount === 512 && !(page.folio as FolioFrames).wasForked && !mm.memory.swap.isFull;
    if (!isWhole || !canGo) walk.action = ACTION_CONTINUE;
    return 0;
  },
  pteEntry: pageOutEntry,
};

const fixed = vmFlag.VM_LOCKED | vmFlag.VM_HUGETLB | vmFlag.VM_PFNMAP;

function begin(mm: Mm, sparesUsed: boolean, budget: number, filePages: number): PageOut {
  return { mm, sparesUsed, budget, filePages, files: new Set(), stoppedAt: undefined };
}

/** Forgets the pages of files that nothing maps any more; written ones go to their files first. */
function finish({ files }: PageOut): void {
  for (const folio of files) {
    if (folio.mapCount > 0 || folio.refCount !== 1) continue;
    const mapping = folio.mapping!;
    if (folio.dirty && mapping.writeBack(folio.index, folio.index + 1) === 0) continue;
    mapping.remove(folio);
  }
}

/** `madvise(MADV_PAGEOUT)`: takes pages out of memory. 0, -ENOMEM where nothing is mapped, or -EINVAL. */
export function advisePageOut(mm: Mm, start: bigint, end: bigint): number {
  const state = begin(mm, false, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const result = walkPageRange(
    mm,
    start,
    end,
    {
      ...pageOutOps,
      testWalk: (_addr, _next, walk) => ((walk.vma!.vmFlags & fixed) === 0 ? 0 : -errno.EINVAL),
      pteHole: (_addr, _next, _depth, walk) => (walk.vma === null ? -errno.ENOMEM : 0),
    },
    state,
  );
  finish(state);
  return result;
}

/**
 * Takes up to `budget` pages of an address space out of memory that were not used since the last time, going on where it
 * was left. Whether it came to the end.
 */
export function pageOutOnward(mm: Mm, budget: number): boolean {
  const { memory } = mm;
  const state = begin(mm, true, budget, memory.cachedPages - memory.cachedAlways);
  const takeLock = !mm.mmapLock.isLocked;
  if (takeLock) mm.mmapLock.lockRead();
  for (let vma = mm.findVma(mm.reclaimHand); vma !== null; vma = mm.findVma(vma.vmEnd)) {
    if (!mayPageOut(vma, state)) continue;
    const from = vma.vmStart > mm.reclaimHand ? vma.vmStart : mm.reclaimHand;
    if (walkPageRangeVma(vma, from, vma.vmEnd, pageOutOps, state) !== 0) break;
  }
  mm.reclaimHand = state.stoppedAt ?? 0n;
  if (takeLock) mm.mmapLock.unlockRead();
  finish(state);
  return state.stoppedAt === undefined;
}

/** Whether there may be a page in a VMA that can go: walking all others would be for nothing. */
function mayPageOut(vma: Vma, { filePages }: PageOut): boolean {
  if ((vma.vmFlags & fixed) !== 0) return false;
  const { swap } = vma.vmMm.memory;
  const hasFilePages = vma.vmFile?.source !== undefined && filePages > 0;
  return hasFilePages || vma.hasLazyFree || (vma.hasAnon && !swap.isFull);
}

const freeOps: MmWalkOps = {
  pudEntry: (pud, _addr, _next, walk) => {
    if (!pud.isTable) walk.action = ACTION_CONTINUE;
    return 0;
  },
  pmdEntry: (pmd, addr, next, walk) => {
    if (pmd.isTable || next - addr !== bytesOfLevel[1]) return 0;
    walk.action = ACTION_CONTINUE;
    return freeEntry(pmd, addr, next, walk);
  },
  pteEntry: freeEntry,
};

function freeEntry(entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number {
  const soft = softEntryAt(entry);
  if (isSwap(soft)) {
    walk.mm.swapReleased?.(soft!);
    entry.setHalves(0, 0);
  }
  const page = entry.isLeaf ? normalPage(walk.mm, walk.vma!, entry, entry.pfn) : null;
  const folio = page?.folio as FolioFrames | undefined;
  if (folio === undefined || !folio.isAnon || folio.mapCount > 512 ** entry.level) return 0;
  folio.lazyFree = true;
  folio.dirty = folio.referenced = false;
  entry.changeFlags(0, pteA | pteD);
  return 0;
}

/** `madvise(MADV_FREE)` for a part of a VMA of private anonymous memory: its pages may go unless written to again. */
export function adviseFree(vma: Vma, start: bigint, end: bigint): number {
  vma.hasLazyFree = true;
  return walkPageRangeVma(vma, start, end, freeOps);
}
