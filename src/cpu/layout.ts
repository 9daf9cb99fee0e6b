/**
 * Where everything stands inside the machine's one WebAssembly memory. TypeScript and the generated code both read
 * their offsets here, and nowhere else.
 */

/** Offsets inside one hart's block of {@link hartBytes}. All words are little-endian; 64-bit ones are aligned. */
export const hartLayout = {
  /** x0 … x31, 8 bytes each; x0 is never written. The word after x31 takes what is written to x0. */
  x: 0,
  xSink: 256,
  /** f0 … f31, raw 64 bits. */
  f: 264,
  pc: 520,
  /** Instructions that may still be executed in this run, i32; while code runs the truth is in its local. */
  fuel: 528,
  /** i32: not 0 makes the engine return before the next instruction that was reached by a trap, a jump through
   * `system`, or a fetch. Set by TypeScript. */
  stop: 532,
  /** i64: the value that a slow-path load returns or a store or AMO passes. */
  value: 536,
  /** i32, i32: what a fetch answers with: the address of the decoded op; the address of its page of ops. */
  fetchOp: 544,
  fetchPage: 548,
  /** i32: addresses of the fast TLB contexts in force for fetches and for loads and stores. */
  fetchContext: 552,
  dataContext: 556,
  /** i64 × 3: operands of a floating-point slow path; the result comes back in `value`. */
  float: 560,
  /** i32: accrued exception flags (NV DZ OF UF NX = 16 8 4 2 1) and rounding mode. */
  fflags: 584,
  frm: 588,
  /** i64 × 2: loads and stores executed, when the engine was asked to count accesses. */
  loads: 592,
  stores: 600,
  /** f64: the physical address that lr reserved, or 0. */
  reservation: 608,
  /** The CSRs' 64-bit words follow, in the order of `csrSlots` (csr/slots.ts). mstatus is the first. */
  csr: 640,
  /** A page of two decoded ops for instructions that cannot live in the op cache, then their sentinel. */
  scratchOps: 3072,
  /** i64: instructions executed in translated regions. */
  translated: 3200,
  /** i64 × 8: how often regions were left, by the reasons of `translator/layout.ts`. */
  regionExits: 3208,
} as const;

/** Bytes of one hart's block. */
export const hartBytes = 4096;
