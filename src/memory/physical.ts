import type { AccessWidth, Device } from "./device.ts";

/** A device and where it stands. */
export interface Mapping {
  readonly base: number;
  readonly device: Device;
}

/** Bits of {@link PhysicalMemory.pageState}. */
export const pageState = {
  /** Something was made of the page's code: somebody must hear of writes. */
  code: 1,
  /** Somebody polls a word of the page, and must hear of writes. */
  polled: 2,
  watched: 3,
  /** All of it is zero, and nobody has said that it will be written. */
  untouched: 4,
} as const;

/** Where RAM stands, in the guest and in the WebAssembly memory. */
export interface RamPlace {
  readonly base: number;
  readonly bytes: number;
  readonly hostBase: number;
  /** Where the states of its pages are to stand in the WebAssembly memory, for generated code to read; else nowhere there. */
  readonly pageStates?: number;
}

/**
 * The machine's physical address space: one piece of RAM inside a WebAssembly memory, and devices around it.
 *
 * Addresses are numbers. RISC-V's physical addresses have 56 bits, of which a number holds 53 exactly; nothing can
 * be attached above 2^53, so an address up there is nobody's either way.
 */
export class PhysicalMemory {
  readonly memory: WebAssembly.Memory;
  /** First physical address of RAM, and how many bytes it has. */
  readonly ramBase: number;
  readonly ramBytes: number;
  /** Where RAM begins inside the WebAssembly memory. */
  readonly hostBase: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** The two halves of the last {@link readPair}. */
  lo = 0;
  hi = 0;
  /** A byte of {@link pageState} bits for each page of RAM: generated code may write where it is 0. */
  readonly pageState: Uint8Array;
  /** Where {@link pageState} stands in the WebAssembly memory; undefined: outside. */
  readonly pageStates: number | undefined;
  /** Called after a write to a watched page, by whoever wrote: address and size in bytes. */
  onWatchedWrite: (pa: number, size: number) => void = () => {};
  readonly #mappings: Mapping[] = [];

