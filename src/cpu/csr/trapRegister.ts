import { causes } from "./bits.ts";
import { type CsrDefinition, writable } from "./definition.ts";

/** The exceptions that can be delegated: all that S- and U-mode can raise (bit 11, ecall from M, stays 0). */
const delegable = Object.values(causes).reduce(
  (bits, cause) => (cause === causes.ecallM ? bits : bits | (1n << BigInt(cause))),
  0n,
);

/** What software and traps exchange: handlers' addresses, causes, and where to go back to. */
export const trapRegisters: readonly CsrDefinition[] = [
  { name: "medeleg", legalise: writable(delegable) },
  { name: "mtvec", plain: "vector" },
  { name: "mscratch", plain: "any" },
  { name: "mepc", plain: "address" },
  { name: "mcause", plain: "any" },
  { name: "mtval", plain: "any" },
  { name: "stvec", plain: "vector" },
  { name: "sscratch", plain: "any" },
  { name: "sepc", plain: "address" },
  { name: "scause", plain: "any" },
  { name: "stval", plain: "any" },
];
