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
  /** f64: what RAM's physical addresses are more than its addresses in the WebAssembly memory. */
  physicalOffset: 616,
  /** The CSRs' 64-bit words follow, in the order of `csrSlots` (csr/slots.ts). mstatus is the first. */
  csr: 640,
  /** What `interpreter/trapFunctions.ts` and `generatedTraps.ts` share: */
  /** i32: bits of {@link systemWatch} keep generated code from what somebody wants to see in TypeScript. */
  systemWatch: 2560,
  /** i32: the fuel that was left at the last exception; i32: not 0 while its record, the words that follow, is news. */
  trapFuel: 2564,
  trapNews: 2568,
  /** i32: its cause; i32: from, to and dataFrom, 8 bits each, the first lowest; i64 × 2: tval and pc. */
  trapCause: 2572,
  trapPrivileges: 2576,
  trapTval: 2584,
  trapPc: 2592,
  /** f64 × 24: exceptions taken, by cause; f64: all of them. */
  exceptions: 2600,
  trapped: 2792,
  /** i32: the fast TLB context of M-mode, 0 unknown; i32: the address of the set (below) for satp as it is. */
  machineContext: 2800,
  contextSet: 2804,
  /** i32: not 0: generated code has chosen other contexts, and the MMU has not heard of it. */
  contextNews: 2808,
  /** {@link contextSets} sets: i64 a value of satp; i32 × 8 the contexts under it, by {@link contextIndex}, 0 unknown. */
  contextSets: 2816,
  /** A page of two decoded ops for instructions that cannot live in the op cache, then their sentinel. */
  scratchOps: 3072,
  /** i64: instructions executed in translated regions. */
  translated: 3200,
  /** i64 × 8: how often regions were left, by the reasons of `translator/layout.ts`. */
  regionExits: 3208,
  /** What `time` is made of where it follows cycles: f64: the cycles when this run's fuel is used up; i64 × 2: {@link SteadyTime}. */
  timeEnd: 3272,
  cyclesPerTick: 3280,
  timeOffset: 3288,
} as const;

/** Bits of `systemWatch`: exceptions; all instructions that only the hart can carry out. */
export const systemWatch = { exceptions: 1, instructions: 2 } as const;

/** How many values of satp are remembered with their contexts, and the bytes of each. */
export const contextSets = { count: 4, bytes: 40, satp: 0, contexts: 8, perSet: 8 } as const;

/** Which of a set's contexts serves a privilege (0 U, 1 S) with these bits of mstatus. Fetches look past SUM and MXR. */
export const contextIndex = { priv: 2, sum: 1, mxr: 0 } as const;

/** Bytes of one hart's block. */
export const hartBytes = 4096;
