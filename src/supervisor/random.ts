/** Random bytes that are the same in every run with the same seed: a PCG of 32 bits with two words of state. */
export class Random {
  #state: bigint;

  constructor(seed: number) {
    this.#state = BigInt.asUintN(64, BigInt(seed) * 0x9e37_79b9_7f4a_7c15n + 0x1405_7b7e_f767_814fn);
    this.next();
  }

  /** 32 bits. */
  next(): number {
    const old = this.#state;
    this.#state = BigInt.asUintN(64, old * 6364136223846793005n + 1442695040888963407n);
    const mixed = Number(BigInt.asUintN(32, ((old >> 18n) ^ old) >> 27n));
    const turn = Number(old >> 59n);
    return ((mixed >>> turn) | (mixed << (-turn & 31))) >>> 0;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 4) {
      const word = this.next();
      for (let i = 0; i < 4 && at + i < count; i++) bytes[at + i] = word >>> (8 * i);
    }
    return bytes;
  }
}
