import type { Mode } from "../mmu/modes.ts";
import { Descent } from "./descent.ts";
import type { PgdPtr } from "./entry.ts";
import { errno } from "./errno.ts";
import { walkHugetlbRange } from "./hugetlb.ts";
import { assertLocked, assertWriteLocked } from "./lock.ts";
import { type AddressSpace, getInitMm, type MmStruct, type VmArea, vmFlag } from "./mm.ts";
import { type MmWalkOps, PGWALK_RDLOCK, PGWALK_VMA_RDLOCK_VERIFY, PGWALK_WRLOCK, PGWALK_WRLOCK_VERIFY } from "./ops.ts";
import { checkedReturn } from "./returns.ts";

const invalid = -errno.EINVAL;

/**
 * `walk_page_range`: walks [start, end) of an mm, VMA by VMA. Gaps between VMAs are `pteHole(start, next, -1)` with
 * `walk.vma` null.
 *
 * @returns 0, the first number that a callback returned which is not 0, -EINVAL or -ENOMEM
 * @throws LockError when `ops.walkLock` is not observed; TypeError when a callback returns no integer
 */
export function walkPageRange(
  mm: MmStruct | null,
  start: bigint,
  end: bigint,
  ops: MmWalkOps,
  priv: unknown = undefined,
): number {
  checkAddresses(start, end);
  if (mm === null || !isUserRange(mm.tables.mode, start, end)) return invalid;
  const who = "walkPageRange";
  // Looking for VMAs needs the mmap lock, whatever else is asked for.
  assertMmLock(mm, ops, who);
  if (lockOf(ops) === PGWALK_VMA_RDLOCK_VERIFY) assertLocked(mm.mmapLock, who);
  const walk = new Descent(mm, ops, priv);
  const started: VmArea[] = [];
  return releasing(started, () => {
    let vma = mm.findVma(start);
    for (let addr = start; addr < end; ) {
      let next = end;
      let result: number;
      if (vma === null || addr < vma.vmStart) {
        if (vma !== null && vma.vmStart < end) next = vma.vmStart;
        walk.vma = null;
        result = hole(walk, addr, next);
      } else {
        if (vma.vmEnd < end) next = vma.vmEnd;
        walk.vma = vma;
        takeVmaLock(vma, ops, started, who);
        vma = mm.findVma(vma.vmEnd);
        result = testWalk(walk, addr, next);
        if (result === 0) result = walkVma(walk, addr, next);
        else if (result > 0) result = 0;
      }
      if (result !== 0) return result;
      addr = next;
    }
    return 0;
  });
}

/** `walk_page_range_vma`: walks a part of one VMA, without `testWalk`, whatever its flags. As {@link walkPageRange}. */
export function walkPageRangeVma(
  vma: VmArea,
  start: bigint,
  end: bigint,
  ops: MmWalkOps,
  priv: unknown = undefined,
): number {
  checkAddresses(start, end);
  const mm = vma.vmMm;
  if (mm === null || start < vma.vmStart || end > vma.vmEnd || !isUserRange(mm.tables.mode, start, end)) return invalid;
  const who = "walkPageRangeVma";
  assertMmLock(mm, ops, who);
  const walk = new Descent(mm, ops, priv);
  walk.vma = vma;
  const started: VmArea[] = [];
  return releasing(started, () => {
    takeVmaLock(vma, ops, started, who);
    return walkVma(walk, start, end);
  });
}

/** `walk_page_vma`: walks one whole VMA. As {@link walkPageRangeVma}. */
export function walkPageVma(vma: VmArea, ops: MmWalkOps, priv: unknown = undefined): number {
  return walkPageRangeVma(vma, vma.vmStart, vma.vmEnd, ops, priv);
}

/**
 * `walk_page_mapping`: walks whatever maps the page offsets [first, first + nr) of a file, in every mm. The file's
 * i_mmap lock must be held; mmap locks need not be. `testWalk` gets the whole VMA, and if it returns a positive number
 * the walk ends with 0.
 */
export function walkPageMapping(
  mapping: AddressSpace,
  first: number,
  nr: number,
  ops: MmWalkOps,
  priv: unknown = undefined,
): number {
  checkPageOffsets(first, nr);
  if (nr <= 0 || first < 0 || ops.installPte !== undefined) return invalid;
  assertLocked(mapping.iMmapLock, "walkPageMapping");
  for (const vma of mapping.vmasMapping(first, first + nr - 1)) {
    const mm = vma.vmMm;
    if (mm === null) continue;
    const [start, end] = clip(vma, first, first + nr);
    if (start >= end) continue;
    const walk = new Descent(mm, ops, priv);
    walk.vma = vma;
    let result = testWalk(walk, vma.vmStart, vma.vmEnd);
    if (result > 0) return 0;
    if (result === 0) result = walkVma(walk, start, end);
    if (result !== 0) return result;
  }
  return 0;
}

/** The part of a VMA that maps the page offsets [first, last). */
function clip(vma: VmArea, first: number, last: number): [bigint, bigint] {
  const pages = Number((vma.vmEnd - vma.vmStart) / 4096n);
  const from = Math.max(first, vma.vmPgoff) - vma.vmPgoff;
  const to = Math.min(last, vma.vmPgoff + pages) - vma.vmPgoff;
  return [vma.vmStart + BigInt(from) * 4096n, vma.vmStart + BigInt(to) * 4096n];
}

