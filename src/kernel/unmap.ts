import { bytesOfLevel, EntryPtr, errno } from "../pagewalk/index.ts";
import { zapRange } from "../pagewalk/users/index.ts";
import { promisedPages } from "./faultHugetlb.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

/** The VMAs of [start, end), those that reach beyond it split at its ends. A RangeError inside a huge page. */
export function isolate(mm: Mm, start: bigint, end: bigint): Vma[] {
  const inside: Vma[] = [];
  for (let vma = mm.findVma(start); vma !== null && vma.vmStart < end; vma = mm.findVma(vma.vmEnd)) {
    let part = vma;
    if (part.vmStart < start) part = mm.splitVma(part, start);
    if (part.vmEnd > end) mm.splitVma(part, end);
    inside.push(part);
    vma = part;
  }
  return inside;
}

/**
 * `munmap`: removes VMAs, what they map, and tables that nothing needs any more. The mmap write lock must be held.
 * 0, or -EINVAL for a range that is not made of whole pages.
 */
export function unmapRange(mm: Mm, start: bigint, end: bigint): number {
  if (start >= end || ((start | end) & 4095n) !== 0n) return -errno.EINVAL;
  if (splitsHugePage(mm, start) || splitsHugePage(mm, end)) return -errno.EINVAL;
  for (const vma of isolate(mm, start, end)) {
    const result = removeMapped(mm, vma);
    if (result !== 0) return result;
  }
  freeTables(mm, start);
  return 0;
}

/** Whether an address lies in the middle of a hugetlb page: no VMA can begin or end there. */
export function splitsHugePage(mm: Mm, addr: bigint): boolean {
  const size = mm.vmaAt(addr)?.hugetlb?.pageSize;
  return size !== undefined && addr % size !== 0n;
}

function removeMapped(mm: Mm, vma: Vma): number {
  if (vma.hugetlb !== null) mm.memory.hugetlbPool(vma.hugetlb.pageSize).unreserve(promisedPages(mm, vma));
  const result = zapRange(vma, vma.vmStart, vma.vmEnd);
  if (result === 0) mm.removeVma(vma);
  return result;
}

/** Takes an address space apart: every VMA, every page, every table but the root. */
export function exitMm(mm: Mm): void {
  for (let vma = mm.findVma(0n); vma !== null; vma = mm.findVma(0n)) {
    removeMapped(mm, vma);
  }
  freeTables(mm, 0n);
  mm.memory.mms.delete(mm);
}

/** Frees the tables that map nothing but the gap between VMAs that an address lies in. */
function freeTables(mm: Mm, addr: bigint): void {
  const { tables } = mm;
  const limit = 1n << BigInt(tables.mode.vaBits - 1);
  let floor = 0n;
  for (const vma of mm.vmas) if (vma.vmEnd <= addr) floor = vma.vmEnd;
  const ceiling = mm.findVma(addr)?.vmStart ?? limit;
  freeBelow(mm, tables.root, tables.rootLevel, 0n, floor, ceiling);
}

/** Frees what is below a table at a level that maps from `base`, as far as it lies in [floor, ceiling). */
function freeBelow(mm: Mm, table: number, level: number, base: bigint, floor: bigint, ceiling: bigint): void {
  const span = bytesOfLevel[level];
  for (let index = 0; index < 512; index++) {
    const start = base + BigInt(index) * span;
    if (start >= ceiling) return;
    if (start + span <= floor) continue;
    const entry = new EntryPtr(mm.tables, level, table + index * 8, mm.tables.vpnOf(base));
    const below = entry.table;
    if (below < 0) continue;
    if (level > 1) freeBelow(mm, below, level - 1, start, floor, ceiling);
    if (start < floor || start + span > ceiling) continue;
    entry.clear();
    mm.freeTable(below);
  }
}
