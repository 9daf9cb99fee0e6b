import { pteField, pteG, pteV } from "../mmu/pte.ts";
import type { EntryPtr } from "./entry.ts";

/**
 * Entries with V=0 that the kernel understands, in the format of Linux on RISC-V:
 *
 *      63              12 11     7 6 5      0
 *     |      offset      |  type  | |   0    |
 *
 * A type below {@link swapType.hwpoison} is a swap device and the offset its slot; of a migration entry the offset is
 * the frame that is being moved. With bit 5 (G) set it is none of these, but a page with no permission. Bit 6 is
 * {@link swapSoftDirty}.
 */
export interface SoftEntry {
  readonly type: number;
  readonly offset: number;
}

/** Types that are no swap device: Linux's, with device-private memory configured. */
export const swapType = {
  hwpoison: 22,
  migrationRead: 23,
  migrationReadExclusive: 24,
  migrationWrite: 25,
  deviceWrite: 26,
  deviceRead: 27,
  deviceExclusiveWrite: 28,
  deviceExclusiveRead: 29,
  marker: 31,
} as const;

/** Offset of a marker entry that makes a page a guard: touching it is a SIGSEGV. */
export const markerGuard = 4;

/** Bit of the entry of a page in swap space: it was soft-dirty. Linux's `_PAGE_SWP_SOFT_DIRTY`. */
export const swapSoftDirty = 1 << 6;

const typeAt = 7n;
const typeMask = 31n;
const offsetAt = 12n;

/** The entry's 64 bits. */
export function makeSoftEntry({ type, offset }: SoftEntry): bigint {
  return (BigInt(offset) << offsetAt) | (BigInt(type) << typeAt);
}

/** Whether an entry is a page that may not be accessed at all (`PROT_NONE`): V=0, and G set to tell it apart. */
export function isProtNone(value: bigint): boolean {
  return pteField(value, "v") === 0n && pteField(value, "g") !== 0n;
}

/** Whether an entry holds a page: a leaf, or one with no permission. */
export function holdsPage(entry: EntryPtr): boolean {
  const { lo } = entry;
  return (lo & pteV) === 0 ? (lo & pteG) !== 0 : entry.isLeaf;
}

/** What an entry with V=0 says, or null: it is none, present, or a {@link isProtNone} page. */
export function softEntryOf(value: bigint): SoftEntry | null {
  if (value === 0n || pteField(value, "v") !== 0n || isProtNone(value)) return null;
  return { type: Number((value >> typeAt) & typeMask), offset: Number(value >> offsetAt) };
}

/** Whether an entry says that its page is being moved. */
export function isMigration(entry: SoftEntry | null): boolean {
  return entry !== null && entry.type >= swapType.migrationRead && entry.type <= swapType.migrationWrite;
}

/** Whether an entry says that its page is in swap space. */
export function isSwap(entry: SoftEntry | null): boolean {
  return entry !== null && entry.type < swapType.hwpoison;
}

/** The entry that a pointer points at, as {@link softEntryOf}. */
export function softEntryAt(entry: EntryPtr): SoftEntry | null {
  return entry.isPresent || entry.isNone ? null : softEntryOf(entry.get());
}

/** The marker of a guard page. */
export const guardEntry: bigint = makeSoftEntry({ type: swapType.marker, offset: markerGuard });
