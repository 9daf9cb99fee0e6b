/** Largest block: 2^18 frames, 1 GiB. */
export const maxOrder = 18;

/** What a frame is: not the first of a block, or 1 + order of the free block, or of the one given away, that it begins. */
const given = 0x80;
/** Frames of a block, by its order: `**` is a call. */
const sizes = Array.from({ length: maxOrder + 1 }, (_, order) => 2 ** order);

/**
 * A buddy allocator of physical frames: blocks of 2^order frames, aligned to their size, split on demand and joined
 * when both halves are free. The block that came back last is given away first.
 */
export class FrameAllocator {
  readonly firstPfn: number;
  readonly frames: number;
  readonly #blocks: Uint8Array;
  /** The free blocks of each order as a list: 1 + offsets of its first block, and of the neighbours of each; 0: none. */
  readonly #heads = new Int32Array(maxOrder + 1);
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #freeFrames = 0;

  /** All frames from `firstPfn` are free at first. */
  constructor(firstPfn: number, frames: number) {
    this.firstPfn = firstPfn;
    this.frames = frames;
    this.#blocks = new Uint8Array(frames);
    this.#next = new Int32Array(frames);
    this.#previous = new Int32Array(frames);
    // from the top down, so that the lowest are given away first
    for (let end = firstPfn + frames; end > firstPfn; ) {
      let order = 0;
      while (order < maxOrder && end % 2 ** (order + 1) === 0 && end - 2 ** (order + 1) >= firstPfn) order++;
      end -= 2 ** order;
      this.#push(end - firstPfn, order);
    }
    this.#freeFrames = frames;
  }

  get freeFrames(): number {
    return this.#freeFrames;
  }

  /** The first frame of a block of 2^order, or undefined: there is none. */
  allocate(order = 0): number | undefined {
    let from = order;
    while (from <= maxOrder && this.#heads[from] === 0) from++;
    if (from > maxOrder) return undefined;
    const at = this.#heads[from] - 1;
    this.#remove(at, from);
    while (from > order) {
      from--;
      this.#push(at + sizes[from], from);
    }
    this.#blocks[at] = given | (order + 1);
    this.#freeFrames -= sizes[order];
    return this.firstPfn + at;
  }

  /** Gives a block back. Throws a RangeError for one that is not inside, and an Error for one that was not given away. */
  free(pfn: number, order = 0): void {
    if (pfn % sizes[order] !== 0 || pfn < this.firstPfn || pfn + sizes[order] > this.firstPfn + this.frames) {
      throw new RangeError(`frame 0x${pfn.toString(16)} of order ${order} is not a block of this memory`);
    }
    if (this.#blocks[pfn - this.firstPfn] !== (given | (order + 1))) {
      throw new Error(`frame 0x${pfn.toString(16)} of order ${order} is freed twice, or was never given away`);
    }
    this.#blocks[pfn - this.firstPfn] = 0;
    this.#freeFrames += sizes[order];
    while (order < maxOrder) {
      const size = sizes[order];
      const buddy = (pfn / size) % 2 === 0 ? pfn + size : pfn - size;
      const at = buddy - this.firstPfn;
      if (at < 0 || at + size > this.frames || this.#blocks[at] !== order + 1) break;
      this.#remove(at, order);
      if (buddy < pfn) pfn = buddy;
      order++;
    }
    this.#push(pfn - this.firstPfn, order);
  }

  /** A block that was given away is from now on one of 2^order blocks of a frame each, to be freed one by one. */
  split(pfn: number, order: number): void {
    this.#blocks.fill(given | 1, pfn - this.firstPfn, pfn - this.firstPfn + 2 ** order);
  }

  #push(at: number, order: number): void {
    const first = this.#heads[order];
    this.#blocks[at] = order + 1;
    this.#next[at] = first;
    this.#previous[at] = 0;
    if (first !== 0) this.#previous[first - 1] = at + 1;
    this.#heads[order] = at + 1;
  }

  #remove(at: number, order: number): void {
    const next = this.#next[at];
    const previous = this.#previous[at];
    if (next !== 0) this.#previous[next - 1] = previous;
    if (previous !== 0) this.#next[previous - 1] = next;
    else this.#heads[order] = next;
    this.#blocks[at] = 0;
  }
}
