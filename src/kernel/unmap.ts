import { pagesOfLevel } from "../mmu/modes.ts";
import { errno } from "../pagewalk/index.ts";
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
  freeTables(mm, start, end);
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
  freeTables(mm, 0n, 1n << BigInt(mm.tables.mode.vaBits - 1));
  mm.memory.mms.delete(mm);
}

/** Frees the tables for [start, end) that map nothing but the gap between VMAs which that lies in. */
function freeTables(mm: Mm, start: bigint, end: bigint): void {
  const { tables } = mm;
  const limit = 1n << BigInt(tables.mode.vaBits - 1);
  const page = (addr: bigint) => Number(addr >> 12n);
  freeBelow(mm, tables.root, tables.rootLevel, 0, {
    start: page(start),
    end: page(end),
    floor: page(mm.lastBefore(start)?.vmEnd ?? 0n),
    ceiling: page(mm.findVma(start)?.vmStart ?? limit),
  });
}

/** What was unmapped, and the gap around it, in pages. */
interface Gap {
  readonly start: number;
  readonly end: number;
  readonly floor: number;
  readonly ceiling: number;
}

/** Frees what is below a table at a level that maps from page `base`, as far as it lies in the gap. */
function freeBelow(mm: Mm, table: number, level: number, base: number, gap: Gap): void {
  const { tables } = mm;
  const pages = pagesOfLevel[level];
  const last = Math.min(512, Math.ceil((gap.end - base) / pages));
  for (let index = Math.max(0, Math.floor((gap.start - base) / pages)); index < last; index++) {
    const at = table + index * 8;
    const below = tables.tableOf(tables.low(at), tables.high(at), level);
    if (below < 0) continue;
    const first = base + index * pages;
    if (level > 1) freeBelow(mm, below, level - 1, first, gap);
    if (first < gap.floor || first + pages > gap.ceiling) continue;
    tables.set(at, level, first, 0, 0);
    mm.freeTable(below);
  }
}
