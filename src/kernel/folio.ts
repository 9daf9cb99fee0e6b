import type { Folio, Page } from "../pagewalk/index.ts";
import type { FileMapping } from "./fileMapping.ts";

/** A folio: 2^order frames with one reference count. It is its first page as well, as in Linux. */
export class FolioFrames implements Folio, FolioPage {
  readonly pfn: number;
  readonly order: number;
  /** Whoever keeps it from being freed: callers, the page cache, each small page of it that an entry maps. */
  refCount = 1;
  /** Small pages of it that entries map: splitting an entry changes nothing. */
  mapCount = 0;
  /** More than one address space has mapped it: its parts may have been mapped twice as often as others. */
  wasForked = false;
  /** MADV_FREE: it may go, unless an entry says that it was written to since. */
  lazyFree = false;
  /** While several have it: the slot of swap space with the same content, which others have in its place. 0: none. */
  slot = 0;
  dirty = false;
  referenced = false;
  /** Reclaim has found it used twice in a row. */
  active = false;
  idle = false;
  young = false;
  /** The file that it is a part of, and its first page offset there; null: anonymous. */
  readonly mapping: FileMapping | null;
  readonly index: number;
  /** Where a large page of a hugetlb pool goes back to. */
  readonly fromPool: bigint | null;
  constructor(
    pfn: number,
    order: number,
    mapping: FileMapping | null = null,
    index = 0,
    fromPool: bigint | null = null,
  ) {
    this.pfn = pfn;
    this.order = order;
    this.mapping = mapping;
    this.index = index;
    this.fromPool = fromPool;
  }

  /** One of its frames. */
  pageAt(pfn: number): FolioPage {
    return pfn === this.pfn ? this : { pfn, folio: this };
  }

  get folio(): this {
    return this;
  }

  get isAnon(): boolean {
    return this.mapping === null;
  }
}

/** One frame of a folio. */
export interface FolioPage extends Page {
  readonly folio: FolioFrames;
}
