import { pteFields } from "../mmu/pte.ts";
import {
  ACTION_CONTINUE,
  bytesOfLevel,
  type EntryPtr,
  errno,
  holdsPage,
  hugePteOffset,
  isSwap,
  type MmWalk,
  type MmWalkOps,
  rswSoftDirty,
  softEntryAt,
  swapSoftDirty,
  walkPageRangeVma,
} from "../pagewalk/index.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

interface Move {
  readonly mm: Mm;
  /** What is added to an address, in pages. */
  readonly by: number;
}

/** What is moved is soft-dirty: whoever looks for what was written does not know what is there now. */
function movedLow(entry: EntryPtr): number {
  if (holdsPage(entry)) return entry.lo | (rswSoftDirty << pteFields.rsw.at);
  return isSwap(softEntryAt(entry)) ? entry.lo | swapSoftDirty : entry.lo;
}

function moveEntry(entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number {
  if (entry.isNone) return 0;
  const { mm, by } = walk.private as Move;
  const target = mm.entryAt(entry.vpn + by, entry.level);
  if (target === null) return -errno.ENOMEM;
  const { hi } = entry;
  const lo = movedLow(entry);
  entry.setHalves(0, 0);
  target.setHalves(lo, hi);
  return 0;
}

const moveOps: MmWalkOps = {
  // a huge page moves as a whole to where one may be; otherwise the walk splits it
  pmdEntry: (pmd, addr, next, walk) => {
    const { by } = walk.private as Move;
    if (pmd.isTable || next - addr !== bytesOfLevel[1] || by % 512 !== 0) return 0;
    walk.action = ACTION_CONTINUE;
    return moveEntry(pmd, addr, next, walk);
  },
  pteEntry: moveEntry,
  hugetlbEntry: (entry, _hmask, addr, _next, walk) => {
    if (entry.isNone) return 0;
    const { mm, by } = walk.private as Move;
    const { level } = entry;
    const to = addr + (BigInt(by) << 12n);
    const target = mm.entryFor(to, level) && hugePteOffset(mm.tables, to, walk.vma!.hugetlb!.pageSize);
    if (target === null) return -errno.ENOMEM;
    const { lo, hi } = entry;
    entry.setHalves(0, 0);
    target.setHalves(lo, hi);
    return 0;
  },
};

/**
 * `move_page_tables`: what is mapped in [start, end) of a VMA is mapped at `to` and behind instead, where nothing is. The
 * mmap write lock must be held. 0, or -ENOMEM with a part moved.
 */
export function movePages(vma: Vma, start: bigint, end: bigint, to: bigint): number {
  const mm = vma.vmMm;
  return walkPageRangeVma(vma, start, end, moveOps, { mm, by: Number((to - start) / 4096n) } satisfies Move);
}
