import {
  ACTION_CONTINUE,
  type EntryPtr,
  errno,
  guardEntry,
  holdsPage,
  isMigration,
  type MmStruct,
  type MmWalk,
  type MmWalkOps,
  softEntryAt,
  walkPageRange,
} from "../index.ts";

interface Residence {
  readonly start: bigint;
  readonly vector: Uint8Array;
}

function fill(walk: MmWalk, addr: bigint, next: bigint, isResident: (addr: bigint) => boolean): number {
  const { start, vector } = walk.private as Residence;
  for (let at = addr; at < next; at += 4096n) vector[Number((at - start) / 4096n)] = Number(isResident(at));
  return 0;
}

/** What no entry maps is resident if it is in the page cache. */
function hole(addr: bigint, next: bigint, _depth: number, walk: MmWalk): number {
  const { vma } = walk;
  if (vma === null) return -errno.ENOMEM;
  const file = vma.vmFile;
  if (file === null) return fill(walk, addr, next, () => false);
  return fill(walk, addr, next, (at) => file.hasPage(vma.vmPgoff + Number((at - vma.vmStart) / 4096n)));
}

function leaf(entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number {
  if (entry.isNone || entry.get() === guardEntry) return hole(addr, next, -1, walk);
  return fill(walk, addr, next, () => holdsPage(entry) || isMigration(softEntryAt(entry)));
}

const huge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (entry.isTable) return 0;
  walk.action = ACTION_CONTINUE;
  return leaf(entry, addr, next, walk);
};

const ops: MmWalkOps = {
  pudEntry: huge,
  pmdEntry: huge,
  pteEntry: leaf,
  pteHole: hole,
  hugetlbEntry: (entry, _hmask, addr, next, walk) => leaf(entry, addr, next, walk),
};

/** `mincore(2)`: a byte a page of [start, end), 1 where it is in memory; -ENOMEM where nothing is mapped. */
export function mincore(mm: MmStruct, start: bigint, end: bigint): Uint8Array | number {
  const vector = new Uint8Array(Math.max(0, Number((end - start) / 4096n)));
  const result = walkPageRange(mm, start, end, ops, { start, vector } satisfies Residence);
  return result === 0 ? vector : result;
}
