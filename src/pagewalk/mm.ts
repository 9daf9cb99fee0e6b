import type { ReadLock, SharedLock, SpinLock, VmaLock } from "./lock.ts";
import type { PageTables } from "./pageTables.ts";
import type { SoftEntry } from "./softEntry.ts";

/**
 * What the walk needs of a kernel's memory management. `src/kernel` implements it; the mm of a live guest may stand
 * behind it as well.
 */
export interface MmStruct {
  /** For messages. */
  readonly name: string;
  /** `mm->pgd`, the mode, the ASID and the TLBs. */
  readonly tables: PageTables;
  readonly mmapLock: SharedLock;
  /** The first VMA that ends above an address, or null: `find_vma`. */
  findVma(addr: bigint): VmArea | null;
  /** The page-table lock that guards the entries of the table at a physical address. */
  pageTableLock(table: number): SpinLock;
  /** The physical address of a zeroed page for a table, or undefined: memory is exhausted. */
  allocateTable(): number | undefined;
  /** The `struct page` of a frame, or null: it has none (a device, firmware). */
  pageOf(pfn: number): Page | null;
  /** Whether a frame is the shared zero page, or part of the shared huge one. */
  isZeroPfn(pfn: number): boolean;
  isHugeZeroPfn(pfn: number): boolean;
  /**
   * An entry that mapped this page is gone: its map count and reference go down, and the folio may be freed. Called by
   * whoever cleared the entry; `pages` small pages of the folio were mapped by it.
   */
  pageUnmapped(page: Page, pages: number): void;
  /** An entry that named a page in swap space is gone. */
  swapReleased?(entry: SoftEntry): void;
  /** Hears of a caller's mistake that Linux would only warn of. */
  warn?(message: string): void;
}

/** `vm_area_struct`: a range of an mm that is mapped in one way. */
export interface VmArea {
  readonly vmMm: MmStruct | null;
  readonly vmStart: bigint;
  /** First address after it. */
  readonly vmEnd: bigint;
  /** Bits of {@link vmFlag}. */
  readonly vmFlags: number;
  /** The file that it maps, or null: anonymous memory. */
  readonly vmFile: AddressSpace | null;
  /** Page offset in the file of its first page. */
  readonly vmPgoff: number;
  readonly vmLock: VmaLock;
  /** For a hugetlb VMA: the size of its pages in bytes (64 KiB, 2 MiB or 1 GiB) and its lock. */
  readonly hugetlb: Hugetlb | null;
}

/** What makes a VMA a hugetlb one. */
export interface Hugetlb {
  readonly pageSize: bigint;
  readonly lock: ReadLock;
}

/** `address_space`: the pages of a file, and who maps them. */
export interface AddressSpace {
  readonly iMmapLock: SharedLock;
  /** The VMAs that map any of the page offsets first … last, in order of their first one. */
  vmasMapping(first: number, last: number): Iterable<VmArea>;
  /** Whether the page at an offset is in memory. */
  hasPage(index: number): boolean;
}

/** A physically contiguous, naturally aligned group of 2^order frames that are handled as one. */
export interface Folio {
  /** First frame. */
  readonly pfn: number;
  readonly order: number;
  /** Small pages of it that entries map, each as often as it is mapped. */
  readonly mapCount: number;
  /** Not a page of a file. */
  readonly isAnon: boolean;
  /** Given up by its owner: it may go, unless it is written to. */
  readonly lazyFree?: boolean;
  /** Written since it was last saved. */
  dirty: boolean;
  /** Used lately, as reclaim sees it. */
  referenced: boolean;
  /** Idle page tracking: not used since it was marked so; and: an access was seen that a scan must not lose. */
  idle: boolean;
  young: boolean;
}

/** `struct page`: one frame. */
export interface Page {
  readonly pfn: number;
  readonly folio: Folio;
}

/** Bit of an entry's RSW field that says: this page has no `struct page`, whatever the frame. Linux's `_PAGE_SPECIAL`. */
export const rswSpecial = 1;
/** Bit of the RSW field that software sets with the first write after it was cleared: `_PAGE_SOFT_DIRTY`. */
export const rswSoftDirty = 2;

/** `vm_flags`, with Linux's values. */
export const vmFlag = {
  VM_READ: 0x1,
  VM_WRITE: 0x2,
  VM_EXEC: 0x4,
  VM_SHARED: 0x8,
  VM_MAYREAD: 0x10,
  VM_MAYWRITE: 0x20,
  VM_MAYEXEC: 0x40,
  VM_MAYSHARE: 0x80,
  VM_GROWSDOWN: 0x100,
  VM_PFNMAP: 0x400,
  VM_LOCKED: 0x2000,
  VM_IO: 0x4000,
  VM_SEQ_READ: 0x8000,
  VM_RAND_READ: 0x1_0000,
  VM_DONTCOPY: 0x2_0000,
  VM_DONTEXPAND: 0x4_0000,
  VM_LOCKONFAULT: 0x8_0000,
  VM_ACCOUNT: 0x10_0000,
  VM_NORESERVE: 0x20_0000,
  VM_HUGETLB: 0x40_0000,
  VM_WIPEONFORK: 0x200_0000,
  VM_DONTDUMP: 0x400_0000,
  VM_SOFTDIRTY: 0x800_0000,
  VM_MIXEDMAP: 0x1000_0000,
  VM_HUGEPAGE: 0x2000_0000,
  VM_NOHUGEPAGE: 0x4000_0000,
} as const;

let initMm: MmStruct | null = null;

/** The mm that kernel walks are about (`init_mm`): its mmap lock, and its tables when no others are given. */
export function getInitMm(): MmStruct | null {
  return initMm;
}

/** Says which machine's kernel is meant by {@link getInitMm} from now on; null: none. */
export function setInitMm(mm: MmStruct | null): void {
  initMm = mm;
}
