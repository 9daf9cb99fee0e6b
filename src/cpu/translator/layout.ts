/**
 * Where the translator's data stand in the machine's memory, below the harts. The interpreter writes the profile and
 * reads the records; TypeScript does the rest.
 */
export const translatorLayout = {
  /** i32 each: how often jumps came to an op, by a hash of its address. */
  counters: 0x10_0000,
  counterCount: 1 << 16,
  /** i32: where in the ring the next indirect jump is written, in bytes. */
  ringPosition: 0x0f_fff0,
  /** 16 bytes each, {op i32, -, target i64}: the last indirect jumps. */
  ring: 0x14_0000,
  ringEntries: 2048,
  /** i32: the op at the entry of a flat region that was to begin where memory is not flat; 0 if there is none. */
  misfit: 0x0f_ffe0,
  /** Bytes that say which of a region's blocks an indirect jump goes to. */
  jumpTables: 0x20_0000,
  jumpTableBytes: 0x40_0000,
  /**
   * One record a region: see {@link recordLayout}. Above 4 MiB, which is how far a jump goes back (1 MiB of code, in ops):
   * the place of an op in a record less that must not wrap below zero.
   */
  records: 0x60_0000,
  recordCount: 1 << 15,
} as const;

/** Cold is where control comes by jumps less than once in 2^6 times that it comes to where code becomes hot. */
export const coldShift = 6;

/** A region's record: the op that its entry replaced, as a page of ops of its own, and that instruction's bits. */
export const recordLayout = { op: 0, sentinel2: 8, sentinel4: 16, bits: 24, bytes: 32 } as const;

/** Why control left a region: the numbers by which exits are counted. */
export const exitReasons = [
  /** The run's instructions are used up, or nearly. */
  "fuel",
  /** A load, store or AMO that the fast TLB does not know, or that crosses a page, is misaligned or goes to a device. */
  "access",
  /** Floating point is off or not yet dirty. */
  "floatState",
  /** The code of another page is not where it was when the region was made. */
  "remapped",
  /** An instruction that only the interpreter executes. */
  "system",
  /** Control went on to code outside the region: a jump, a call, a branch that was thought rare. */
  "left",
  /** An indirect jump or a return went where it had not gone before. */
  "target",
  /** A trap, a return from one, or an access to a CSR that has changed the contexts in force or whether an interrupt is due. */
  "changed",
] as const;
export type ExitReason = (typeof exitReasons)[number];

/**
 * An exit as one number: its reason's, whether it goes to an address that was computed, the instructions to take from
 * the fuel, and, from bit {@link exitBits.offset} on, the offset that it goes to otherwise.
 */
export const exitBits = { reason: 7, computed: 8, pending: 4, mostPending: 0xfff, offset: 16 } as const;

/** Bits of what a region returns, above the fuel: it was left early; everything must be looked at anew. */
export const regionResult = { early: 31, changed: 30 } as const;

/** From this reason on, what comes next is not an instruction that the region could not execute. */
export const firstFreeReason: number = exitReasons.indexOf("left");
