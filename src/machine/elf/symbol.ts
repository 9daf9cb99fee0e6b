import { hex, printable } from "./error.ts";
import { sectionAllocated, sectionNumber, sectionType, symbolAt, symbolSize } from "./format.ts";
import type { Section } from "./section.ts";
import { SymbolIndex } from "./symbolIndex.ts";

/** STB_GLOBAL, STB_WEAK and STB_GNU_UNIQUE in the order in which a name is preferred; the rest is local. */
const bindingRanks: ReadonlyMap<number, number> = new Map([
  [1, 3],
  [10, 3],
  [2, 2],
]);

/** STT_FUNC and STT_GNU_IFUNC, STT_OBJECT, STT_NOTYPE in the order in which an address is named. */
const typeRanks: ReadonlyMap<number, number> = new Map([
  [2, 3],
  [10, 3],
  [1, 2],
  [0, 1],
]);

const utf8 = new TextDecoder();

/** A message names a symbol with no more bytes than this. */
const longestName = 4096;

/**
 * The names of a program's addresses. Names stay in the file's bytes until somebody asks for one, so that neither a
 * huge table nor a hostile one costs more than a look at each entry.
 */
export class SymbolTable {
  /** How many entries the file has, of any kind. */
  readonly count: number;
  readonly #view: DataView;
  readonly #strings: Uint8Array;
  readonly #sections: readonly Section[];
  #index: SymbolIndex | undefined;

  /** Over the bytes of a symbol section (whole entries) and of its string section. */
  constructor(symbols: Uint8Array, strings: Uint8Array, sections: readonly Section[]) {
    this.#view = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
    this.#strings = strings;
    this.#sections = sections;
    this.count = Math.floor(symbols.length / symbolSize);
  }

  /** The value of a symbol that the file defines; of several with that name a global one goes before a local one. */
  find(name: string): bigint | undefined {
    const wanted = new TextEncoder().encode(name);
    let best = -1;
    let bestRank = -1;
    for (let entry = 0; entry < this.count; entry++) {
      if (this.#number(entry) === sectionNumber.undefined || !this.#isNamed(entry, wanted)) continue;
      const rank = this.#bindingRank(entry);
      if (rank > bestRank) {
        best = entry;
        bestRank = rank;
      }
    }
    return best < 0 ? undefined : this.#value(best);
  }

  /**
   * The symbol that an address belongs to: the innermost function or object whose size covers it, else the label
   * before it, as long as no other symbol begins and no section ends between the two.
   */
  nearest(address: bigint): { readonly name: string; readonly offset: bigint } | undefined {
    this.#index ??= this.#buildIndex();
    const entry = this.#index.find(address);
    return entry === undefined ? undefined : { name: this.#name(entry), offset: address - this.#value(entry) };
  }

  /** An address for a message: `0x80000010 <main+0x10>`, or bare where no symbol covers it. */
  format(address: bigint): string {
    const symbol = this.nearest(address);
    if (symbol === undefined) return hex(address);
    return `${hex(address)} <${symbol.name}${symbol.offset === 0n ? "" : `+${hex(symbol.offset)}`}>`;
  }

  /** How many entries point outside the string table. */
  countNameless(): number {
    let nameless = 0;
    for (let entry = 0; entry < this.count; entry++) {
      if (this.#nameAt(entry) >= this.#strings.length && this.#nameAt(entry) !== 0) nameless++;
    }
    return nameless;
  }

  #buildIndex(): SymbolIndex {
    const index = new SymbolIndex();
    for (let entry = 0; entry < this.count; entry++) {
      const typeRank = typeRanks.get(this.#info(entry) & 15);
      const section = this.#number(entry);
      const apart = section === sectionNumber.absolute || section === sectionNumber.common;
      if (typeRank === undefined || section === sectionNumber.undefined || apart || !this.#isWorthNaming(entry))
        continue;
      const start = this.#value(entry);
      const size = this.#view.getBigUint64(entry * symbolSize + symbolAt.size, true);
      index.add({
        entry,
        start,
        size,
        limit: this.#sectionEnd(section),
        rank: typeRank * 4 + this.#bindingRank(entry),
      });
    }
    return index;
  }

  /** Where a label without a size ends at the latest. */
  #sectionEnd(number: number): bigint | undefined {
    const section = number < sectionNumber.reserved ? this.#sections[number] : undefined;
    if (section === undefined || (section.flags & sectionAllocated) === 0n) return undefined;
    return section.address + section.size;
  }

  /** Not nameless, not a mapping symbol (`$x`, `$d`: RISC-V psABI), not a compiler's local label (`.L3`). */
  #isWorthNaming(entry: number): boolean {
    const at = this.#nameAt(entry);
    const first = this.#strings[at];
    const second = this.#strings[at + 1];
    if (first === undefined || first === 0) return false;
    if (first === 0x24 && (second === 0x78 || second === 0x64)) return false;
    return !(first === 0x2e && second === 0x4c);
  }

  #isNamed(entry: number, wanted: Uint8Array): boolean {
    const at = this.#nameAt(entry);
    if (at + wanted.length >= this.#strings.length || this.#strings[at + wanted.length] !== 0) return false;
    for (let i = 0; i < wanted.length; i++) {
      if (this.#strings[at + i] !== wanted[i]) return false;
    }
    return true;
  }

  #name(entry: number): string {
    const at = this.#nameAt(entry);
    const bytes = this.#strings.subarray(at, at + longestName);
    const end = bytes.indexOf(0);
    return printable(utf8.decode(end < 0 ? bytes : bytes.subarray(0, end)));
  }

  #nameAt(entry: number): number {
    return this.#view.getUint32(entry * symbolSize + symbolAt.name, true);
  }

  #info(entry: number): number {
    return this.#view.getUint8(entry * symbolSize + symbolAt.info);
  }

