import { ElfError, hex } from "./error.ts";
import { programAt, programHeaderSize } from "./format.ts";
import type { Header } from "./header.ts";
import { namePrograms } from "./tables.ts";

/** A part of the program that is put into memory (PT_LOAD), checked: its file bytes exist and no sum wraps. */
export interface Segment {
  /** `program header 2 at offset 0xe8`, for messages. */
  readonly place: string;
  /** Where it runs, and where it is loaded. */
  readonly vaddr: bigint;
  readonly paddr: bigint;
  readonly fileOffset: bigint;
  readonly fileSize: bigint;
  /** At least fileSize; what is more is zeros. */
  readonly memSize: bigint;
  readonly flags: { readonly r: boolean; readonly w: boolean; readonly x: boolean };
  /** The fileSize bytes of the file, shared with it. */
  readonly bytes: Uint8Array;
}

const top = 1n << 64n;

/** Reads the program headers. Throws an ElfError where a segment cannot be what a linker wrote, or if there is none. */
export function readSegments(bytes: Uint8Array, header: Header, file: string): Segment[] {
  const { offset, count } = header.programs;
  const table = "program header table";
  if (count === 0) throw new ElfError(file, table, "there is none, so nothing to load: link the file into a program");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  for (const [index, { type, flags }] of namePrograms(bytes, header).entries()) {
    if (type !== "load") continue;
    const at = offset + index * programHeaderSize;
    const place = `program header ${index} at offset ${hex(at)}`;
    const field = (name: keyof typeof programAt) => view.getBigUint64(at + programAt[name], true);
    const fileSize = field("filesz");
    const memSize = field("memsz");
    const segment = {
      place,
      vaddr: field("vaddr"),
      paddr: field("paddr"),
      fileOffset: field("offset"),
      fileSize,
      memSize,
    };
    const problem = findProblem(segment, bytes.length);
    if (problem !== undefined) throw new ElfError(file, place, problem);
    if (memSize === 0n) continue;
    const start = fileSize === 0n ? 0 : Number(segment.fileOffset);
    segments.push({ ...segment, flags, bytes: bytes.subarray(start, start + Number(fileSize)) });
  }
  if (segments.length === 0) {
    const problem = `none of its ${count} headers is a PT_LOAD with memory, so nothing to load: link the file into a program`;
    throw new ElfError(file, `${table} at offset ${hex(offset)}`, problem);
  }
  return segments;
}

function findProblem(segment: Omit<Segment, "flags" | "bytes">, length: number): string | undefined {
  const { vaddr, paddr, fileOffset, fileSize, memSize } = segment;
  if (fileSize > memSize) {
    return `its ${hex(fileSize)} bytes in the file (p_filesz) are more than its ${hex(memSize)} in memory (p_memsz): the file is damaged`;
  }
  if (fileSize !== 0n && fileOffset + fileSize > BigInt(length)) {
    const range = `its bytes ${hex(fileOffset)} + ${hex(fileSize)} (p_offset + p_filesz)`;
    return `${range} end after the file, which has ${hex(length)}: it is truncated or damaged`;
  }
  for (const [name, address] of [["p_vaddr", vaddr] as const, ["p_paddr", paddr] as const]) {
    if (address + memSize > top) {
      return `${name} ${hex(address)} + p_memsz ${hex(memSize)} passes the end of the address space: the file is damaged`;
    }
  }
  return undefined;
}
