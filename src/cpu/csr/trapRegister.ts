import { causes } from "./bits.ts";
import { type CsrDefinition, writable } from "./definition.ts";

/** The exceptions that can be delegated: all that S- and U-mode can raise (bit 11, ecall from M, stays 0). */
const delegable = Object.values(causes).reduce(
  (bits, cause) => (cause === causes.ecallM ? bits : bits | (1n << BigInt(cause))),
  0n,
);

/** MODE 2 and 3 are reserved: such a write is ignored as a whole. */
const vector = (old: bigint, value: bigint) => ((value & 3n) < 2n ? value : old);

/** What software and traps exchange: handlers' addresses, causes, and where to go back to. */
export const trapRegisters: readonly CsrDefinition[] = [
  { name: "medeleg", legalise: writable(delegable) },
  { name: "mtvec", legalise: vector },
  { name: "mscratch" },
  // bit 0 is always zero; bit 1 too where instructions are aligned to four bytes
  { name: "mepc", legalise: (_, value, c) => value & c.pcMask },
  { name: "mcause" },
  { name: "mtval" },
  { name: "stvec", legalise: vector },
  { name: "sscratch" },
  { name: "sepc", legalise: (_, value, c) => value & c.pcMask },
  { name: "scause" },
  { name: "stval" },
];
