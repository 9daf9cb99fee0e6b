import { ElfError, hex } from "./error.ts";
import {
  extendedProgramCount,
  fileType,
  headerAt,
  headerSize,
  machineName,
  programHeaderSize,
  riscv,
  sectionAt,
  sectionHeaderSize,
  sectionNumber,
  sectionType,
} from "./format.ts";
import { describeContent, startsWith } from "./identify.ts";

/** A table of the file, checked: all of it is inside. */
export interface Table {
  /** Byte offset of the first header, and how many there are. */
  readonly offset: number;
  readonly count: number;
}

/** An ELF header that passed every check, extended numbering resolved. */
export interface Header {
  readonly type: "exec" | "dyn";
  readonly machine: number;
  readonly entry: bigint;
  readonly flags: number;
  readonly programs: Table;
  readonly sections: Table;
  /** Number of the section that names the sections, 0 for none. */
  readonly nameSection: number;
}

/** More headers than any linker writes: a file that claims them is damaged, and each costs host memory. */
const mostHeaders = { program: 4096, section: 65536 } as const;

/** Reads and checks the ELF header and where the two tables lie. Throws an ElfError. */
export function readHeader(bytes: Uint8Array, file: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkIdentity(bytes, file);
  const field = (name: keyof typeof headerAt) => `ELF header, e_${name} at offset ${hex(headerAt[name])}`;
  const type = view.getUint16(headerAt.type, true);
  if (type !== fileType.exec && type !== fileType.dyn) throw new ElfError(file, field("type"), describeType(type));
  const version = view.getUint32(headerAt.version, true);
  if (version !== 1) {
    throw new ElfError(
      file,
      field("version"),
      `ELF version ${version} is unknown (only 1 exists): the file is damaged`,
    );
  }
  const entry = view.getBigUint64(headerAt.entry, true);
  if (entry & 1n) {
    throw new ElfError(
      file,
      field("entry"),
      `the entry point ${hex(entry)} is odd: no RISC-V instruction can start there`,
    );
  }
  const zero = readSectionZero(view);
  const sections = readTable(view, file, "section", zero);
  const programs = readTable(view, file, "program", zero);
  const names = view.getUint16(headerAt.shstrndx, true);
  return {
    type: type === fileType.exec ? "exec" : "dyn",
    machine: riscv,
    entry,
    flags: view.getUint32(headerAt.flags, true),
    programs,
    sections,
    nameSection: names === sectionNumber.extended ? (zero?.link ?? 0) : names,
  };
}

/** Magic, length, class, byte order, machine: whether this is a file for this computer at all. */
function checkIdentity(bytes: Uint8Array, file: string): void {
  const magic = "\x7fELF";
  if (!startsWith(bytes, magic)) throw new ElfError(file, "offset 0x0", `not an ELF file: ${describeContent(bytes)}`);
  if (bytes.length < headerSize) {
    const problem = `the file ends after ${bytes.length} bytes, an ELF header has ${headerSize}: it is truncated`;
    throw new ElfError(file, "ELF header at offset 0x0", problem);
  }
  const ident = (name: string, at: number) => `ELF header, e_ident[${name}] at offset ${hex(at)}`;
  const kind = bytes[headerAt.class];
  const order = bytes[headerAt.data];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine = view.getUint16(headerAt.machine, order !== 2);
  const forMachine = machine === riscv ? "" : ` for ${machineName(machine)}`;
  const build = "build it with -march=rv64gc -mabi=lp64d";
  if (kind !== 2) {
    const what = kind === 1 ? `a 32-bit program${forMachine} (class 1)` : `class ${kind}, which does not exist`;
    throw new ElfError(file, ident("EI_CLASS", headerAt.class), `it is ${what}; 64-bit RISC-V is class 2: ${build}`);
  }
  if (order !== 1) {
    const what =
      order === 2 ? `a big-endian program${forMachine} (encoding 2)` : `encoding ${order}, which does not exist`;
    const problem = `it is ${what}; RISC-V here is little-endian, encoding 1: ${build} -mlittle-endian`;
    throw new ElfError(file, ident("EI_DATA", headerAt.data), problem);
  }
  if (machine !== riscv) {
    const problem = `it is a program for ${machineName(machine)} (${machine}), not for RISC-V (${riscv}): ${build}`;
    throw new ElfError(file, `ELF header, e_machine at offset ${hex(headerAt.machine)}`, problem);
  }
  const version = bytes[headerAt.identVersion];
  if (version !== 1) {
    const problem = `ELF version ${version} is unknown (only 1 exists): the file is damaged`;
    throw new ElfError(file, ident("EI_VERSION", headerAt.identVersion), problem);
  }
}

