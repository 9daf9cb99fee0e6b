import type { PhysicalMemory } from "../../memory/physical.ts";
import { mostRamBytes } from "../memoryMap.ts";
import { ElfError, hex } from "./error.ts";
import { sectionAllocated } from "./format.ts";
import type { ElfFile } from "./parse.ts";
import type { Segment } from "./segment.ts";

/** A program in memory. All addresses are physical. */
export interface LoadedElf {
  /** Where execution starts. */
  readonly entry: bigint;
  /** The two words of the host-target interface, where the program has those symbols. */
  readonly tohost?: bigint;
  readonly fromhost?: bigint;
  /** What a conformance test leaves behind: begin_signature and end_signature. */
  readonly signature?: { readonly begin: bigint; readonly end: bigint };
  /** What does not fit but does not keep the program from running: one line each. */
  readonly warnings: readonly string[];
}

/** What of a segment goes to memory. */
interface Piece {
  readonly segment: Segment;
  readonly start: bigint;
  /** First address after it. */
  readonly end: bigint;
  readonly bytes: Uint8Array;
}

/**
 * Copies a program's segments to RAM, at their physical addresses, and clears what follows them (bss).
 * Throws an ElfError, before a byte is written, if one is not all in RAM or two overlap.
 */
export function loadElf(elf: ElfFile, memory: PhysicalMemory): LoadedElf {
  const pieces = elf.segments.map((segment) => toPiece(elf, segment, memory)).filter(({ start, end }) => start < end);
  for (const piece of pieces) checkInRam(elf, piece, memory);
  checkApart(elf, pieces);
  for (const { start, end, bytes } of pieces) {
    const pa = Number(start);
    const host = memory.hostOf(pa);
    const size = Number(end - start);
    memory.bytes.set(bytes, host);
    memory.bytes.fill(0, host + bytes.length, host + size);
    memory.written(pa, size);
  }
  return describe(elf, memory);
}

/**
 * Linkers may put the ELF and program headers into the first segment, below the address that the program was linked
 * at; no section is there. That part is left out where it lies below RAM, as nothing in the program refers to it.
 */
function toPiece(elf: ElfFile, segment: Segment, memory: PhysicalMemory): Piece {
  const { paddr, memSize, vaddr, bytes } = segment;
  const end = paddr + memSize;
  const whole = { segment, start: paddr, end, bytes };
  const below = BigInt(memory.ramBase) - paddr;
  if (segment.fileOffset !== 0n || elf.sections.length === 0 || below <= 0n || below > memSize) return whole;
  const used = elf.sections.some(({ flags, address, size }) => {
    return (flags & sectionAllocated) !== 0n && address < vaddr + below && address + size > vaddr;
  });
  return used ? whole : { segment, start: paddr + below, end, bytes: bytes.subarray(Number(below)) };
}

function checkInRam(elf: ElfFile, { segment, start, end }: Piece, memory: PhysicalMemory): void {
  const ramStart = BigInt(memory.ramBase);
  const ramEnd = ramStart + BigInt(memory.ramBytes);
  if (start >= ramStart && end <= ramEnd) return;
  const ram = `RAM is ${range(ramStart, ramEnd)} (${sizeOf(memory.ramBytes)})`;
  const problem = `its ${hex(end - start)} bytes at ${range(start, end)} are not all in RAM: ${ram}`;
  const needed = end - ramStart;
  let way = `link the program to start at ${hex(ramStart)}`;
  if (start >= ramStart && needed <= BigInt(mostRamBytes)) way = `run it with -m ${mebibytes(needed)}`;
  else if (start >= ramStart) way += `; ${mebibytes(BigInt(mostRamBytes))} is the most that RAM can have`;
  throw new ElfError(elf.name, segment.place, `${problem}: ${way}`);
}

function checkApart(elf: ElfFile, pieces: readonly Piece[]): void {
  const sorted = pieces.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  for (let i = 1; i < sorted.length; i++) {
    const [first, second] = [sorted[i - 1], sorted[i]];
    if (second.start >= first.end) continue;
    const problem = `its ${range(second.start, second.end)} overlaps ${range(first.start, first.end)} of ${first.segment.place}`;
    throw new ElfError(
      elf.name,
      second.segment.place,
      `${problem}: give each segment its own memory in the linker script`,
    );
  }
}

function describe(elf: ElfFile, memory: PhysicalMemory): LoadedElf {
  const warnings: string[] = [];
  const word = (name: string) => {
    const address = elf.symbols.find(name);
    const pa = address === undefined ? undefined : physicalOf(elf, address);
    if (pa === undefined || isRam(memory, pa, 8n)) return pa;
    warnings.push(`symbol ${name} is at ${hex(pa)}, outside RAM: it is ignored`);
    return undefined;
  };
  const tohost = word("tohost");
  const fromhost = word("fromhost");
  const begin = elf.symbols.find("begin_signature");
  const end = elf.symbols.find("end_signature");
  const hasSignature = begin !== undefined && end !== undefined && begin <= end;
  return {
    entry: physicalOf(elf, elf.entry),
    ...(tohost !== undefined && { tohost }),
    ...(fromhost !== undefined && { fromhost }),
    ...(hasSignature && { signature: signature(elf, begin, end) }),
    warnings,
  };
}

function signature(elf: ElfFile, begin: bigint, end: bigint): { begin: bigint; end: bigint } {
  const start = physicalOf(elf, begin);
  return { begin: start, end: start + (end - begin) };
}

/** Where the program's own address of something is in physical memory: it starts with address translation off. */
function physicalOf(elf: ElfFile, address: bigint): bigint {
  for (const { vaddr, paddr, memSize } of elf.segments) {
    if (address >= vaddr && address < vaddr + memSize) return address - vaddr + paddr;
  }
  return address;
}

function isRam(memory: PhysicalMemory, pa: bigint, size: bigint): boolean {
  const start = BigInt(memory.ramBase);
  return pa >= start && pa + size <= start + BigInt(memory.ramBytes);
}

/** `0x80000000..0x80000fff`, both included. */
function range(start: bigint, end: bigint): string {
  return `${hex(start)}..${hex(end - 1n)}`;
}

/** Bytes of whole pages as `-m` takes them: `128M`, `36K`. */
function sizeOf(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}M` : `${bytes / 1024}K`;
}

/** Bytes as `-m` takes them, rounded up: `128M`. */
function mebibytes(bytes: bigint): string {
  return `${(bytes + 0xfffffn) >> 20n}M`;
}
