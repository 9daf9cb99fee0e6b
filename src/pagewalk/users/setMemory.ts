import {
  ACTION_AGAIN,
  ACTION_CONTINUE,
  bytesOfLevel,
  type EntryPtr,
  errno,
  getInitMm,
  type MmStruct,
  type MmWalk,
  type MmWalkOps,
  type PteField,
  splitEntry,
  walkKernelPageTableRange,
} from "../index.ts";

type Change = Partial<Record<PteField, 0 | 1>>;

function set(entry: EntryPtr, walk: MmWalk): number {
  if (!entry.isLeaf) return -errno.EINVAL;
  entry.setFields(walk.private as Change);
  return 0;
}

/** A leaf that is wholly inside is changed as it is; one that is not is split, and looked at again. */
const huge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (!entry.isLeaf) return entry.isTable ? 0 : -errno.EINVAL;
  if (next - addr === bytesOfLevel[entry.level]) {
    walk.action = ACTION_CONTINUE;
    return set(entry, walk);
  }
  walk.action = ACTION_AGAIN;
  return splitEntry(walk.mm, entry);
};

const ops: MmWalkOps = {
  pudEntry: huge,
  pmdEntry: huge,
  pteEntry: (pte, _addr, _next, walk) => set(pte, walk),
  pteHole: () => -errno.EINVAL,
};

/** Changes the kernel's own mapping of `pages` pages. 0, -EINVAL where nothing is mapped, or -ENOMEM. */
function setMemory(addr: bigint, pages: number, change: Change, init: MmStruct | null): number {
  return walkKernelPageTableRange(addr, addr + BigInt(pages) * 4096n, ops, null, change, init);
}

/** `set_memory_ro`: the kernel may not write these pages any more. Init mm's mmap lock must be held. */
export function setMemoryRo(addr: bigint, pages: number, init: MmStruct | null = getInitMm()): number {
  return setMemory(addr, pages, { w: 0, r: 1 }, init);
}

/** `set_memory_rw`: and now it may. */
export function setMemoryRw(addr: bigint, pages: number, init: MmStruct | null = getInitMm()): number {
  return setMemory(addr, pages, { w: 1, r: 1 }, init);
}

/** `set_memory_x`: the kernel may execute these pages. */
export function setMemoryX(addr: bigint, pages: number, init: MmStruct | null = getInitMm()): number {
  return setMemory(addr, pages, { x: 1 }, init);
}

/** `set_memory_nx`: and now it may not. */
export function setMemoryNx(addr: bigint, pages: number, init: MmStruct | null = getInitMm()): number {
  return setMemory(addr, pages, { x: 0 }, init);
}
