import { hex, printable } from "./error.ts";
import { sectionAt, sectionHeaderSize, sectionNumber, sectionType } from "./format.ts";
import type { Header } from "./header.ts";
import { nameSections } from "./tables.ts";

/** A section of the file. Sections say what is where; a program runs without them, so none is checked to death. */
export interface Section {
  readonly index: number;
  /** Empty where the file has no readable name for it. */
  readonly name: string;
  /** sh_type, and elfy's word for it (`progbits`) or its number. */
  readonly type: number;
  readonly typeName: string;
  readonly flags: bigint;
  readonly address: bigint;
  readonly fileOffset: bigint;
  readonly size: bigint;
  readonly link: number;
  readonly info: number;
  readonly alignment: bigint;
  readonly entrySize: bigint;
  /** Its bytes, shared with the file; undefined where they are not (all) in the file, empty for NOBITS. */
  readonly bytes: Uint8Array | undefined;
}

/** Reads the section headers; what is wrong with them becomes a warning. */
export function readSections(bytes: Uint8Array, header: Header, warnings: string[]): Section[] {
  const { offset, count } = header.sections;
  if (count === 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contentOf = (index: number) => content(bytes, view, offset + index * sectionHeaderSize);
  const names = findNames(view, header, contentOf);
  if (names === undefined && header.nameSection !== sectionNumber.undefined) {
    warnings.push(`ELF header: section ${header.nameSection} of ${count} (e_shstrndx) is no table of names`);
  }
  let nameless = 0;
  const sections = nameSections(bytes, header, names ?? new Uint8Array()).map((named, index) => {
    const at = offset + index * sectionHeaderSize;
    const field = (name: keyof typeof sectionAt) => view.getBigUint64(at + sectionAt[name], true);
    if (named.name === undefined && names !== undefined) nameless++;
    return {
      index,
      name: printable(named.name ?? ""),
      type: view.getUint32(at + sectionAt.type, true),
      typeName: named.type,
      flags: field("flags"),
      address: field("addr"),
      fileOffset: field("offset"),
      size: field("size"),
      link: named.link,
      info: named.info,
      alignment: field("addralign"),
      entrySize: field("entsize"),
      bytes: contentOf(index),
    };
  });
  if (nameless > 0) {
    warnings.push(
      `section header table at offset ${hex(offset)}: ${nameless} of ${count} sections have no readable name`,
    );
  }
  return sections;
}

/** The section name table, if the file has a good one. */
function findNames(
  view: DataView,
  { sections, nameSection }: Header,
  contentOf: (index: number) => Uint8Array | undefined,
) {
  if (nameSection === sectionNumber.undefined || nameSection >= sections.count) return undefined;
  const type = view.getUint32(sections.offset + nameSection * sectionHeaderSize + sectionAt.type, true);
  return type === sectionType.strtab ? contentOf(nameSection) : undefined;
}

/** The bytes of the section whose header is at `at`. */
function content(bytes: Uint8Array, view: DataView, at: number): Uint8Array | undefined {
  if (view.getUint32(at + sectionAt.type, true) === sectionType.nobits) return new Uint8Array();
  const offset = view.getBigUint64(at + sectionAt.offset, true);
  const size = view.getBigUint64(at + sectionAt.size, true);
  if (offset + size > BigInt(bytes.length)) return undefined;
  return bytes.subarray(Number(offset), Number(offset + size));
}
