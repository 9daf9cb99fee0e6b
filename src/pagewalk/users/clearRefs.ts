import {
  ACTION_CONTINUE,
  bytesOfLevel,
  type EntryPtr,
  type Folio,
  holdsPage,
  isSwap,
  type MmStruct,
  type MmWalk,
  type MmWalkOps,
  normalPage,
  PGWALK_WRLOCK,
  rswSoftDirty,
  softEntryAt,
  swapSoftDirty,
  walkPageRange,
  walkPageVma,
} from "../index.ts";

/** What to write into `/proc/PID/clear_refs`: 1 all pages, 2 anonymous, 3 of files, 4 the soft-dirty bits. */
export type ClearRefs = 1 | 2 | 3 | 4;

/** The folio that a leaf maps, or null. */
function folioOf(entry: EntryPtr, addr: bigint, walk: MmWalk): Folio | null {
  const offset = Number((addr & (bytesOfLevel[entry.level] - 1n)) >> 12n);
  return normalPage(walk.mm, walk.vma!, entry, entry.pfn + offset)?.folio ?? null;
}

/** Ops that do something with every leaf, huge ones unsplit. */
function onLeaves(what: (entry: EntryPtr, folio: Folio | null) => void): MmWalkOps {
  const leaf = (entry: EntryPtr, addr: bigint, _next: bigint, walk: MmWalk): number => {
    if (entry.isLeaf) what(entry, folioOf(entry, addr, walk));
    return 0;
  };
  const huge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
    if (entry.isTable) return 0;
    walk.action = ACTION_CONTINUE;
    return leaf(entry, addr, next, walk);
  };
  return { pudEntry: huge, pmdEntry: huge, pteEntry: leaf, walkLock: PGWALK_WRLOCK };
}

const forgetUse = onLeaves((entry, folio) => {
  entry.setFields({ a: 0 });
  if (folio !== null) folio.referenced = folio.young = false;
});

/** A write must fault once, for the bit to be set again. What D says of the page stays so. */
const forgetWrites: MmWalkOps = {
  ...onLeaves((entry) => entry.setFields({ rsw: entry.rsw & ~rswSoftDirty, w: 0 })),
  pteEntry: (entry) => {
    if (holdsPage(entry)) entry.setFields({ rsw: entry.rsw & ~rswSoftDirty, w: 0 });
    else if (isSwap(softEntryAt(entry))) entry.setHalves(entry.lo & ~swapSoftDirty, entry.hi);
    return 0;
  },
};

/** `clear_refs`: the pages of an mm count as not used, or not written, from now on. The mmap write lock must be held. */
export function clearRefs(mm: MmStruct, what: ClearRefs): void {
  for (let vma = mm.findVma(0n); vma !== null; vma = mm.findVma(vma.vmEnd)) {
    if ((what === 2 && vma.vmFile !== null) || (what === 3 && vma.vmFile === null)) continue;
    walkPageVma(vma, what === 4 ? forgetWrites : forgetUse);
  }
}

const startIdle = onLeaves((entry, folio) => {
  if (folio === null) return;
  // Reclaim must not lose what A said.
  if (entry.a) folio.young = true;
  entry.setFields({ a: 0 });
  folio.idle = true;
});

/** Idle page tracking: marks the pages of [start, end) idle. The mmap write lock must be held. */
export function markIdle(mm: MmStruct, start: bigint, end: bigint): number {
  return walkPageRange(mm, start, end, startIdle);
}

/** Which pages of [start, end) were not used since {@link markIdle}: addresses of their leaves. */
export function idlePages(mm: MmStruct, start: bigint, end: bigint): bigint[] {
  const idle: bigint[] = [];
  const ops = onLeaves((entry, folio) => {
    if (folio === null) return;
    if (entry.a) folio.idle = false;
    if (folio.idle) idle.push(entry.va);
  });
  walkPageRange(mm, start, end, ops);
  return idle;
}
