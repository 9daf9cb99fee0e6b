/** A reproducible stream of numbers (sfc32), quick enough to ask several times per generated instruction. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** The same seeds give the same stream on every machine. */
  constructor(seed: number, stream = 0, part = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    this.#c = part | 0;
    for (let n = 0; n < 12; n++) this.word();
  }

  /** An int32. */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return (((this.word() >>> 0) * limit) / 0x1_0000_0000) >>> 0;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** One of the items, each as often as its weight says. */
  weighted<T>(items: readonly (readonly [number, T])[]): T {
    let sum = 0;
    for (const [weight] of items) sum += weight;
    let at = this.below(sum);
    for (const [weight, item] of items) if ((at -= weight) < 0) return item;
    throw new RangeError("weights must be positive");
  }
}
