/** A reproducible stream of unsigned 32-bit numbers (xorshift32). */
export function randomWords(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** A reproducible stream of unsigned 64-bit values, every third of them near an edge. */
export function randomDoublewords(seed: number): () => bigint {
  const word = randomWords(seed);
  const edges = [0n, 1n, 2n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 63n, (1n << 63n) - 1n, (1n << 64n) - 1n];
  return () => {
    const value = (BigInt(word()) << 32n) | BigInt(word());
    if (word() % 3 !== 0) return value;
    return BigInt.asUintN(64, edges[word() % edges.length]! + BigInt(word() % 3) - 1n);
  };
}
