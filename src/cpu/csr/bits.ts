/** mstatus, as 64-bit masks (privileged specification, "Machine Status Registers"). */
export const mstatusBits = {
  sie: 1n << 1n,
  mie: 1n << 3n,
  spie: 1n << 5n,
  mpie: 1n << 7n,
  spp: 1n << 8n,
  mpp: 3n << 11n,
  fs: 3n << 13n,
  mprv: 1n << 17n,
  sum: 1n << 18n,
  mxr: 1n << 19n,
  tvm: 1n << 20n,
  tw: 1n << 21n,
  tsr: 1n << 22n,
  uxl64: 2n << 32n,
  sxl64: 2n << 34n,
  sd: 1n << 63n,
} as const;

/** The fields of mstatus' low half as masks of 32-bit numbers. */
export const mstatusLow = {
  sie: 1 << 1,
  mie: 1 << 3,
  spie: 1 << 5,
  mpie: 1 << 7,
  spp: 1 << 8,
  mpp: 3 << 11,
  mppShift: 11,
  fs: 3 << 13,
  mprv: 1 << 17,
  sum: 1 << 18,
  mxr: 1 << 19,
  tvm: 1 << 20,
  tw: 1 << 21,
  tsr: 1 << 22,
} as const;

/** The standard interrupts: numbers of mcause, bits of mip and mie. */
export const interrupts = { ssi: 1, msi: 3, sti: 5, mti: 7, sei: 9, mei: 11, lcofi: 13 } as const;

/** The exceptions' numbers in mcause. */
export const causes = {
  fetchMisaligned: 0,
  fetchAccess: 1,
  illegal: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
  ecallU: 8,
  ecallS: 9,
  ecallM: 11,
  fetchPage: 12,
  loadPage: 13,
  storePage: 15,
} as const;

/** menvcfg and senvcfg. */
export const envcfgBits = {
  fiom: 1n,
  cbie: 3n << 4n,
  cbcfe: 1n << 6n,
  cbze: 1n << 7n,
  adue: 1n << 61n,
  pbmte: 1n << 62n,
  stce: 1n << 63n,
} as const;

/** The low 64 bits of a sum, difference or complement. */
export const mask64 = (1n << 64n) - 1n;