/**
 * `walk_kernel_page_table_range`: walks any page tables, without VMAs; nothing is locked for the callbacks, and nothing
 * is ever written. The range lies in one half of the address space.
 *
 * @param pgd the root table to walk (see {@link pgdOffset}); null: the kernel's own
 * @param init the kernel's mm, whose mmap lock must be held
 */
export function walkKernelPageTableRange(
  start: bigint,
  end: bigint,
  ops: MmWalkOps,
  pgd: PgdPtr | null = null,
  priv: unknown = undefined,
  init: MmStruct | null = getInitMm(),
): number {
  checkAddresses(start, end);
  if (init === null || !isKernelRange(init, pgd, start, end)) return invalid;
  assertLocked(init.mmapLock, "walkKernelPageTableRange");
  return walkKernelPageTableRangeLockless(start, end, ops, pgd, priv, init);
}

/** `walk_kernel_page_table_range_lockless`: {@link walkKernelPageTableRange} that needs no lock at all. */
export function walkKernelPageTableRangeLockless(
  start: bigint,
  end: bigint,
  ops: MmWalkOps,
  pgd: PgdPtr | null = null,
  priv: unknown = undefined,
  init: MmStruct | null = getInitMm(),
): number {
  checkAddresses(start, end);
  if (init === null || !isKernelRange(init, pgd, start, end) || ops.installPte !== undefined) return invalid;
  return new Descent(init, ops, priv, true, pgd).walk(start, end);
}

/** One VMA, between `preVma` and `postVma`. */
function walkVma(walk: Descent, start: bigint, end: bigint): number {
  const { ops } = walk;
  const vma = walk.vma!;
  if (ops.installPte !== undefined && vma.hugetlb !== null) return invalid;
  if (ops.preVma !== undefined) {
    const result = checkedReturn("preVma", ops.preVma(start, end, walk));
    if (result !== 0) return result;
  }
  try {
    if (vma.hugetlb === null) return walk.walk(start, end);
    return ops.hugetlbEntry === undefined ? 0 : walkHugetlbRange(walk, vma, start, end);
  } finally {
    ops.postVma?.(walk);
  }
}

/** Whether to walk a VMA: 0 yes, > 0 no, < 0 end the walk. */
function testWalk(walk: Descent, start: bigint, end: bigint): number {
  const { ops } = walk;
  if (ops.testWalk !== undefined) return checkedReturn("testWalk", ops.testWalk(start, end, walk));
  if ((walk.vma!.vmFlags & vmFlag.VM_PFNMAP) === 0) return 0;
  return hole(walk, start, end) || 1;
}

function hole(walk: Descent, start: bigint, end: bigint): number {
  const { ops } = walk;
  return ops.pteHole === undefined ? 0 : checkedReturn("pteHole", ops.pteHole(start, end, -1, walk));
}

const lockOf = (ops: MmWalkOps) => ops.walkLock ?? PGWALK_RDLOCK;

function assertMmLock(mm: MmStruct, ops: MmWalkOps, who: string): void {
  const rule = lockOf(ops);
  if (rule === PGWALK_RDLOCK) assertLocked(mm.mmapLock, who);
  else if (rule === PGWALK_WRLOCK || rule === PGWALK_WRLOCK_VERIFY) assertWriteLocked(mm.mmapLock, who);
  else if (rule !== PGWALK_VMA_RDLOCK_VERIFY)
    throw new TypeError(`ops.walkLock is ${rule}: no lock rule has that number`);
}

function takeVmaLock(vma: VmArea, ops: MmWalkOps, started: VmArea[], who: string): void {
  const rule = lockOf(ops);
  if (rule === PGWALK_WRLOCK) {
    if (vma.vmLock.startWrite()) started.push(vma);
  } else if (rule === PGWALK_WRLOCK_VERIFY) assertWriteLocked(vma.vmLock, who);
  else if (rule === PGWALK_VMA_RDLOCK_VERIFY) assertLocked(vma.vmLock, who);
}

/** Walks; if an exception ends it, the VMA locks that it took are given back. */
function releasing(started: readonly VmArea[], walk: () => number): number {
  let ended = false;
  try {
    const result = walk();
    ended = true;
    return result;
  } finally {
    if (!ended) for (const vma of started) vma.vmLock.cancelWrite();
  }
}

function checkAddresses(start: unknown, end: unknown): void {
  if (typeof start !== "bigint") throw new TypeError(`start is a ${typeof start}: an address is a bigint`);
  if (typeof end !== "bigint") throw new TypeError(`end is a ${typeof end}: an address is a bigint`);
}

function checkPageOffsets(first: number, nr: number): void {
  if (!Number.isSafeInteger(first)) throw new TypeError(`first is ${first}: a page offset is a whole number`);
  if (!Number.isSafeInteger(nr)) throw new TypeError(`nr is ${nr}: a number of pages is a whole number`);
}

const isPageRange = (start: bigint, end: bigint) => start < end && ((start | end) & 4095n) === 0n;

/** Whether [start, end) is made of pages of the lower half, where user memory is. */
function isUserRange(mode: Mode, start: bigint, end: bigint): boolean {
  return isPageRange(start, end) && start >= 0n && end <= 1n << BigInt(mode.vaBits - 1);
}

/** Whether [start, end) is made of pages of one half of the address space: nothing in it is non-canonical. */
function isKernelRange(init: MmStruct, pgd: PgdPtr | null, start: bigint, end: bigint): boolean {
  const { mode } = pgd === null ? init.tables : pgd.tables;
  const half = 1n << BigInt(mode.vaBits - 1);
  const top = 1n << 64n;
  return isPageRange(start, end) && ((start >= 0n && end <= half) || (start >= top - half && end <= top));
}
