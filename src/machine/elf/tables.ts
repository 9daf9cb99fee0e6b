import elfy, { type ElfyBuffer } from "elfy";
import type { Header } from "./header.ts";

// The one place that knows elfy. `Parser` is used method by method, because `elfy.parse` fails on a file without
// sections, and nothing of 64 bits is taken from it (docs/decisions/003-elfy.md).

/** What elfy says of one program header. Every 64-bit field is read elsewhere, from the raw bytes. */
export interface NamedProgram {
  /** `load`, `interp`, `note` …, undefined where elfy has no word for the type. */
  readonly type: string | undefined;
  readonly flags: { readonly r: boolean; readonly w: boolean; readonly x: boolean };
}

/** What elfy says of one section header. */
export interface NamedSection {
  /** Undefined where the file has no readable name for the section. */
  readonly name: string | undefined;
  /** `progbits`, `symtab` …, or the number in hexadecimal where elfy has no word for the type. */
  readonly type: string;
  readonly link: number;
  readonly info: number;
}

const utf8 = new TextDecoder();

/** No linker makes a section name longer; a file that claims one must not cost memory. */
const longestSectionName = 1024;

/**
 * The file's bytes with the few methods of Node's Buffer that elfy calls, so that nothing here needs Node. Byte order
 * is checked before: little-endian methods are enough. A slice shares the bytes, as Buffer's does.
 */
class ElfyBytes extends Uint8Array implements ElfyBuffer {
  readUInt16LE(offset: number): number {
    return this[offset] | (this[offset + 1] << 8);
  }

  readUInt32LE(offset: number): number {
    return (this.readUInt16LE(offset) | (this.readUInt16LE(offset + 2) << 16)) >>> 0;
  }

  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
  }

  override toString(): string {
    return utf8.decode(this);
  }
}

/** A parser and a header for it: what was checked and resolved replaces what elfy read itself as doubles. */
function prepare(bytes: Uint8Array, header: Header) {
  const buffer = new ElfyBytes(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  const parser = new elfy.Parser();
  const raw = parser.parseHeader(buffer);
  raw.phoff = header.programs.offset;
  raw.phnum = header.programs.count;
  raw.shoff = header.sections.offset;
  raw.shnum = header.sections.count;
  return { parser, buffer, raw };
}

/** Types and flags of the program headers, through elfy, for a file whose ELF header is checked. */
export function namePrograms(bytes: Uint8Array, header: Header): NamedProgram[] {
  const { parser, buffer, raw } = prepare(bytes, header);
  return parser.parsePrograms(buffer, raw).map(({ type, flags }) => {
    return { type, flags: { r: flags.r === true, w: flags.w === true, x: flags.x === true } };
  });
}

/** Names and types of the sections, through elfy. `names` is the section name table, empty if there is none. */
export function nameSections(bytes: Uint8Array, header: Header, names: Uint8Array): NamedSection[] {
  const { parser, buffer, raw } = prepare(bytes, header);
  const table = new ElfyBytes(names.buffer as ArrayBuffer, names.byteOffset, names.byteLength);
  return parser.parseSections(buffer, raw).map(({ name, type, link, info }) => ({
    name: isName(table, name) ? parser.resolveStr(table, name) : undefined,
    type: typeof type === "string" ? type : `0x${type.toString(16)}`,
    link,
    info,
  }));
}

/** Whether a name starts at an offset and ends before it gets absurd; elfy itself would read on to the end. */
function isName(table: Uint8Array, offset: number): boolean {
  const end = table.subarray(offset, offset + longestSectionName).indexOf(0);
  return end >= 0;
}
