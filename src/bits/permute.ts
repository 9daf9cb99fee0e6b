/** Looks each element of `indices` up in `table`, both of `width`-bit elements; out of range is 0. */
function crossbar(table: bigint, indices: bigint, width: bigint): bigint {
  const mask = (1n << width) - 1n;
  let result = 0n;
  for (let at = 0n; at < 64n; at += width) {
    const index = (indices >> at) & mask;
    // An index past the table shifts everything out: a 64-bit value has no bits there.
    result |= ((table >> (index * width)) & mask) << at;
  }
  return result;
}

/** Nibbles of `table` by the nibbles of `indices`, unsigned 64-bit values (Zbkx, `xperm4`). */
export const xperm4 = (table: bigint, indices: bigint): bigint => crossbar(table, indices, 4n);

/** Bytes of `table` by the bytes of `indices` (`xperm8`); indices from 8 on give 0. */
export const xperm8 = (table: bigint, indices: bigint): bigint => crossbar(table, indices, 8n);
