import {
  ACTION_CONTINUE,
  type EntryPtr,
  type MmWalk,
  type MmWalkOps,
  type PageTables,
  p4dOffset,
  pgdOffset,
  tablesOnly,
  walkKernelPageTableRangeLockless,
} from "../index.ts";

/** What is told of tables, in order of address. Page numbers are below 2^(vaBits - 12); halves are raw. */
export interface TableVisitor {
  /** An entry above level 0 that points to a table; what is below follows. */
  table(level: number, vpn: number, pa: number, lo: number, hi: number): void;
  /** Any other entry above level 0 that is not none. */
  entry(level: number, vpn: number, lo: number, hi: number): void;
  /** A table of level 0: 512 entries from `vpn`, as 1024 words of guest memory. */
  leafTable(vpn: number, words: Int32Array): void;
}

/** Tables that a scan looks at before it gives up: a guest can make 2^36 of a single page. */
export const mostTables = 1 << 20;

/**
 * Shows a visitor all that page tables hold. Returns whether that was all: false, there were too many tables.
 *
 * @param limit how many tables at most
 */
export function scanTables(tables: PageTables, visitor: TableVisitor, limit = mostTables): boolean {
  let seen = 0;
  const upper = (entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number => {
    const { level, vpn, lo, hi } = entry;
    const table = tables.tableOf(lo, hi, level);
    if (table < 0) {
      visitor.entry(level, vpn, lo, hi);
      walk.action = ACTION_CONTINUE;
      return 0;
    }
    if (++seen > limit) return 1;
    visitor.table(level, vpn, table, lo, hi);
    if (level === 1) visitor.leafTable(vpn, tables.tableWords(table));
    return 0;
  };
  // Of a hole at PGD or P4D a walk does not say whether the entry was none or bad.
  const hole = (addr: bigint, _next: bigint, depth: number): number => {
    const pgd = pgdOffset(tables, addr);
    const entry = depth === 0 ? pgd : depth === 1 ? p4dOffset(pgd, addr) : null;
    if (entry !== null && !entry.isNone) visitor.entry(entry.level, entry.vpn, entry.lo, entry.hi);
    return 0;
  };
  const { levels, vaBits } = tables.mode;
  const ops: MmWalkOps = {
    ...(levels > 4 && { pgdEntry: upper }),
    ...(levels > 3 && { p4dEntry: upper }),
    pudEntry: upper,
    pmdEntry: upper,
    pteHole: hole,
  };
  const half = 1n << BigInt(vaBits - 1);
  const top = 1n << 64n;
  const init = tablesOnly(tables);
  const walk = (start: bigint, end: bigint) =>
    walkKernelPageTableRangeLockless(start, end, ops, pgdOffset(tables), null, init);
  return walk(0n, half) === 0 && walk(top - half, top) === 0;
}

const threeDigits: readonly string[] = Array.from({ length: 4096 }, (_, n) => n.toString(16).padStart(3, "0"));

/** A page or frame number below 2^52 as the 16 digits of its address. Numbers above 2^31 format themselves slowly. */
export function hexOfPage(page: number): string {
  const high = Math.floor(page / 2 ** 24);
  const low = page - high * 2 ** 24;
  const top = (high >>> 24).toString(16) + threeDigits[(high >>> 12) & 4095] + threeDigits[high & 4095];
  return `${top}${threeDigits[low >>> 12]}${threeDigits[low & 4095]}000`;
}

/** A page number as the 16 digits of its virtual address, sign-extended. */
export function hexOfVpn(tables: PageTables, vpn: number): string {
  const half = upperHalf(tables);
  return hexOfPage(vpn >= half ? vpn + (2 ** 52 - 2 * half) : vpn);
}

/** The first address after a range: of the lower half's last, and of the upper's, no canonical one. */
export function hexOfEnd(tables: PageTables, vpn: number): string {
  if (vpn === upperHalf(tables)) return hexOfPage(vpn);
  return vpn === 2 * upperHalf(tables) ? "10000000000000000" : hexOfVpn(tables, vpn);
}

/** The first page of the upper half of the address space. */
export function upperHalf(tables: PageTables): number {
  return 2 ** (tables.mode.vaBits - 13);
}
