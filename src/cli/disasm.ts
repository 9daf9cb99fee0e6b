import { listing } from "../debug/listing.ts";
import { type Isa, parseIsa } from "../isa/index.ts";
import { parseElf } from "../machine/elf/index.ts";
import { readProgram } from "./program.ts";
import type { Host } from "./terminal.ts";

/** `pagewalk disasm`: the listing of a program's code. */
export function disasm(path: string, isa: Isa | undefined, { terminal }: Host): number {
  const file = parseElf(readProgram(path), path);
  for (const warning of file.warnings) terminal.tell(`pagewalk: ${path}: ${warning}`);
  for (const line of listing(file, isa ?? parseIsa())) terminal.print(line);
  return 0;
}
