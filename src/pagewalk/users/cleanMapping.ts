import {
  ACTION_CONTINUE,
  type AddressSpace,
  bytesOfLevel,
  type EntryPtr,
  type MmWalk,
  type MmWalkOps,
  vmFlag,
  walkPageMapping,
} from "../index.ts";

/** What was found and changed in a file's mappings. */
export interface CleanedMapping {
  /** Page offsets that had been written through a mapping. */
  readonly dirty: Set<number>;
  /** Entries changed. */
  entries: number;
  /** VMAs in which something was changed, each once a walk: who caches their translations must hear of it. */
  vmas: number;
}

interface State extends CleanedMapping {
  readonly change: (entry: EntryPtr) => boolean;
  changedBefore: number;
}

const shared = vmFlag.VM_SHARED | vmFlag.VM_MAYWRITE;

/** Only shared mappings that could be written; `testWalk` cannot skip one of several VMAs, the entries can. */
const isShared = (walk: MmWalk) => (walk.vma!.vmFlags & (shared | vmFlag.VM_HUGETLB)) === shared;

function leaf(entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number {
  const state = walk.private as State;
  if (!entry.isLeaf) return 0;
  if (entry.d) {
    const vma = walk.vma!;
    const first = vma.vmPgoff + Number((addr - vma.vmStart) / 4096n);
    for (let i = 0; i < Number((next - addr) / 4096n); i++) state.dirty.add(first + i);
  }
  if (state.change(entry)) state.entries++;
  return 0;
}

const huge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  const isOurs = isShared(walk);
  if (isOurs && (entry.isTable || next - addr !== bytesOfLevel[entry.level])) return 0;
  walk.action = ACTION_CONTINUE;
  return isOurs ? leaf(entry, addr, next, walk) : 0;
};

const ops: MmWalkOps = {
  pudEntry: huge,
  pmdEntry: huge,
  pteEntry: leaf,
  preVma: (_start, _end, walk) => {
    const state = walk.private as State;
    state.changedBefore = state.entries;
    return 0;
  },
  postVma: (walk) => {
    const state = walk.private as State;
    if (state.entries !== state.changedBefore) state.vmas++;
  },
};

function changeMapping(
  mapping: AddressSpace,
  first: number,
  nr: number,
  change: (entry: EntryPtr) => boolean,
): CleanedMapping | number {
  const state: State = { dirty: new Set(), entries: 0, vmas: 0, change, changedBefore: 0 };
  const result = walkPageMapping(mapping, first, nr, ops, state);
  return result === 0 ? { dirty: state.dirty, entries: state.entries, vmas: state.vmas } : result;
}

/**
 * `clean_record_shared_mapping_range`: clears D in every shared mapping of a file's pages [first, first + nr), and says
 * which were dirty. The i_mmap lock must be held.
 */
export function cleanMapping(mapping: AddressSpace, first: number, nr: number): CleanedMapping | number {
  return changeMapping(mapping, first, nr, (entry) => {
    if (!entry.d) return false;
    entry.setFields({ d: 0 });
    return true;
  });
}

/** `wp_shared_mapping_range`: takes W away likewise, so that the next write is heard of. */
export function writeProtectMapping(mapping: AddressSpace, first: number, nr: number): CleanedMapping | number {
  return changeMapping(mapping, first, nr, (entry) => {
    if (!entry.w) return false;
    entry.setFields({ w: 0 });
    return true;
  });
}
