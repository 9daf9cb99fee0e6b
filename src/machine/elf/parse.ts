import { hex } from "./error.ts";
import { readHeader } from "./header.ts";
import { readSections, type Section } from "./section.ts";
import { readSegments, type Segment } from "./segment.ts";
import { readSymbols, type SymbolTable } from "./symbol.ts";

/** A 64-bit RISC-V program, read and checked. All addresses and sizes are exact. */
export interface ElfFile {
  /** The name it was read under, for messages. */
  readonly name: string;
  readonly type: "exec" | "dyn";
  /** e_machine: always 243, RISC-V. */
  readonly machine: number;
  /** e_flags: bit 0 compressed code, bits 2..1 the floating-point ABI, bit 3 RV64E, bit 4 total store order. */
  readonly flags: number;
  /** The address of the first instruction, as the program sees it. */
  readonly entry: bigint;
  /** What is loaded, in file order; at least one. */
  readonly segments: readonly Segment[];
  /** Empty in a stripped file. */
  readonly sections: readonly Section[];
  readonly symbols: SymbolTable;
  /** What is wrong with parts that a program does not need to run: one line each. */
  readonly warnings: readonly string[];
}

/**
 * Reads an ELF file. `name` is how messages call it. The result shares the bytes: leave them alone.
 * Throws an ElfError, and nothing else, for any other content whatever.
 */
export function parseElf(bytes: Uint8Array, name: string): ElfFile {
  const header = readHeader(bytes, name);
  const warnings: string[] = [];
  const segments = readSegments(bytes, header, name);
  const sections = readSections(bytes, header, warnings);
  const symbols = readSymbols(sections, warnings);
  if (!segments.some((segment) => header.entry - segment.vaddr < segment.memSize && header.entry >= segment.vaddr)) {
    warnings.push(`ELF header: the entry point ${hex(header.entry)} lies in no segment that is loaded`);
  }
  const { type, machine, flags, entry } = header;
  return { name, type, machine, flags, entry, segments, sections, symbols, warnings };
}