function describeType(type: number): string {
  const wanted = `a program is ET_EXEC (${fileType.exec}) or ET_DYN (${fileType.dyn})`;
  if (type === fileType.rel) return `it is an object file (ET_REL, ${type}); ${wanted}: link it first`;
  if (type === fileType.core) return `it is a core dump (ET_CORE, ${type}); ${wanted}: name the program that dumped it`;
  return `file type ${type} is no program; ${wanted}`;
}

/** Counts that do not fit the ELF header: sh_size, sh_link and sh_info of section header 0. */
interface SectionZero {
  readonly size: bigint;
  readonly link: number;
  readonly info: number;
}

function readSectionZero(view: DataView): SectionZero | undefined {
  const offset = view.getBigUint64(headerAt.shoff, true);
  if (offset === 0n || offset + BigInt(sectionHeaderSize) > BigInt(view.byteLength)) return undefined;
  const at = Number(offset);
  if (view.getUint32(at + sectionAt.type, true) !== sectionType.none) return undefined;
  return {
    size: view.getBigUint64(at + sectionAt.size, true),
    link: view.getUint32(at + sectionAt.link, true),
    info: view.getUint32(at + sectionAt.info, true),
  };
}

/** Finds the program or section header table and makes sure that it is inside the file. */
function readTable(view: DataView, file: string, kind: "program" | "section", zero: SectionZero | undefined): Table {
  const program = kind === "program";
  const [offsetAt, sizeAt, countAt] = program
    ? [headerAt.phoff, headerAt.phentsize, headerAt.phnum]
    : [headerAt.shoff, headerAt.shentsize, headerAt.shnum];
  const letter = program ? "p" : "s";
  const offset = view.getBigUint64(offsetAt, true);
  const stated = view.getUint16(countAt, true);
  let count = BigInt(stated);
  let countPlace = `e_${letter}hnum`;
  // gABI: a count that does not fit 16 bits is in section header 0
  if (program && stated === extendedProgramCount && zero !== undefined) {
    count = BigInt(zero.info);
    countPlace = "sh_info of section header 0";
  } else if (!program && stated === 0 && zero !== undefined && zero.size !== 0n) {
    count = zero.size;
    countPlace = "sh_size of section header 0";
  }
  if (offset === 0n || count === 0n) return { offset: 0, count: 0 };

  const size = program ? programHeaderSize : sectionHeaderSize;
  const statedSize = view.getUint16(sizeAt, true);
  if (statedSize !== size) {
    const problem = `a ${kind} header is said to have ${statedSize} bytes, in ELF64 it has ${size}: the file is damaged`;
    throw new ElfError(file, `ELF header, e_${letter}hentsize at offset ${hex(sizeAt)}`, problem);
  }
  const place = `${kind} header table at offset ${hex(offset)}`;
  if (count > BigInt(mostHeaders[kind])) {
    const problem = `${countPlace} claims ${count} headers, more than ${mostHeaders[kind]}: the file is damaged`;
    throw new ElfError(file, place, problem);
  }
  const end = offset + count * BigInt(size);
  if (end > BigInt(view.byteLength)) {
    const problem = `its ${count} headers end at ${hex(end)}, the file at ${hex(view.byteLength)}: it is truncated or damaged`;
    throw new ElfError(file, place, problem);
  }
  return { offset: Number(offset), count: Number(count) };
}
