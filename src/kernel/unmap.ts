import { pagesOfLevel } from "../mmu/modes.ts";
import { ppnOf, pteFields, pteG, pteV } from "../mmu/pte.ts";
import { errno, isSwap, rswSpecial, softEntryOf } from "../pagewalk/index.ts";
import { zapRange } from "../pagewalk/users/index.ts";
import { promisedPages } from "./faultHugetlb.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

const tableEntries = 512;
/** Of a root table: the lower half of the addresses. */
const userEntries = 256;
const allPages = 2 ** 45;
const special = rswSpecial << pteFields.rsw.at;

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

/**
 * Takes an address space apart: every VMA, every page, every table but the root (`exit_mmap`). As nothing of it is used any
 * more, its tables are gone through once, and not entry by entry by what may be done to a part of it.
 */
export function exitMm(mm: Mm): void {
  const { tables } = mm;
  for (const vma of [...mm.vmas]) if (vma.hugetlb !== null) removeMapped(mm, vma);
  forgetBelow(mm, tables.root, tables.rootLevel, userEntries);
  for (let index = 0; index < userEntries; index++) tables.memory.writePair(tables.root + index * 8, 0, 0);
  for (const { tlb } of tables.harts) tlb.dropRange(0, allPages, tables.asid);
  for (const vma of [...mm.vmas]) mm.removeVma(vma);
  mm.memory.mms.delete(mm);
}

/** Gives back what the entries of a table name, lower tables too. The entries stay as they are. */
function forgetBelow(mm: Mm, table: number, level: number, entries = tableEntries): void {
  const { tables } = mm;
  for (let pa = table; pa < table + entries * 8; pa += 8) {
    const lo = tables.low(pa);
    const hi = tables.high(pa);
    if ((lo | hi) === 0) continue;
    const below = tables.tableOf(lo, hi, level);
    if (below >= 0) {
      forgetBelow(mm, below, level - 1);
      mm.freeTable(below);
    } else if ((lo & (pteV | pteG)) !== 0) forgetLeaf(mm, lo, hi, level);
    else {
      const soft = softEntryOf((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
      if (isSwap(soft)) mm.swapReleased(soft!);
    }
  }
}

/** A leaf, or a page with no permission (V=0, G=1). */
function forgetLeaf(mm: Mm, lo: number, hi: number, level: number): void {
  const pfn = ppnOf(lo, hi);
  if ((lo & special) !== 0 || mm.isZeroPfn(pfn) || mm.isHugeZeroPfn(pfn)) return;
  const folio = mm.memory.folioOf(pfn);
  if (folio !== undefined) mm.folioUnmapped(folio, pagesOfLevel[level]);
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
