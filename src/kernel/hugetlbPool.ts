import { hugeSize } from "../pagewalk/index.ts";
import type { FileMapping } from "./fileMapping.ts";
import { FolioFrames } from "./folio.ts";
import type { KernelMemory } from "./kernelMemory.ts";

/** Huge pages of one size that are set aside for hugetlb VMAs. */
export class HugetlbPool {
  readonly pageSize: bigint;
  readonly order: number;
  readonly #memory: KernelMemory;
  readonly #free: number[] = [];

  /** Throws a RangeError for a size that is not 64 KiB, 2 MiB or 1 GiB. */
  constructor(memory: KernelMemory, pageSize: bigint) {
    hugeSize(pageSize);
    this.#memory = memory;
    this.pageSize = pageSize;
    this.order = Math.log2(Number(pageSize / 4096n));
  }

  /** Pages that mappings were promised and that no fault has taken yet. */
  #reserved = 0;
  /** Pages of it, in use or not. */
  #pages = 0;

  get pages(): number {
    return this.#pages;
  }

  get reservedPages(): number {
    return this.#reserved;
  }

  /** Promises pages to a mapping. False: there are not so many. */
  reserve(count: number): boolean {
    if (this.#free.length - this.#reserved < count) return false;
    this.#reserved += count;
    return true;
  }

  /** A mapping gives up pages that it was promised. */
  unreserve(count: number): void {
    this.#reserved = Math.max(0, this.#reserved - count);
  }

  get freePages(): number {
    return this.#free.length;
  }

  /** Takes pages from free memory until `count` are in the pool, or there are no more. Returns how many there are. */
  fill(count: number): number {
    while (this.#free.length < count) {
      const pfn = this.#memory.frames.allocate(this.order);
      if (pfn === undefined) break;
      this.#free.push(pfn);
      this.#pages++;
    }
    return this.#free.length;
  }

  /**
   * A zeroed huge page with one reference, of a file if it is to be shared; one of those that were promised, if the
   * mapping has a promise. Undefined: there is none to be had.
   */
  take(isPromised: boolean, file: FileMapping | null = null, index = 0): FolioFrames | undefined {
    if (isPromised) this.unreserve(1);
    else if (this.#free.length <= this.#reserved) return undefined;
    const pfn = this.#free.pop();
    if (pfn === undefined) return undefined;
    const { memory } = this.#memory;
    const at = memory.hostOf(pfn * 4096);
    memory.bytes.fill(0, at, at + Number(this.pageSize));
    memory.written(pfn * 4096, Number(this.pageSize));
    return this.#memory.adopt(new FolioFrames(pfn, this.order, file, index, this.pageSize));
  }

  giveBack(pfn: number): void {
    this.#free.push(pfn);
  }
}
