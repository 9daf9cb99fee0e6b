import type { P4dPtr, PgdPtr, PmdPtr, PtePtr, PudPtr } from "./entry.ts";
import type { Depth } from "./level.ts";
import type { MmStruct, VmArea } from "./mm.ts";

/** `enum page_walk_lock`: what must be locked during a walk. */
export type PageWalkLock = 0 | 1 | 2 | 3;

/** The mmap lock is held, for read or write. */
export const PGWALK_RDLOCK = 0;
/** The mmap lock is held for write, and the walk write-locks each VMA. */
export const PGWALK_WRLOCK = 1;
/** The mmap lock is held for write, and so is the VMA's already. */
export const PGWALK_WRLOCK_VERIFY = 2;
/** The VMA's lock is held. */
export const PGWALK_VMA_RDLOCK_VERIFY = 3;

/** `enum page_walk_action`: what `pudEntry` and `pmdEntry` can have the walk do next, in `walk.action`. */
export type PageWalkAction = 0 | 1 | 2;

/** Go down, splitting a huge leaf if needed and possible: what happens if `walk.action` is left alone. */
export const ACTION_SUBTREE = 0;
/** Go on with the next entry, ignoring what is below this one. */
export const ACTION_CONTINUE = 1;
/** Look at this entry again. */
export const ACTION_AGAIN = 2;

/**
 * `struct mm_walk_ops`: what a walk calls. Each returns 0 to go on, a positive number to stop and have the walk return
 * it, or a negative errno likewise. Anything but an integer is a TypeError. Addresses are of 64 bits, unsigned.
 */
export interface MmWalkOps {
  /** Each non-empty PGD entry; those of depths that the mode folds are called with the one entry they share. */
  pgdEntry?: (pgd: PgdPtr, addr: bigint, next: bigint, walk: MmWalk) => number;
  p4dEntry?: (p4d: P4dPtr, addr: bigint, next: bigint, walk: MmWalk) => number;
  pudEntry?: (pud: PudPtr, addr: bigint, next: bigint, walk: MmWalk) => number;
  /** Must be able to handle huge leaves and non-present entries. */
  pmdEntry?: (pmd: PmdPtr, addr: bigint, next: bigint, walk: MmWalk) => number;
  /** Each PTE, also an empty one; with `installPte`, only existing ones. The page-table lock is held with a VMA. */
  pteEntry?: (pte: PtePtr, addr: bigint, next: bigint, walk: MmWalk) => number;
  /** Each hole: depth 0 PGD, 1 P4D, 2 PUD, 3 PMD, -1 not known. */
  pteHole?: (addr: bigint, next: bigint, depth: Depth, walk: MmWalk) => number;
  /** Each entry of a hugetlb VMA, with the VMA's hugetlb lock held. */
  hugetlbEntry?: (pte: PtePtr, hmask: bigint, addr: bigint, next: bigint, walk: MmWalk) => number;
  /** Whether to walk a VMA: 0 yes, > 0 skip it, < 0 end the walk. Without it VM_PFNMAP VMAs are not entered. */
  testWalk?: (addr: bigint, next: bigint, walk: MmWalk) => number;
  /** Before the walk of a VMA. */
  preVma?: (start: bigint, end: bigint, walk: MmWalk) => number;
  /** After the walk of a VMA whose `preVma` did not fail. */
  postVma?: (walk: MmWalk) => void;
  /** Gives the entry for each page that has none, in `out`; tables on the way are allocated. User VMAs only. */
  installPte?: (addr: bigint, next: bigint, out: PteValue, walk: MmWalk) => number;
  /** {@link PGWALK_RDLOCK} if left out. */
  walkLock?: PageWalkLock;
}

/** Where `installPte` puts the entry to install. */
export interface PteValue {
  value: bigint;
}

/** `struct mm_walk`: a walk that is going on. */
export interface MmWalk {
  readonly ops: MmWalkOps;
  readonly mm: MmStruct;
  /** The table that a walk without VMAs was given, if any; otherwise null. */
  readonly pgd: PgdPtr | null;
  /** The VMA being walked; null outside of VMAs. */
  readonly vma: VmArea | null;
  /** What to do after `pudEntry` or `pmdEntry`; see {@link PageWalkAction}. */
  action: PageWalkAction;
  /** Whether the walk ignores VMAs. */
  readonly noVma: boolean;
  /** The caller's own data. */
  private: unknown;
}
