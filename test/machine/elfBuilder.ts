/** A part of a built program: data at addresses. */
export interface SegmentSpec {
  type?: number;
  flags?: number;
  vaddr: bigint;
  paddr?: bigint;
  data: Uint8Array;
  memSize?: bigint;
}

export interface SymbolSpec {
  name: string;
  value: bigint;
  size?: bigint;
  /** STT_*: 0 notype, 1 object, 2 function, 3 section, 4 file. */
  type?: number;
  /** STB_*: 0 local, 1 global, 2 weak. */
  binding?: number;
  /** Defaults to section 1. */
  section?: number;
}

export interface ElfSpec {
  type?: number;
  entry?: bigint;
  segments: SegmentSpec[];
  symbols?: SymbolSpec[];
  /** No section headers at all. */
  stripped?: boolean;
  /** Writes the symbols as .dynsym. */
  dynamic?: boolean;
}

/** One number in a header: where it is and how wide, for tests that change it. */
export interface Field {
  name: string;
  offset: number;
  width: 1 | 2 | 4 | 8;
}

export interface BuiltElf {
  bytes: Uint8Array;
  /** Every number of every header and symbol. */
  fields: Field[];
}

type Layout = readonly (readonly [name: string, width: Field["width"]])[];

const headerLayout: Layout = [
  ...(["magic0", "magic1", "magic2", "magic3", "class", "data", "identVersion", "osabi", "abiVersion"] as const).map(
    (name) => [name, 1] as const,
  ),
  ...Array.from({ length: 7 }, (_, i) => [`pad${i}`, 1] as const),
  ["e_type", 2],
  ["e_machine", 2],
  ["e_version", 4],
  ["e_entry", 8],
  ["e_phoff", 8],
  ["e_shoff", 8],
  ["e_flags", 4],
  ["e_ehsize", 2],
  ["e_phentsize", 2],
  ["e_phnum", 2],
  ["e_shentsize", 2],
  ["e_shnum", 2],
  ["e_shstrndx", 2],
];

const programLayout: Layout = [
  ["p_type", 4],
  ["p_flags", 4],
  ["p_offset", 8],
  ["p_vaddr", 8],
  ["p_paddr", 8],
  ["p_filesz", 8],
  ["p_memsz", 8],
  ["p_align", 8],
];

const sectionLayout: Layout = [
  ["sh_name", 4],
  ["sh_type", 4],
  ["sh_flags", 8],
  ["sh_addr", 8],
  ["sh_offset", 8],
  ["sh_size", 8],
  ["sh_link", 4],
  ["sh_info", 4],
  ["sh_addralign", 8],
  ["sh_entsize", 8],
];

const symbolLayout: Layout = [
  ["st_name", 4],
  ["st_info", 1],
  ["st_other", 1],
  ["st_shndx", 2],
  ["st_value", 8],
  ["st_size", 8],
];

/** Collects bytes, and remembers the fields it wrote. */
class Writer {
  readonly bytes: number[] = [];
  readonly fields: Field[] = [];

  record(prefix: string, layout: Layout, values: readonly (number | bigint)[]): void {
    for (const [i, [name, width]] of layout.entries()) {
      this.fields.push({ name: `${prefix}${name}`, offset: this.bytes.length, width });
      for (let byte = 0n; byte < width; byte++) this.bytes.push(Number((BigInt(values[i]) >> (8n * byte)) & 0xffn));
    }
  }

  data(data: Iterable<number>): number {
    const offset = this.bytes.length;
    for (const byte of data) this.bytes.push(byte);
    return offset;
  }
}

/** A table of NUL-terminated strings. */
class Strings {
  text = "\0";

  add(name: string): number {
    const offset = this.text.length;
    this.text += `${name}\0`;
    return offset;
  }

  get bytes(): number[] {
    return Array.from(this.text, (character) => character.charCodeAt(0));
  }
}

/** Writes a RISC-V ELF64 file: header, program headers, data, symbols, names, section headers. */
export function buildElf(spec: ElfSpec): BuiltElf {
  const { segments, symbols = [], stripped = false } = spec;
  const names = new Strings();
  const strings = new Strings();
  const writer = new Writer();
  const dataStart = 64 + 56 * segments.length;
  const sizes = segments.map(({ data }) => data.length);
  const offsets = sizes.map((_, i) => dataStart + sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const symbolsAt = dataStart + sizes.reduce((a, b) => a + b, 0);
  const symbolBytes = 24 * (symbols.length + 1);
  for (const { name } of symbols) strings.add(name);
  const sections: (number | bigint)[][] = [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]];
  for (const [i, { vaddr, data }] of segments.entries()) {
    sections.push([names.add(`.seg${i}`), 1, 7, vaddr, offsets[i], data.length, 0, 0, 4, 0]);
  }
  const link = sections.length + 1;
  const [kind, kindName] = spec.dynamic ? [11, ".dynsym"] : [2, ".symtab"];
  sections.push([names.add(kindName), kind, 0, 0, symbolsAt, symbolBytes, link, 1, 8, 24]);
  const stringsAt = symbolsAt + symbolBytes;
  sections.push([names.add(".strtab"), 3, 0, 0, stringsAt, strings.text.length, 0, 0, 1, 0]);
  const namesAt = stringsAt + strings.text.length;
  const nameOffset = names.add(".shstrtab");
  sections.push([nameOffset, 3, 0, 0, namesAt, names.text.length, 0, 0, 1, 0]);
  const sectionsAt = namesAt + names.text.length;

  const entry = spec.entry ?? segments[0]?.vaddr ?? 0n;
  const table = stripped ? [0, 0, 0, 0] : [sectionsAt, 64, sections.length, sections.length - 1];
  writer.record("", headerLayout, [
    ...[0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[spec.type ?? 2, 243, 1, entry, segments.length > 0 ? 64 : 0, table[0], 5],
    ...[64, 56, segments.length, table[1], table[2], table[3]],
  ]);
  for (const [i, { type = 1, flags = 7, vaddr, paddr = vaddr, data, memSize }] of segments.entries()) {
    const values = [type, flags, offsets[i], vaddr, paddr, data.length, memSize ?? data.length, 1];
    writer.record(`program ${i} `, programLayout, values);
  }
  for (const { data } of segments) writer.data(data);
  if (stripped) return { bytes: new Uint8Array(writer.bytes), fields: writer.fields };
  writer.record("symbol 0 ", symbolLayout, [0, 0, 0, 0, 0, 0]);
  let nameAt = 1;
  for (const [i, { name, value, size = 0n, type = 0, binding = 1, section = 1 }] of symbols.entries()) {
    writer.record(`symbol ${i + 1} `, symbolLayout, [nameAt, (binding << 4) | type, 0, section, value, size]);
    nameAt += name.length + 1;
  }
  writer.data(strings.bytes);
  writer.data(names.bytes);
  for (const [i, values] of sections.entries()) writer.record(`section ${i} `, sectionLayout, values);
  return { bytes: new Uint8Array(writer.bytes), fields: writer.fields };
}

/** A copy of the bytes with one field set to a value, cut to its width. */
export function withField(built: BuiltElf, name: string, value: bigint | number): Uint8Array {
  const field = built.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  return patch(built.bytes, field, BigInt(value));
}

/** A copy of the bytes with one field set to a value, cut to its width. */
export function patch(bytes: Uint8Array, field: Field, value: bigint): Uint8Array {
  const copy = bytes.slice();
  for (let byte = 0; byte < field.width; byte++) {
    copy[field.offset + byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
  }
  return copy;
}
