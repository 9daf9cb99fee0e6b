/**
 * Where a batch of tests lies in RAM. Both machines start at the lowest address with the same bytes; when they have
 * ended, the same bytes must be there.
 *
 *     0x8000_0000  the harness, which runs the tests one after the other
 *     0x8000_4000  its context: saved registers and pointers
 *     0x8001_0000  descriptors, one a test
 *     0x8010_0000  pools of values, from which the registers are loaded before each round
 *     0x8020_0000  results: what the harness dumps after each round, and the log of traps
 *     0x8080_0000  slots: the test's code, supervisor handler and data
 *     0x8200_0000  page tables of those tests that have any
 */
export const ramBase = 0x8000_0000;
export const ramBytes = 128 << 20;
export const harnessAt = ramBase;
export const contextAt = ramBase + 0x4000;
export const descriptorsAt = ramBase + 0x1_0000;
export const poolsAt = ramBase + 0x10_0000;
export const resultsAt = ramBase + 0x20_0000;
export const slotsAt = ramBase + 0x80_0000;
export const tablesAt = ramBase + 0x200_0000;

/** Most tests of a batch. */
export const mostTests = 512;

export const descriptorBytes = 512;
export const poolBytes = 1024;
export const resultBytes = 8192;
export const slotBytes = 32768;
export const tableBytes = 65536;

/** Offsets inside a test's slot. */
export const slotLayout = {
  code: 0,
  /** `ecall; sret`: where delegated traps go. */
  supervisor: 0x2000,
  data: 0x4000,
} as const;
export const codeBytes = 0x2000;
export const dataBytes = 0x4000;

/** Most rounds of a test: each loads the registers from eight words further on in the pool. */
export const mostRounds = 4;
export const poolShift = 8;

/** Offsets inside a result. */
export const resultLayout = { log: 0x1000, dumps: 0x40 } as const;
export const logEntryBytes = 32;
export const logBytes = resultBytes - resultLayout.log;

/** The words of a descriptor, 64 bits each, in this order. */
const descriptorWords = [
  "entry",
  "end",
  /** Added to a virtual address of the code, it gives the physical one. */
  "codeDelta",
  "codeVa",
  "supervisorVa",
  "rounds",
  "pool",
  "result",
  "mstatus",
  "satp",
  "pmpcfg0",
  "pmpaddr0",
  "pmpaddr1",
  "pmpaddr2",
  "pmpaddr3",
  "pmpaddr4",
  "pmpaddr5",
  "pmpaddr6",
  "pmpaddr7",
  "medeleg",
  "mideleg",
  "menvcfg",
  "senvcfg",
  "mcounteren",
  "scounteren",
  "sscratch",
  /** A byte a round. */
  "fcsr",
  "sp",
  "s0",
  "s1",
] as const;
export type DescriptorWord = (typeof descriptorWords)[number];
export const descriptorAt = Object.fromEntries(descriptorWords.map((name, n) => [name, 8 * n])) as Record<
  DescriptorWord,
  number
>;

/** What is dumped after each round, in this order. */
export const dumpedCsrs = ["mstatus", "fcsr", "scause", "sepc", "stval", "sscratch", "satp", "medeleg"] as const;
export const dumpWords: readonly string[] = [
  ...Array.from({ length: 31 }, (_, n) => `x${n + 1}`),
  ...Array.from({ length: 32 }, (_, n) => `f${n}`),
  ...dumpedCsrs,
];
export const dumpBytes = 8 * dumpWords.length;

/** The words of the harness's context. */
export const contextLayout = { saved: 0, descriptor: 64, log: 72, logEnd: 80, dump: 88, round: 96 } as const;
