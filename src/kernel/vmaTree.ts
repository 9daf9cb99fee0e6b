import type { Vma } from "./vma.ts";

/** The VMAs of an mm in address order: found in O(log n). */
export class VmaTree {
  readonly #vmas: Vma[] = [];
  /** How often one was taken out, or has become smaller: in between, gaps only become smaller. */
  releases = 0;

  get size(): number {
    return this.#vmas.length;
  }

  /** The first that ends above an address, or null. */
  findVma(addr: bigint): Vma | null {
    return this.#vmas[this.#indexAfter(addr)] ?? null;
  }

  /** The last that begins before an address, or null. */
  lastBefore(addr: bigint): Vma | null {
    let at = this.#indexAfter(addr);
    if (this.#vmas[at] === undefined || this.#vmas[at].vmStart >= addr) at--;
    return this.#vmas[at] ?? null;
  }

  /** Throws a RangeError if it overlaps one. */
  insert(vma: Vma): void {
    const at = this.#indexAfter(vma.vmStart);
    const next = this.#vmas[at];
    if (next !== undefined && next.vmStart < vma.vmEnd) {
      throw new RangeError(`a VMA at 0x${vma.vmStart.toString(16)} overlaps the one at 0x${next.vmStart.toString(16)}`);
    }
    this.#vmas.splice(at, 0, vma);
  }

  remove(vma: Vma): void {
    const at = this.#indexAfter(vma.vmStart);
    if (this.#vmas[at] !== vma) throw new RangeError(`no such VMA at 0x${vma.vmStart.toString(16)}`);
    this.#vmas.splice(at, 1);
    this.releases++;
  }

  [Symbol.iterator](): Iterator<Vma> {
    return this.#vmas[Symbol.iterator]();
  }

  /** Index of the first VMA that ends above an address. */
  #indexAfter(addr: bigint): number {
    let low = 0;
    let high = this.#vmas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#vmas[middle].vmEnd > addr) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
