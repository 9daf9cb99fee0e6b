/** `prefix3`, `prefix4` … with the numbers that follow `first`. */
const numbered = <P extends string>(prefix: P, from: number, to: number, first: number, step = 1) => {
  const entries: [string, number][] = [];
  for (let index = from; index <= to; index += step) entries.push([`${prefix}${index}`, first + index - from]);
  return Object.fromEntries(entries) as Record<`${P}${number}`, number>;
};

const single = {
  fflags: 0x001,
  frm: 0x002,
  fcsr: 0x003,
  cycle: 0xc00,
  time: 0xc01,
  instret: 0xc02,
  sstatus: 0x100,
  sie: 0x104,
  stvec: 0x105,
  scounteren: 0x106,
  senvcfg: 0x10a,
  sscratch: 0x140,
  sepc: 0x141,
  scause: 0x142,
  stval: 0x143,
  sip: 0x144,
  stimecmp: 0x14d,
  satp: 0x180,
  scontext: 0x5a8,
  scountovf: 0xda0,
  mstatus: 0x300,
  misa: 0x301,
  medeleg: 0x302,
  mideleg: 0x303,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  menvcfg: 0x30a,
  mcountinhibit: 0x320,
  mcyclecfg: 0x321,
  minstretcfg: 0x322,
  mscratch: 0x340,
  mepc: 0x341,
  mcause: 0x342,
  mtval: 0x343,
  mip: 0x344,
  mseccfg: 0x747,
  tselect: 0x7a0,
  tdata1: 0x7a1,
  tdata2: 0x7a2,
  tdata3: 0x7a3,
  tinfo: 0x7a4,
  tcontrol: 0x7a5,
  mcontext: 0x7a8,
  mcycle: 0xb00,
  minstret: 0xb02,
  mvendorid: 0xf11,
  marchid: 0xf12,
  mimpid: 0xf13,
  mhartid: 0xf14,
  mconfigptr: 0xf15,
} as const;

const families = {
  ...numbered("hpmcounter", 3, 31, 0xc03),
  ...numbered("sstateen", 0, 3, 0x10c),
  ...numbered("mstateen", 0, 3, 0x30c),
  ...numbered("mhpmevent", 3, 31, 0x323),
  ...numbered("pmpcfg", 0, 14, 0x3a0, 2),
  ...numbered("pmpaddr", 0, 63, 0x3b0),
  ...numbered("mhpmcounter", 3, 31, 0xb03),
};

/** The name of a CSR, as the assembler writes it. */
export type CsrName =
  | keyof typeof single
  | `${"hpmcounter" | "mhpmcounter" | "mhpmevent" | "mstateen" | "sstateen" | "pmpcfg" | "pmpaddr"}${number}`;

/**
 * The numbers of the CSRs, by name (privileged specification, "CSR Listing"). Bits 9:8 of a number are the least
 * privilege that may access it; bits 11:10 both set mean that it is read-only.
 */
export const csrNumbers: Readonly<Record<CsrName, number>> = { ...single, ...families };

const names: ReadonlyMap<number, CsrName> = new Map(
  Object.entries(csrNumbers).map(([name, number]) => [number, name as CsrName]),
);

/** The name of a CSR number, or undefined where no CSR of this table has it. */
export const csrName = (number: number): CsrName | undefined => names.get(number);

/** The number of a CSR name, or undefined where the table has no such name. */
export const csrNumber = (name: string): number | undefined =>
  Object.hasOwn(csrNumbers, name) ? csrNumbers[name as CsrName] : undefined;
