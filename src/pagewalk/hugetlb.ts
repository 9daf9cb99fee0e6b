import { pagesOfLevel } from "../mmu/modes.ts";
import type { Descent } from "./descent.ts";
import { EntryPtr, PtePtr } from "./entry.ts";
import { bytesOfLevel } from "./level.ts";
import type { VmArea } from "./mm.ts";
import type { PageTables } from "./pageTables.ts";
import { checkedReturn } from "./returns.ts";

/** Sizes of hugetlb pages, with the level of their entries and how many of these make a page. */
const hugeSizes = [
  { bytes: 65536n, level: 0, count: 16 },
  { bytes: bytesOfLevel[1], level: 1, count: 1 },
  { bytes: bytesOfLevel[2], level: 2, count: 1 },
] as const;

/** The level of the entries of a hugetlb page size, and how many make a page. A RangeError for other sizes. */
export function hugeSize(bytes: bigint): { readonly level: number; readonly count: number } {
  const size = hugeSizes.find((each) => each.bytes === bytes);
  if (size === undefined) throw new RangeError(`${bytes} bytes are no hugetlb page: 64 KiB, 2 MiB and 1 GiB are`);
  return size;
}

/**
 * `huge_pte_offset`: the entry for the huge page at an address, or null: no table reaches down to it. The entry itself
 * may be none. For 64 KiB it is the first of sixteen, which are set together.
 */
export function hugePteOffset(tables: PageTables, addr: bigint, pageSize: bigint): PtePtr | null {
  const { level, count } = hugeSize(pageSize);
  const first = pagesOfLevel[level] * count;
  const vpn = Math.floor(tables.vpnOf(addr) / first) * first;
  let table = tables.root;
  for (let at = tables.rootLevel; at > level; at--) {
    const [, , pa] = EntryPtr.place(tables, at, table, vpn);
    table = tables.tableOf(tables.low(pa), tables.high(pa), at);
    if (table < 0) return null;
  }
  const entry = new PtePtr(...EntryPtr.place(tables, level, table, vpn));
  entry.count = count;
  return entry;
}

/** The walk of a hugetlb VMA, huge page by huge page, with its lock held. */
export function walkHugetlbRange(walk: Descent, vma: VmArea, start: bigint, end: bigint): number {
  const { pageSize, lock } = vma.hugetlb!;
  const { ops } = walk;
  const hmask = BigInt.asUintN(64, -pageSize);
  lock.lockRead();
  try {
    for (let addr = start; addr < end; ) {
      const boundary = (addr & -pageSize) + pageSize;
      const next = boundary < end ? boundary : end;
      const entry = hugePteOffset(walk.mm.tables, addr, pageSize);
      let result = 0;
      if (entry !== null) {
        result = checkedReturn("hugetlbEntry", ops.hugetlbEntry!(entry, hmask, addr, next, walk));
      } else if (ops.pteHole !== undefined) {
        result = checkedReturn("pteHole", ops.pteHole(addr, next, -1, walk));
      }
      if (result !== 0) return result;
      addr = next;
    }
    return 0;
  } finally {
    lock.unlockRead();
  }
}
