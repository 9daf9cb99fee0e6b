/**
 * A page-table entry of Sv39, Sv48 and Sv57, which share one format:
 *
 *      63  62  61 60    54 53          10 9   8 7   6   5   4   3   2   1   0
 *     | N | PBMT | reserved |     PPN     | RSW | D | A | G | U | X | W | R | V |
 *
 * Hot paths hold an entry as two 32-bit halves (lo, hi), everybody else as a bigint; both read the bits here.
 */
export const pteFields = {
  v: { at: 0, bits: 1 },
  r: { at: 1, bits: 1 },
  w: { at: 2, bits: 1 },
  x: { at: 3, bits: 1 },
  u: { at: 4, bits: 1 },
  g: { at: 5, bits: 1 },
  a: { at: 6, bits: 1 },
  d: { at: 7, bits: 1 },
  rsw: { at: 8, bits: 2 },
  ppn: { at: 10, bits: 44 },
  reserved: { at: 54, bits: 7 },
  pbmt: { at: 61, bits: 2 },
  n: { at: 63, bits: 1 },
} as const;

/** The name of a field of a PTE. */
export type PteField = keyof typeof pteFields;

const inLow = (field: PteField) => (2 ** pteFields[field].bits - 1) << pteFields[field].at;
const inHigh = (field: PteField) => (2 ** pteFields[field].bits - 1) << (pteFields[field].at - 32);

/** Masks in the low half. */
export const pteV = inLow("v");
export const pteR = inLow("r");
export const pteW = inLow("w");
export const pteX = inLow("x");
export const pteU = inLow("u");
export const pteG = inLow("g");
export const pteA = inLow("a");
export const pteD = inLow("d");

/** Masks in the high half. */
export const pteReserved = inHigh("reserved");
export const ptePbmt = inHigh("pbmt");
export const pteN = inHigh("n");

const ppnHigh = 2 ** (pteFields.ppn.at + pteFields.ppn.bits - 32) - 1;
/** What the high half's lowest bit of the PPN counts. */
export const ppnHighUnit = 2 ** (32 - pteFields.ppn.at);

/** The physical page number of an entry in halves, 44 bits. */
export function ppnOf(lo: number, hi: number): number {
  return (hi & ppnHigh) * ppnHighUnit + (lo >>> pteFields.ppn.at);
}

/** The memory type of an entry, from its high half: 0 PMA, 1 NC, 2 IO, 3 reserved. */
export function pbmtOf(hi: number): number {
  return (hi & ptePbmt) >>> (pteFields.pbmt.at - 32);
}

/** One field of an entry. */
export function pteField(pte: bigint, field: PteField): bigint {
  const { at, bits } = pteFields[field];
  return BigInt.asUintN(bits, pte >> BigInt(at));
}

/** An entry with one field replaced; the value's bits above the field are ignored. */
export function withPteField(pte: bigint, field: PteField, value: bigint): bigint {
  const { at, bits } = pteFields[field];
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(at);
  return (pte & ~mask) | ((value << BigInt(at)) & mask);
}

/** An entry made of fields; those not named are 0. */
export function makePte(fields: Partial<Record<PteField, bigint | number | boolean>>): bigint {
  let pte = 0n;
  for (const [field, value] of Object.entries(fields)) pte = withPteField(pte, field as PteField, BigInt(value));
  return pte;
}

/** The flags of an entry as `DAGUXWRV`, with `-` for each that is clear. */
export function formatPteFlags(pte: bigint): string {
  const names: readonly PteField[] = ["d", "a", "g", "u", "x", "w", "r", "v"];
  return names.map((name) => (pteField(pte, name) !== 0n ? name.toUpperCase() : "-")).join("");
}
