/** Largest block: 2^18 frames, 1 GiB. */
export const maxOrder = 18;

/**
 * A buddy allocator of physical frames: blocks of 2^order frames, aligned to their size, split on demand and joined
 * when both halves are free.
 */
export class FrameAllocator {
  readonly firstPfn: number;
  readonly frames: number;
  readonly #free: Set<number>[] = Array.from({ length: maxOrder + 1 }, () => new Set<number>());
  #freeFrames = 0;

  /** All frames from `firstPfn` are free at first. */
  constructor(firstPfn: number, frames: number) {
    this.firstPfn = firstPfn;
    this.frames = frames;
    for (let pfn = firstPfn; pfn < firstPfn + frames; ) {
      let order = 0;
      while (order < maxOrder && pfn % 2 ** (order + 1) === 0 && pfn + 2 ** (order + 1) <= firstPfn + frames) order++;
      this.#free[order].add(pfn);
      pfn += 2 ** order;
    }
    this.#freeFrames = frames;
  }

  get freeFrames(): number {
    return this.#freeFrames;
  }

  /** The first frame of a block of 2^order, or undefined: there is none. */
  allocate(order = 0): number | undefined {
    let from = order;
    while (from <= maxOrder && this.#free[from].size === 0) from++;
    if (from > maxOrder) return undefined;
    const pfn: number = this.#free[from].values().next().value!;
    this.#free[from].delete(pfn);
    while (from > order) {
      from--;
      this.#free[from].add(pfn + 2 ** from);
    }
    this.#freeFrames -= 2 ** order;
    return pfn;
  }

  /** Gives a block back. Throws a RangeError for one that is not inside, and an Error for one that is free already. */
  free(pfn: number, order = 0): void {
    if (pfn % 2 ** order !== 0 || pfn < this.firstPfn || pfn + 2 ** order > this.firstPfn + this.frames) {
      throw new RangeError(`frame 0x${pfn.toString(16)} of order ${order} is not a block of this memory`);
    }
    if (this.isFree(pfn)) throw new Error(`frame 0x${pfn.toString(16)} is freed twice`);
    this.#freeFrames += 2 ** order;
    while (order < maxOrder) {
      const size = 2 ** order;
      const buddy = (pfn / size) % 2 === 0 ? pfn + size : pfn - size;
      if (!this.#free[order].delete(buddy)) break;
      pfn = Math.min(pfn, buddy);
      order++;
    }
    this.#free[order].add(pfn);
  }

  /** Whether a frame is free. */
  isFree(pfn: number): boolean {
    return this.#free.some((blocks, order) => blocks.has(pfn - (pfn % 2 ** order)));
  }
}
