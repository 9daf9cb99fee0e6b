import { fileType, headerAt, headerSize, programAt, programHeaderSize, riscv } from "../../machine/elf/format.ts";
import { LinuxError } from "../errno.ts";
import { decodePath } from "../files/fileName.ts";
import type { ProgramFile } from "../files/inode.ts";

/** A part of a program that is mapped: PT_LOAD. Addresses are those of the file. */
export interface LoadSegment {
  readonly vaddr: number;
  readonly offset: number;
  readonly fileSize: number;
  readonly memSize: number;
  /** PROT_ bits. */
  readonly prot: number;
}

/** What exec reads of a program. */
export interface ElfImage {
  /** ET_DYN: it may be put anywhere. */
  readonly isRelocatable: boolean;
  readonly entry: number;
  readonly segments: readonly LoadSegment[];
  /** PT_INTERP. */
  readonly interpreter: string | undefined;
  /** Address of the program headers in the file's addresses, and how many there are. */
  readonly headers: number;
  readonly headerCount: number;
  /** PT_GNU_STACK says that the stack may be executed. */
  readonly executableStack: boolean;
}

const segmentType = { load: 1, interp: 3, phdr: 6, gnuStack: 0x6474_e551 } as const;
const mostHeaders = 64;

/** Reads the headers of a program. Throws ENOEXEC for what is none for this machine. */
export function readElfImage(file: ProgramFile): ElfImage {
  const head = new DataView(new ArrayBuffer(headerSize));
  const length = file.read(0, new Uint8Array(head.buffer));
  if (length < headerSize || head.getUint32(0) !== 0x7f45_4c46) throw new LinuxError("ENOEXEC");
  const type = head.getUint16(headerAt.type, true);
  const isOurs = head.getUint8(headerAt.class) === 2 && head.getUint16(headerAt.machine, true) === riscv;
  if (!isOurs || (type !== fileType.exec && type !== fileType.dyn)) throw new LinuxError("ENOEXEC");
  const count = head.getUint16(headerAt.phnum, true);
  const offset = Number(head.getBigUint64(headerAt.phoff, true));
  const isOdd = head.getUint16(headerAt.phentsize, true) !== programHeaderSize || count === 0 || count > mostHeaders;
  if (isOdd) throw new LinuxError("ENOEXEC");
  const table = new DataView(new ArrayBuffer(count * programHeaderSize));
  if (file.read(offset, new Uint8Array(table.buffer)) < table.byteLength) throw new LinuxError("ENOEXEC");
  return {
    ...readHeaders(file, table, offset),
    entry: Number(head.getBigUint64(headerAt.entry, true)),
    isRelocatable: type === fileType.dyn,
  };
}

function readHeaders(file: ProgramFile, table: DataView, offset: number): Omit<ElfImage, "entry" | "isRelocatable"> {
  const segments: LoadSegment[] = [];
  let interpreter: string | undefined;
  let headers = 0;
  let executableStack = false;
  const headerCount = table.byteLength / programHeaderSize;
  for (let at = 0; at < table.byteLength; at += programHeaderSize) {
    const field = (name: keyof typeof programAt) => Number(table.getBigUint64(at + programAt[name], true));
    const type = table.getUint32(at, true);
    const flags = table.getUint32(at + 4, true);
    if (type === segmentType.load) segments.push(readSegment(field, flags));
    else if (type === segmentType.interp) interpreter = readName(file, field("offset"), field("filesz"));
    else if (type === segmentType.phdr) headers = field("vaddr");
    else if (type === segmentType.gnuStack) executableStack = (flags & 1) !== 0;
  }
  if (segments.length === 0) throw new LinuxError("ENOEXEC");
  const first = segments.find((segment) => offset >= segment.offset && offset < segment.offset + segment.fileSize);
  if (headers === 0 && first !== undefined) headers = first.vaddr + offset - first.offset;
  return { segments, interpreter, headers, headerCount, executableStack };
}

function readSegment(field: (name: keyof typeof programAt) => number, flags: number): LoadSegment {
  // p_flags is X W R from bit 0 on, PROT_ is R W X
  const prot = ((flags >> 2) & 1) | (flags & 2) | ((flags & 1) << 2);
  const segment = {
    vaddr: field("vaddr"),
    offset: field("offset"),
    fileSize: field("filesz"),
    memSize: field("memsz"),
    prot,
  };
  const isWhole = segment.vaddr % 4096 === segment.offset % 4096 && segment.fileSize <= segment.memSize;
  if (!isWhole || segment.vaddr + segment.memSize > Number.MAX_SAFE_INTEGER) throw new LinuxError("ENOEXEC");
  return segment;
}

function readName(file: ProgramFile, offset: number, size: number): string {
  if (size < 2 || size > 4096) throw new LinuxError("ENOEXEC");
  const bytes = new Uint8Array(size);
  if (file.read(offset, bytes) < size || bytes[size - 1] !== 0) throw new LinuxError("ENOEXEC");
  return decodePath(bytes.subarray(0, size - 1));
}