  #number(entry: number): number {
    return this.#view.getUint16(entry * symbolSize + symbolAt.shndx, true);
  }

  #value(entry: number): bigint {
    return this.#view.getBigUint64(entry * symbolSize + symbolAt.value, true);
  }

  #bindingRank(entry: number): number {
    return bindingRanks.get(this.#info(entry) >> 4) ?? 0;
  }
}

/** The program's symbols: .symtab, else .dynsym, else none. What is wrong with them becomes a warning. */
export function readSymbols(sections: readonly Section[], warnings: string[]): SymbolTable {
  for (const type of [sectionType.symtab, sectionType.dynsym]) {
    for (const section of sections) {
      if (section.type !== type) continue;
      const place = `section ${section.index} (${section.name || "symbols"}) at offset ${hex(section.fileOffset)}`;
      const strings = sections[section.link];
      const problem = findProblem(section, strings);
      if (problem !== undefined) {
        warnings.push(`${place}: ${problem}: its symbols are not read`);
        continue;
      }
      const bytes = section.bytes as Uint8Array;
      const table = new SymbolTable(bytes, strings.bytes as Uint8Array, sections);
      if (bytes.length % symbolSize !== 0) {
        warnings.push(`${place}: ${bytes.length} bytes are no whole number of symbols: the rest is not read`);
      }
      const nameless = table.countNameless();
      if (nameless > 0)
        warnings.push(`${place}: ${nameless} of ${table.count} symbols have names outside the string table`);
      return table;
    }
  }
  return new SymbolTable(new Uint8Array(), new Uint8Array(), sections);
}

function findProblem(section: Section, strings: Section | undefined): string | undefined {
  if (section.bytes === undefined) return `its ${hex(section.size)} bytes are not all in the file`;
  if (section.entrySize !== BigInt(symbolSize)) {
    return `a symbol is said to have ${section.entrySize} bytes (sh_entsize), in ELF64 it has ${symbolSize}`;
  }
  if (strings === undefined) return `its string table would be section ${section.link} (sh_link), which does not exist`;
  if (strings.type !== sectionType.strtab)
    return `its string table, section ${section.link}, is of type ${strings.typeName}`;
  if (strings.bytes === undefined) return `its string table, section ${section.link}, is not all in the file`;
  return undefined;
}
