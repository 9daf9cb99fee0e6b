/** The 128-bit carry-less product of two unsigned 64-bit values: their product as polynomials over GF(2). */
function carrylessProduct(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 0n; bit < 64n; bit++) if ((b >> bit) & 1n) product ^= a << bit;
  return product;
}

/** The low 64 bits of the carry-less product of two unsigned 64-bit values (Zbc, `clmul`). */
export const clmul = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, carrylessProduct(a, b));

/** Its high 64 bits (`clmulh`). */
export const clmulh = (a: bigint, b: bigint): bigint => carrylessProduct(a, b) >> 64n;

/** Its bits 126 to 63: the low half of the product of the reversed operands, reversed (`clmulr`). */
export const clmulr = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, carrylessProduct(a, b) >> 63n);
