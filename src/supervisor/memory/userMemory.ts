import { faultAnswer, faultIn, type Mm } from "../../kernel/index.ts";
import type { PhysicalMemory } from "../../memory/physical.ts";
import { ppnOf, pteA, pteD, pteR, pteU, pteV, pteW, pteX } from "../../mmu/pte.ts";
import { LinuxError } from "../errno.ts";

const pageBytes = 4096;
const two32 = 2 ** 32;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * A process's memory as system calls see it: through its page tables, with its permissions, faulting pages in as the
 * process itself would. Addresses are numbers. What cannot be accessed is an EFAULT (a {@link LinuxError}).
 */
export class UserMemory {
  readonly #mm: Mm;
  readonly #memory: PhysicalMemory;
  readonly #limit: number;
  readonly #shifts: readonly number[];

  constructor(mm: Mm) {
    this.#mm = mm;
    this.#memory = mm.memory.memory;
    this.#limit = 2 ** (mm.tables.mode.vaBits - 1);
    this.#shifts = Array.from({ length: mm.tables.rootLevel + 1 }, (_, level) => 2 ** (12 + 9 * level));
  }

  /** Copies bytes from the process; a view of a fresh array. */
  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.readInto(address, bytes);
    return bytes;
  }

  readInto(address: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const at = this.hostOf(address + done, false);
      const part = Math.min(into.length - done, pageBytes - ((address + done) % pageBytes));
      into.set(this.#memory.bytes.subarray(at, at + part), done);
      done += part;
    }
  }

  /** Copies bytes to the process. */
  write(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const part = Math.min(bytes.length - done, pageBytes - ((address + done) % pageBytes));
      const at = this.hostOf(address + done, true);
      this.#memory.bytes.set(part === bytes.length ? bytes : bytes.subarray(done, done + part), at);
      this.#written(at, part);
      done += part;
    }
  }

  /** Writes zeros. */
  clear(address: number, length: number): void {
    for (let done = 0; done < length; ) {
      const part = Math.min(length - done, pageBytes - ((address + done) % pageBytes));
      const at = this.hostOf(address + done, true);
      this.#memory.bytes.fill(0, at, at + part);
      this.#written(at, part);
      done += part;
    }
  }

  u8(address: number): number {
    return this.#memory.bytes[this.hostOf(address, false)];
  }

  u16(address: number): number {
    return this.u8(address) | (this.u8(address + 1) << 8);
  }

  u32(address: number): number {
    if (address % 4 === 0) return this.#memory.view.getUint32(this.hostOf(address, false), true);
    return (this.u16(address) | (this.u16(address + 2) << 16)) >>> 0;
  }

  i32(address: number): number {
    return this.u32(address) | 0;
  }

  /** 64 bits, signed: exact up to 2^53. */
  long(address: number): number {
    return (this.u32(address + 4) | 0) * two32 + this.u32(address);
  }

  /** 64 bits, unsigned. */
  u64(address: number): bigint {
    return (BigInt(this.u32(address + 4)) << 32n) | BigInt(this.u32(address));
  }

  setU8(address: number, value: number): void {
    const at = this.hostOf(address, true);
    this.#memory.bytes[at] = value;
    this.#written(at, 1);
  }

  setU16(address: number, value: number): void {
    this.setU8(address, value);
    this.setU8(address + 1, value >> 8);
  }

  setU32(address: number, value: number): void {
    if (address % 4 !== 0) {
      this.setU16(address, value);
      this.setU16(address + 2, value >> 16);
      return;
    }
    const at = this.hostOf(address, true);
    this.#memory.view.setUint32(at, value, true);
    this.#written(at, 4);
  }

  /** 64 bits: a number exact up to 2^53, negative ones sign-extended. */
  setLong(address: number, value: number): void {
    this.setU32(address, value % two32);
    this.setU32(address + 4, Math.floor(value / two32));
  }

  setU64(address: number, value: bigint): void {
    this.setU32(address, Number(value & 0xffff_ffffn));
    this.setU32(address + 4, Number((value >> 32n) & 0xffff_ffffn));
  }

  /** The bytes of a string up to its zero. More than `most` of them are an error of that name. */
  cBytes(address: number, most = 4096, tooLong: "ENAMETOOLONG" | "E2BIG" = "ENAMETOOLONG"): Uint8Array {
    const { bytes } = this.#memory;
    const parts: Uint8Array[] = [];
    for (let length = 0; length < most; ) {
      const at = this.hostOf(address + length, false);
      const room = Math.min(pageBytes - ((address + length) % pageBytes), most - length);
      const part = bytes.subarray(at, at + room);
      const zero = part.indexOf(0);
      if (zero >= 0 && parts.length === 0) return part.slice(0, zero);
      parts.push(part.slice(0, zero < 0 ? room : zero));
      if (zero >= 0) return concat(parts);
      length += room;
    }
    throw new LinuxError(tooLong);
  }

  /** A string of UTF-8. */
  string(address: number, most?: number): string {
    return decoder.decode(this.cBytes(address, most));
  }

  /** Writes a string and its zero. */
  setString(address: number, text: string): void {
    this.write(address, encoder.encode(`${text}\0`));
  }

  /**
   * Where in the WebAssembly memory the byte at an address is: good until anything else happens. The rest of its page
   * lies behind it. Throws EFAULT. Whoever writes there must call `PhysicalMemory.written`.
   */
  hostOf(address: number, writes: boolean): number {
    const at = this.#lookUp(address, writes);
    return at >= 0 ? at : this.#fault(address, writes);
  }

  #written(host: number, size: number): void {
    this.#memory.written(host - this.#memory.hostBase + this.#memory.ramBase, size);
  }

  /** A walk that only looks: -1 where there is no entry that permits the access, or A or D is still to be set. */
  #lookUp(address: number, writes: boolean): number {
    if (!(address >= 0 && address < this.#limit)) return -1;
    const { tables } = this.#mm;
    let table = tables.root;
    for (let level = tables.rootLevel; ; level--) {
      const size = this.#shifts[level];
      const pa = table + (Math.floor(address / size) % 512) * 8;
      const lo = tables.low(pa);
      if ((lo & pteV) === 0) return -1;
      if ((lo & (pteR | pteW | pteX)) === 0) {
        table = ppnOf(lo, tables.high(pa)) * pageBytes;
        continue;
      }
      const needs = writes ? pteU | pteA | pteW | pteD : pteU | pteA | pteR;
      if ((lo & needs) !== needs) return -1;
      if (level === 0 && tables.high(pa) < 0) return -1;
      return this.#memory.hostOf(ppnOf(lo, tables.high(pa)) * pageBytes) + (address % size);
    }
  }

  /** Makes the page accessible as a fault of the process would. */
  #fault(address: number, writes: boolean): number {
    if (!(address >= 0 && address < this.#limit)) throw new LinuxError("EFAULT");
    const answer = faultIn(this.#mm, BigInt(address), writes ? "store" : "load");
    if (answer === faultAnswer.noMemory) throw new LinuxError("ENOMEM");
    if (answer !== faultAnswer.done) throw new LinuxError("EFAULT");
    const at = this.#lookUp(address, writes);
    if (at >= 0) return at;
    return this.#partOfNapot(address);
  }

  /** A 64 KiB leaf, whose entries do not name the frame as it is. */
  #partOfNapot(address: number): number {
    const entry = this.#mm.entryFor(BigInt(address));
    if (entry === null || !entry.isLeaf) throw new LinuxError("EFAULT");
    return this.#memory.hostOf(entry.pfn * pageBytes) + (address % pageBytes);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