  constructor(memory: WebAssembly.Memory, ram: RamPlace) {
    this.memory = memory;
    this.ramBase = ram.base;
    this.ramBytes = ram.bytes;
    this.hostBase = ram.hostBase;
    this.view = new DataView(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    const pages = Math.ceil(ram.bytes / 4096);
    this.pageStates = ram.pageStates;
    this.pageState =
      ram.pageStates === undefined ? new Uint8Array(pages) : new Uint8Array(memory.buffer, ram.pageStates, pages);
    this.pageState.fill(pageState.untouched);
  }

  /** What is attached, in address order. */
  get mappings(): readonly Mapping[] {
    return this.#mappings;
  }

  /** Puts a device at an address. Throws a RangeError if it overlaps RAM or another device. */
  attach(base: number, device: Device): void {
    const end = base + device.size;
    if (base < this.ramBase + this.ramBytes && end > this.ramBase) {
      throw new RangeError(`device ${device.name} at 0x${base.toString(16)} overlaps RAM`);
    }
    for (const other of this.#mappings) {
      if (base < other.base + other.device.size && end > other.base) {
        throw new RangeError(`device ${device.name} at 0x${base.toString(16)} overlaps ${other.device.name}`);
      }
    }
    this.#mappings.push({ base, device });
    this.#mappings.sort((a, b) => a.base - b.base);
  }

  /** Whether all of [pa, pa + size) is RAM. */
  isRam(pa: number, size: number): boolean {
    return pa >= this.ramBase && pa + size <= this.ramBase + this.ramBytes;
  }

  /** The offset in the WebAssembly memory of a RAM address. */
  hostOf(pa: number): number {
    return pa - this.ramBase + this.hostBase;
  }

  /** Makes all of RAM zero again. Only what was written costs time. */
  clear(): void {
    const states = this.pageState;
    // every state of a touched page; indexOf is some ten times as fast as a loop
    for (let state = 0; state < pageState.untouched; state++) {
      for (let page = states.indexOf(state); page >= 0; page = states.indexOf(state, page + 1)) {
        const from = this.hostBase + page * 4096;
        this.bytes.fill(0, from, Math.min(from + 4096, this.hostBase + this.ramBytes));
        states[page] |= pageState.untouched;
      }
    }
  }

  /** Gives the WebAssembly memory away, its RAM cleared, if it is of these sizes. Nobody may use this any more. */
  surrender(totalBytes: number, ramBytes: number): WebAssembly.Memory | undefined {
    if (this.bytes.length !== totalBytes || this.ramBytes !== ramBytes) return undefined;
    this.clear();
    return this.memory;
  }

  /** Must be called before a page of RAM may be written by code that does not tell {@link written}. */
  touch(ppn: number): void {
    this.pageState[ppn - this.ramBase / 4096] &= ~pageState.untouched;
  }

  /** Whether a page of RAM may hold anything but zeros. */
  isTouched(ppn: number): boolean {
    return (this.pageState[ppn - this.ramBase / 4096] & pageState.untouched) === 0;
  }

  /** Whether somebody must hear of writes to a page of RAM. */
  isWatched(ppn: number): boolean {
    return (this.pageState[ppn - this.ramBase / 4096] & pageState.watched) !== 0;
  }

  /** Must be called after RAM was written in any way but {@link store}, {@link write} and {@link writePair}. */
  written(pa: number, size: number): void {
    const first = Math.floor((pa - this.ramBase) / 4096);
    const last = Math.floor((pa + size - 1 - this.ramBase) / 4096);
    let watched = 0;
    for (let page = first; page <= last; page++) {
      this.pageState[page] &= ~pageState.untouched;
      watched |= this.pageState[page];
    }
    if (watched !== 0) this.onWatchedWrite(pa, size);
  }

  /** Copies bytes into RAM. Throws a RangeError outside it. */
  write(pa: number, bytes: Uint8Array): void {
    if (!this.isRam(pa, bytes.length)) {
      throw new RangeError(`0x${pa.toString(16)} + ${bytes.length} bytes is not all RAM`);
    }
    this.bytes.set(bytes, this.hostOf(pa));
    this.written(pa, bytes.length);
  }

  /** A copy of bytes of RAM. Throws a RangeError outside it. */
  read(pa: number, length: number): Uint8Array {
    if (!this.isRam(pa, length)) throw new RangeError(`0x${pa.toString(16)} + ${length} bytes is not all RAM`);
    return this.bytes.slice(this.hostOf(pa), this.hostOf(pa) + length);
  }

  /** The mapping that answers at an address, or undefined. */
  find(pa: number): Mapping | undefined {
    for (const mapping of this.#mappings) {
      if (pa >= mapping.base && pa < mapping.base + mapping.device.size) return mapping;
    }
    return undefined;
  }

  /** Reads RAM or a device; undefined is an access fault. An access must not cross the end of RAM or of a device. */
  load(pa: number, width: AccessWidth): bigint | undefined {
    if (this.isRam(pa, width)) {
      const at = this.hostOf(pa);
      if (width === 8) return this.view.getBigUint64(at, true);
      if (width === 4) return BigInt(this.view.getUint32(at, true));
      return BigInt(width === 2 ? this.view.getUint16(at, true) : this.view.getUint8(at));
    }
    const mapping = this.find(pa);
    if (mapping === undefined || pa + width > mapping.base + mapping.device.size) return undefined;
    return mapping.device.load(pa - mapping.base, width);
  }

  /** Writes RAM or a device; false is an access fault. Only the low `width` bytes of the value count. */
  store(pa: number, width: AccessWidth, value: bigint): boolean {
    if (this.isRam(pa, width)) {
      const at = this.hostOf(pa);
      if (width === 8) this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
      else if (width === 4) this.view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
      else if (width === 2) this.view.setUint16(at, Number(BigInt.asUintN(16, value)), true);
      else this.view.setUint8(at, Number(BigInt.asUintN(8, value)));
      this.written(pa, width);
      return true;
    }
    const mapping = this.find(pa);
    if (mapping === undefined || pa + width > mapping.base + mapping.device.size) return false;
    return mapping.device.store(pa - mapping.base, width, BigInt.asUintN(width * 8, value));
  }

  /** Reads an aligned 64-bit word of RAM into {@link lo} and {@link hi}, without a BigInt; false: it is not RAM. */
  readPair(pa: number): boolean {
    if (!this.isRam(pa, 8)) return false;
    const at = this.hostOf(pa);
    this.lo = this.view.getUint32(at, true);
    this.hi = this.view.getUint32(at + 4, true);
    return true;
  }

  /** Writes an aligned 64-bit word of RAM; false: it is not RAM. */
  writePair(pa: number, lo: number, hi: number): boolean {
    if (!this.isRam(pa, 8)) return false;
    const at = this.hostOf(pa);
    this.view.setUint32(at, lo, true);
    this.view.setUint32(at + 4, hi, true);
    this.written(pa, 8);
    return true;
  }
}
