import {
  ACTION_CONTINUE,
  type AddressSpace,
  bytesOfLevel,
  type EntryPtr,
  errno,
  guardEntry,
  holdsPage,
  isSwap,
  type MmStruct,
  type MmWalk,
  type MmWalkOps,
  normalPage,
  PGWALK_RDLOCK,
  softEntryAt,
  type VmArea,
  vmFlag,
  walkPageMapping,
  walkPageRange,
  walkPageRangeVma,
} from "../index.ts";

/** Whether [addr, next) is all that an entry maps. */
const isWhole = (entry: EntryPtr, addr: bigint, next: bigint) => next - addr === bytesOfLevel[entry.level];

/** Clears a leaf, and gives its pages back; anything else that an entry holds goes too, but tables. */
function zap(entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number {
  if (entry.isNone) return 0;
  const page = holdsPage(entry) ? normalPage(walk.mm, walk.vma!, entry, entry.pfn) : null;
  const soft = softEntryAt(entry);
  if (soft !== null && isSwap(soft)) walk.mm.swapReleased?.(soft);
  entry.setHalves(0, 0);
  if (page !== null) walk.mm.pageUnmapped(page, (entry.level === 0 ? 1 : 512 ** entry.level) * entry.count);
  return 0;
}

/** A whole huge page goes at once; of a part, the walk splits it first. */
const zapHuge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (entry.isTable || !isWhole(entry, addr, next)) return 0;
  walk.action = ACTION_CONTINUE;
  return zap(entry, addr, next, walk);
};

const zapOps: MmWalkOps = {
  pudEntry: zapHuge,
  pmdEntry: zapHuge,
  pteEntry: zap,
  hugetlbEntry: (entry, hmask, addr, next, walk) => {
    if (BigInt.asUintN(64, -(next - addr)) !== hmask) return -errno.EINVAL;
    return zap(entry, addr, next, walk);
  },
};

/** Removes all that a VMA maps in [start, end): `zap_page_range_single`. 0 or a negative errno. */
export function zapRange(vma: VmArea, start: bigint, end: bigint): number {
  return walkPageRangeVma(vma, start, end, zapOps);
}

/** What a VMA maps goes, but guards stay: they are part of what it is, not of what it holds. */
const discardOps: MmWalkOps = {
  ...zapOps,
  pteEntry: (pte, addr, next, walk) => (!pte.isPresent && pte.get() === guardEntry ? 0 : zap(pte, addr, next, walk)),
};

/** Removes all pages that a VMA maps in [start, end), as MADV_DONTNEED does. 0 or a negative errno. */
export function discardRange(vma: VmArea, start: bigint, end: bigint): number {
  return walkPageRangeVma(vma, start, end, discardOps);
}

/**
 * `unmap_mapping_pages`: removes what any VMA maps of a file's pages [first, first + nr), copies of them as well, but no
 * guards. The i_mmap lock must be held. 0 or a negative errno.
 */
export function unmapMapping(mapping: AddressSpace, first: number, nr: number): number {
  return walkPageMapping(mapping, first, nr, discardOps);
}

/** `madvise(MADV_DONTNEED)`: the next access gets fresh pages. -ENOMEM where nothing is mapped. */
export function adviseDontNeed(mm: MmStruct, start: bigint, end: bigint): number {
  return walkPageRange(mm, start, end, {
    ...discardOps,
    testWalk: refuse(vmFlag.VM_PFNMAP | vmFlag.VM_LOCKED),
    pteHole,
  });
}

/** Fails on VMAs with any of these flags. */
const refuse = (flags: number) => (_addr: bigint, _next: bigint, walk: MmWalk) =>
  (walk.vma!.vmFlags & flags) === 0 ? 0 : -errno.EINVAL;

const pteHole = (_addr: bigint, _next: bigint, _depth: number, walk: MmWalk) => (walk.vma === null ? -errno.ENOMEM : 0);

function cool(entry: EntryPtr, addr: bigint, _next: bigint, walk: MmWalk): number {
  if (!entry.isLeaf) return 0;
  const offset = Number((addr & (bytesOfLevel[entry.level] - 1n)) >> 12n);
  const page = normalPage(walk.mm, walk.vma!, entry, entry.pfn + offset);
  if (page === null) return 0;
  entry.setFields({ a: 0 });
  page.folio.referenced = page.folio.young = false;
  return 0;
}

const coolHuge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (!entry.isLeaf || !isWhole(entry, addr, next)) return 0;
  walk.action = ACTION_CONTINUE;
  return cool(entry, addr, next, walk);
};

/** `madvise(MADV_COLD)`: these pages will not be used soon. */
export function adviseCold(mm: MmStruct, start: bigint, end: bigint): number {
  const testWalk = refuse(vmFlag.VM_LOCKED | vmFlag.VM_HUGETLB | vmFlag.VM_PFNMAP);
  return walkPageRange(mm, start, end, { pudEntry: coolHuge, pmdEntry: coolHuge, pteEntry: cool, testWalk, pteHole });
}

const noGuards = refuse(vmFlag.VM_PFNMAP | vmFlag.VM_HUGETLB | vmFlag.VM_LOCKED);
const inTheWay = 1;

const installGuards: MmWalkOps = {
  walkLock: PGWALK_RDLOCK,
  testWalk: noGuards,
  pteHole,
  pudEntry: (pud) => (pud.isTable ? 0 : inTheWay),
  pmdEntry: (pmd) => (pmd.isTable ? 0 : inTheWay),
  pteEntry: (pte) => (pte.get() === guardEntry ? 0 : inTheWay),
  installPte: (_addr, _next, out) => {
    out.value = guardEntry;
    return 0;
  },
};

/**
 * `madvise(MADV_GUARD_INSTALL)`: from now on touching these pages is a SIGSEGV. Whatever is mapped is dropped first.
 * 0, -ENOMEM or -EINVAL.
 */
export function adviseGuardInstall(mm: MmStruct, start: bigint, end: bigint): number {
  const result = walkPageRange(mm, start, end, installGuards);
  if (result !== inTheWay) return result;
  const dropped = adviseDontNeed(mm, start, end);
  return dropped === 0 ? walkPageRange(mm, start, end, installGuards) : dropped;
}

/** `madvise(MADV_GUARD_REMOVE)`: takes guards away, and nothing else. */
export function adviseGuardRemove(mm: MmStruct, start: bigint, end: bigint): number {
  const leaveHuge = (entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number => {
    if (!entry.isTable) walk.action = ACTION_CONTINUE;
    return 0;
  };
  return walkPageRange(mm, start, end, {
    testWalk: refuse(vmFlag.VM_PFNMAP | vmFlag.VM_HUGETLB),
    pteHole,
    pudEntry: leaveHuge,
    pmdEntry: leaveHuge,
    pteEntry: (pte) => {
      if (pte.get() === guardEntry) pte.clear();
      return 0;
    },
  });
}
