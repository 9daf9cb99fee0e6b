import type { AddressSpace } from "../pagewalk/index.ts";
import type { FolioFrames } from "./folio.ts";
import { IntervalTree } from "./intervalTree.ts";
import { RwLock } from "./lock.ts";
import type { Vma } from "./vma.ts";

/** Where a file's pages come from when they are not in memory. */
export interface PageSource {
  /** Bytes of the file; pages that begin behind them do not exist. */
  readonly size: number;
  /** Fills an array, which is all zero, from an offset as far as the file goes. Returns how many bytes there were. */
  read(offset: number, into: Uint8Array): number;
}

interface MappedRange {
  readonly first: number;
  readonly last: number;
  readonly vma: Vma;
}

/** `address_space`: a file's pages in memory, and the VMAs that map it. */
export class FileMapping implements AddressSpace {
  readonly name: string;
  readonly iMmapLock: RwLock;
  /** The page cache: folios by each of their page offsets. */
  readonly pages = new Map<number, FolioFrames>();
  /** undefined: pages that are not in memory are zero, as those of shared memory. */
  readonly source: PageSource | undefined;
  readonly #vmas = new IntervalTree<MappedRange>();
  readonly #ranges = new Map<Vma, MappedRange>();

  constructor(name: string, source?: PageSource) {
    this.name = name;
    this.source = source;
    this.iMmapLock = new RwLock(`i_mmap lock of ${name}`);
  }

  *vmasMapping(first: number, last: number): Generator<Vma> {
    for (const { vma } of this.#vmas.overlapping(first, last)) yield vma;
  }

  hasPage(index: number): boolean {
    return this.pages.has(index);
  }

  /** A VMA maps the file from now on, or with another range. */
  link(vma: Vma): void {
    this.unlink(vma);
    const range = { first: vma.vmPgoff, last: vma.vmPgoff + vma.pages - 1, vma };
    this.#ranges.set(vma, range);
    this.#vmas.insert(range);
  }

  unlink(vma: Vma): void {
    const range = this.#ranges.get(vma);
    if (range === undefined) return;
    this.#vmas.remove(range);
    this.#ranges.delete(vma);
  }

  /** Puts a folio into the page cache. */
  add(folio: FolioFrames): void {
    for (let i = 0; i < 2 ** folio.order; i++) this.pages.set(folio.index + i, folio);
    folio.refCount++;
  }
}
