import { hugeSize } from "../pagewalk/index.ts";
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

  get freePages(): number {
    return this.#free.length;
  }

  /** Takes pages from free memory until `count` are in the pool, or there are no more. Returns how many there are. */
  fill(count: number): number {
    while (this.#free.length < count) {
      const pfn = this.#memory.frames.allocate(this.order);
      if (pfn === undefined) break;
      this.#free.push(pfn);
    }
    return this.#free.length;
  }

  /** A zeroed huge page with one reference, or undefined: the pool is empty. */
  take(): FolioFrames | undefined {
    const pfn = this.#free.pop();
    if (pfn === undefined) return undefined;
    const { memory } = this.#memory;
    const at = memory.hostOf(pfn * 4096);
    memory.bytes.fill(0, at, at + Number(this.pageSize));
    memory.written(pfn * 4096, Number(this.pageSize));
    return this.#memory.adopt(new FolioFrames(pfn, this.order, null, 0, this.pageSize));
  }

  giveBack(pfn: number): void {
    this.#free.push(pfn);
  }
}
