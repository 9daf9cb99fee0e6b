import {
  ACTION_CONTINUE,
  bytesOfLevel,
  type EntryPtr,
  isProtNone,
  type MmWalk,
  type MmWalkOps,
  normalPage,
  PGWALK_WRLOCK,
  rswSoftDirty,
  type VmArea,
  vmFlag,
  walkPageRangeVma,
} from "../index.ts";

/** Permissions of user memory. W without R is not possible on RISC-V: it gives R as well. */
export interface Protection {
  readonly r: boolean;
  readonly w: boolean;
  readonly x: boolean;
}

function protect(entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number {
  const wasNone = isProtNone(entry.get());
  if (!entry.isLeaf && !wasNone) return 0;
  const { r, w, x } = walk.private as Protection;
  if (!r && !w && !x) {
    // The page stays, but is not present: V=0, and G says which kind of entry this is.
    if (!wasNone) entry.setFields({ v: 0, r: 0, w: 0, x: 0, g: 1 });
    return 0;
  }
  entry.setFields({ v: 1, g: wasNone ? 0 : entry.g, r: r || w, w: w && mayWriteNow(entry, walk), x });
  return 0;
}

/** Whether a page may become writable at once: not one that must be copied first, or heard of. */
function mayWriteNow(entry: EntryPtr, walk: MmWalk): boolean {
  const vma = walk.vma!;
  const page = normalPage(walk.mm, vma, entry, entry.pfn);
  if (page === null || !entry.d) return false;
  // a write is to be heard of where soft-dirty bits were cleared
  if ((entry.rsw & rswSoftDirty) === 0 && (vma.vmFlags & vmFlag.VM_SOFTDIRTY) === 0) return false;
  if ((vma.vmFlags & vmFlag.VM_SHARED) !== 0) return true;
  // of a part of a large folio it is not known whether another maps the same part
  return page.folio.isAnon && page.folio.mapCount === 512 ** entry.level * entry.count;
}

const huge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (entry.isTable || next - addr !== bytesOfLevel[entry.level]) return 0;
  walk.action = ACTION_CONTINUE;
  return protect(entry, addr, next, walk);
};

const ops: MmWalkOps = {
  walkLock: PGWALK_WRLOCK,
  pudEntry: huge,
  pmdEntry: huge,
  pteEntry: protect,
  hugetlbEntry: (entry, _hmask, addr, next, walk) => protect(entry, addr, next, walk),
};

/**
 * The entries' part of `mprotect(2)`: gives the pages of [start, end) of a VMA permissions. The mmap write lock must be
 * held; the VMA's flags are the caller's to change. 0 or a negative errno.
 */
export function changeProtection(vma: VmArea, start: bigint, end: bigint, to: Protection): number {
  return walkPageRangeVma(vma, start, end, ops, to);
}
