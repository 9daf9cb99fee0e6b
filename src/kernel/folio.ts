import type { Folio, Page } from "../pagewalk/index.ts";
import type { FileMapping } from "./fileMapping.ts";

/** A folio: 2^order frames with one reference count. */
export class FolioFrames implements Folio {
  readonly pfn: number;
  readonly order: number;
  /** Whoever keeps it from being freed: callers, the page cache, each small page of it that an entry maps. */
  refCount = 1;
  /** Small pages of it that entries map: splitting an entry changes nothing. */
  mapCount = 0;
  /** More than one address space has mapped it: its parts may have been mapped twice as often as others. */
  wasForked = false;
  dirty = false;
  referenced = false;
  idle = false;
  young = false;
  /** The file that it is a part of, and its first page offset there; null: anonymous. */
  readonly mapping: FileMapping | null;
  readonly index: number;
  /** Where a large page of a hugetlb pool goes back to. */
  readonly fromPool: bigint | null;
  /** Its pages as far as anybody asked for them. */
  #first: FolioPage | undefined;
  #others: Map<number, FolioPage> | undefined;

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
    if (pfn === this.pfn) {
      this.#first ??= new FolioPage(pfn, this);
      return this.#first;
    }
    this.#others ??= new Map();
    let page = this.#others.get(pfn);
    if (page === undefined) {
      page = new FolioPage(pfn, this);
      this.#others.set(pfn, page);
    }
    return page;
  }

  get isAnon(): boolean {
    return this.mapping === null;
  }
}

/** One frame of a folio. */
export class FolioPage implements Page {
  readonly pfn: number;
  readonly folio: FolioFrames;

  constructor(pfn: number, folio: FolioFrames) {
    this.pfn = pfn;
    this.folio = folio;
  }
}
