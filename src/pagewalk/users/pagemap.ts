import {
  ACTION_CONTINUE,
  bytesOfLevel,
  type EntryPtr,
  guardEntry,
  holdsPage,
  isSwap,
  type MmStruct,
  type MmWalk,
  type MmWalkOps,
  normalPage,
  rswSoftDirty,
  softEntryAt,
  swapSoftDirty,
  vmFlag,
  walkPageRange,
} from "../index.ts";

/** Bits of an entry of `/proc/PID/pagemap`; below them the frame, or the type (5 bits) and offset of a swap entry. */
export const pagemapBit = {
  softDirty: 1n << 55n,
  exclusive: 1n << 56n,
  /** A guard of MADV_GUARD_INSTALL. */
  guard: 1n << 58n,
  file: 1n << 61n,
  swap: 1n << 62n,
  present: 1n << 63n,
} as const;

interface Pagemap {
  readonly start: bigint;
  readonly words: BigUint64Array;
}

function fill(entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number {
  const { start, words } = walk.private as Pagemap;
  const offset = (addr & (bytesOfLevel[entry.level] - 1n)) >> 12n;
  const first = Number((addr - start) / 4096n);
  const pages = Number((next - addr) / 4096n);
  for (let i = 0; i < pages; i++) words[first + i] = word(entry, Number(offset) + i, walk);
  return 0;
}

/** What each page of a VMA is that has been there since before the soft-dirty bits were cleared: 0; else soft-dirty. */
const ofVma = ({ vma }: MmWalk): bigint =>
  ((vma?.vmFlags ?? 0) & vmFlag.VM_SOFTDIRTY) === 0 ? 0n : pagemapBit.softDirty;

function word(entry: EntryPtr, offset: number, walk: MmWalk): bigint {
  if (holdsPage(entry)) {
    const pfn = entry.pfn + offset;
    const page = normalPage(walk.mm, walk.vma!, entry, pfn);
    let bits = pagemapBit.present | ofVma(walk) | BigInt(pfn);
    if ((entry.rsw & rswSoftDirty) !== 0) bits |= pagemapBit.softDirty;
    if (page !== null && !page.folio.isAnon) bits |= pagemapBit.file;
    if (page !== null && page.folio.mapCount <= 2 ** page.folio.order) bits |= pagemapBit.exclusive;
    return bits;
  }
  const soft = softEntryAt(entry);
  if (soft === null) return ofVma(walk);
  let bits = pagemapBit.swap | ofVma(walk) | (BigInt(soft.offset + offset) << 5n) | BigInt(soft.type);
  if (isSwap(soft) && (entry.lo & swapSoftDirty) !== 0) bits |= pagemapBit.softDirty;
  if (entry.get() === guardEntry) bits |= pagemapBit.guard;
  return bits;
}

const fillHuge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (entry.isTable) return 0;
  walk.action = ACTION_CONTINUE;
  return fill(entry, addr, next, walk);
};

const ops: MmWalkOps = {
  pudEntry: fillHuge,
  pmdEntry: fillHuge,
  pteEntry: fill,
  hugetlbEntry: (entry, hmask, addr, next, walk) => {
    if (!entry.isLeaf) return 0;
    const { start, words } = walk.private as Pagemap;
    const first = entry.pfn - (entry.count > 1 ? entry.index % entry.count : 0);
    const { folio } = walk.mm.pageOf(first)!;
    let bits = pagemapBit.present | ofVma(walk);
    if (!folio.isAnon) bits |= pagemapBit.file;
    if (folio.mapCount <= 2 ** folio.order) bits |= pagemapBit.exclusive;
    for (let at = addr; at < next; at += 4096n) {
      const pfn = first + Number((at & ~hmask & 0xffff_ffff_ffff_ffffn) >> 12n);
      words[Number((at - start) / 4096n)] = bits | BigInt(pfn);
    }
    return 0;
  },
  pteHole: (addr, next, _depth, walk) => {
    const { start, words } = walk.private as Pagemap;
    if (ofVma(walk) !== 0n) words.fill(ofVma(walk), Number((addr - start) / 4096n), Number((next - start) / 4096n));
    return 0;
  },
};

/** `/proc/PID/pagemap` for [start, end): a word a page, 0 where nothing is. The mmap lock must be held. */
export function readPagemap(mm: MmStruct, start: bigint, end: bigint): BigUint64Array {
  const words = new BigUint64Array(Number((end - start) / 4096n));
  const result = walkPageRange(mm, start, end, ops, { start, words } satisfies Pagemap);
  if (result !== 0) throw new RangeError(`no pagemap from 0x${start.toString(16)} to 0x${end.toString(16)}: ${result}`);
  return words;
}
