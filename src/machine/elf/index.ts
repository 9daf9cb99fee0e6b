export { ElfError } from "./error.ts";
export { type LoadedElf, loadElf } from "./load.ts";
export { type ElfFile, parseElf } from "./parse.ts";
export type { Section } from "./section.ts";
export type { Segment } from "./segment.ts";
export { SymbolTable } from "./symbol.ts";
