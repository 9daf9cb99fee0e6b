import { SoftFloat } from "../float/index.ts";
import { floatFormats, floatOps } from "../float/operation.ts";
import type { AccessWidth } from "../memory/device.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import { fastKind, type Mmu } from "../mmu/index.ts";
import type { CodeCache } from "./codeCache.ts";
import type { SlowPaths } from "./interpreter/functions.ts";
import { loadForms } from "./interpreter/memoryKinds.ts";
import { EngineOp, noPage, opBytes } from "./interpreter/opFormat.ts";
import { hartLayout } from "./layout.ts";
import type { HartState } from "./state.ts";

/** Accesses as {@link Mmu.translate} numbers them. */
export const Access = { load: 0, store: 1, fetch: 2 } as const;

/** How many instructions that cross pages are remembered with their ops; a power of two. */
const scratchKnown = 1024;

const cause = { fetchAccess: 1, loadAccess: 5, storeMisaligned: 6, storeAccess: 7 } as const;

/** What the slow paths need of their hart. */
export interface SlowPathHart {
  readonly state: HartState;
  readonly physical: PhysicalMemory;
  readonly mmu: Mmu;
  readonly code: CodeCache;
  /** Takes an exception at the instruction that pc points to; always 1, the slow paths' word for a trap. */
  trap(cause: number, tval: bigint): 1;
  /** Whether somebody asked the hart to stop after the instruction at hand. */
  readonly stopping: boolean;
  system(op: number, number: number): number;
  hot(op: number): void;
  /** Puts the fast TLB contexts for privilege, mstatus and satp in force. */
  chooseContexts(): void;
  /** Before the MMU is asked anything: tells it of what generated code has changed. */
  catchUp(): void;
}

/**
 * What generated code calls when its fast way does not do: TLB misses, devices, misaligned and page-crossing
 * accesses, instructions to decode. Addresses and values cross as 32-bit halves; 64-bit results through the hart's
 * `value` word.
 */
export class MemorySlowPaths {
  readonly #hart: SlowPathHart;
  readonly #view: DataView;
  readonly #valueAt: number;
  /** Physical addresses of the first and, if the access crosses a page, of the second part. */
  #pa = 0;
  #paNext = 0;
  /** Bytes before the page boundary, if the access crosses one. */
  #split = 0;
  readonly #float = new SoftFloat();
  /** Instructions that were in the scratch ops lately: bits, and the two words of the op. */
  readonly #known = new Int32Array(3 * scratchKnown);

  constructor(hart: SlowPathHart) {
    this.#hart = hart;
    this.#view = hart.physical.view;
    this.#valueAt = hart.state.base + hartLayout.value;
  }

  /** The imports of the generated module. */
  imports(): SlowPaths {
    return {
      loadSlow: (lo, hi, kind) => this.#abreast.#load(lo, hi, kind),
      storeSlow: (lo, hi, size) => this.#abreast.#store(lo, hi, size as AccessWidth),
      amoSlow: (lo, hi, size) => this.#abreast.#amo(lo, hi, size as AccessWidth),
      amoFinish: (size) => this.#amoFinish(size as AccessWidth),
      fetchSlow: () => this.#abreast.#fetch(),
      straddleSlow: () => this.#abreast.#fetchScratch(),
      decodeSlow: (op) => this.#hart.code.decodeAt(op),
      system: (op, number) => this.#hart.system(op, number),
      floatSlow: (operation, rm) => this.floatSlow(operation, rm),
      hot: (op) => this.#hart.hot(op),
      contextSlow: () => this.#hart.chooseContexts(),
    };
  }

  /** These, when the MMU knows what generated code has changed. */
  get #abreast(): this {
    this.#hart.catchUp();
    return this;
  }

  /** The address that an access's halves stand for, unsigned. */
  static address(lo: number, hi: number): bigint {
    return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  }

  /** Translates all bytes of an access, page by page; 0, or 1 after a trap at the first byte that failed. */
  #translate(lo: number, hi: number, access: 0 | 1, size: number): number {
    const { mmu } = this.#hart;
    const room = 4096 - (lo & 0xfff);
    this.#split = size > room ? room : 0;
    const first = mmu.translate(lo, hi, access, this.#split || size);
    if (first !== 0) return this.#hart.trap(first, MemorySlowPaths.address(lo, hi));
    this.#pa = mmu.pa;
    if (this.#split === 0) return 0;
    const nextLo = (lo + room) | 0;
    const nextHi = nextLo === 0 ? (hi + 1) | 0 : hi;
    const second = mmu.translate(nextLo, nextHi, access, size - room);
    if (second !== 0) return this.#hart.trap(second, MemorySlowPaths.address(nextLo, nextHi));
    this.#paNext = mmu.pa;
    return 0;
  }

  #setValue(value: bigint): void {
    this.#view.setBigUint64(this.#valueAt, BigInt.asUintN(64, value), true);
  }

  #load(lo: number, hi: number, kind: number): number {
    const { size, signed } = loadForms[kind];
    const { physical, code } = this.#hart;
    code.deferring = true;
    const trapped = this.#translate(lo, hi, Access.load, size);
    code.deferring = false;
    if (trapped !== 0) return 1;
    if (this.#split === 0 && physical.isRam(this.#pa, size)) {
      this.#loadRam(physical.hostOf(this.#pa), size, signed);
      return 0;
    }
    const value = this.#split === 0 ? this.#loadDevice(size) : this.#loadBytes(size);
    if (value === undefined) return this.#hart.trap(cause.loadAccess, this.#failing(lo, hi));
    this.#setValue(signed ? BigInt.asIntN(size * 8, value) : value);
    return 0;
  }

  #loadRam(at: number, size: number, signed: boolean): void {
    const view = this.#view;
    let lo: number;
    let hi: number;
    if (size === 8) {
      lo = view.getInt32(at, true);
      hi = view.getInt32(at + 4, true);
    } else {
      if (size === 4) lo = view.getInt32(at, true);
      else if (size === 2) lo = signed ? view.getInt16(at, true) : view.getUint16(at, true);
      else lo = signed ? view.getInt8(at) : view.getUint8(at);
      hi = signed ? lo >> 31 : 0;
    }
    view.setInt32(this.#valueAt, lo, true);
    view.setInt32(this.#valueAt + 4, hi, true);
  }

  /** Devices and whatever else is not RAM: naturally aligned accesses only. */
  #loadDevice(size: AccessWidth): bigint | undefined {
    return this.#pa % size === 0 ? this.#hart.physical.load(this.#pa, size) : undefined;
  }

  /** An access over two pages, byte by byte; both must be RAM. */
  #loadBytes(size: number): bigint | undefined {
    const { physical } = this.#hart;
    if (!this.#bothRam(size)) return undefined;
    let value = 0n;
    for (let n = size - 1; n >= 0; n--) value = (value << 8n) | BigInt(physical.bytes[this.#hostOfByte(n)]);
    return value;
  }

  /** The address of the first byte of an access that is not where such an access may go. */
  #failing(lo: number, hi: number): bigint {
    const address = MemorySlowPaths.address(lo, hi);
    const firstIsRam = this.#split !== 0 && this.#hart.physical.isRam(this.#pa, this.#split);
    return firstIsRam ? BigInt.asUintN(64, address + BigInt(this.#split)) : address;
  }

  #bothRam(size: number): boolean {
    const { physical } = this.#hart;
    return physical.isRam(this.#pa, this.#split) && physical.isRam(this.#paNext, size - this.#split);
  }

  #hostOfByte(n: number): number {
    return this.#hart.physical.hostOf(n < this.#split ? this.#pa + n : this.#paNext + n - this.#split);
  }

  /** 0 stored; 1 a trap; 2 stored, but the hart must stop or the next instruction may have been overwritten. */
  #store(lo: number, hi: number, size: AccessWidth): number {
    const { physical, code } = this.#hart;
    code.changed = false;
    if (this.#translate(lo, hi, Access.store, size) !== 0) return 1;
    if (this.#split !== 0) {
      if (!this.#bothRam(size)) return this.#hart.trap(cause.storeAccess, this.#failing(lo, hi));
      for (let n = 0; n < size; n++) physical.bytes[this.#hostOfByte(n)] = this.#view.getUint8(this.#valueAt + n);
      physical.written(this.#pa, this.#split);
      physical.written(this.#paNext, size - this.#split);
    } else if (physical.isRam(this.#pa, size)) {
      this.#storeRam(physical.hostOf(this.#pa), size);
      physical.written(this.#pa, size);
    } else {
      const value = BigInt.asUintN(size * 8, this.#view.getBigUint64(this.#valueAt, true));
      const done = this.#pa % size === 0 && physical.store(this.#pa, size, value);
      if (!done) return this.#hart.trap(cause.storeAccess, MemorySlowPaths.address(lo, hi));
    }
    return this.#hart.stopping || code.changed ? 2 : 0;
  }

  #storeRam(at: number, size: number): void {
    const view = this.#view;
    const from = this.#valueAt;
    if (size === 1) view.setUint8(at, view.getUint8(from));
    else if (size === 2) view.setUint16(at, view.getUint16(from, true), true);
    else {
      view.setInt32(at, view.getInt32(from, true), true);
      if (size === 8) view.setInt32(at + 4, view.getInt32(from + 4, true), true);
    }
  }

  #amo(lo: number, hi: number, size: AccessWidth): number {
    const address = MemorySlowPaths.address(lo, hi);
    if ((lo & (size - 1)) !== 0) return this.#hart.trap(cause.storeMisaligned, address);
    if (this.#translate(lo, hi, Access.store, size) !== 0) return 1;
    const value = this.#hart.physical.load(this.#pa, size);
    if (value === undefined) return this.#hart.trap(cause.storeAccess, address);
    this.#setValue(BigInt.asIntN(size * 8, value));
    return 0;
  }

  #amoFinish(size: AccessWidth): void {
    const value = BigInt.asUintN(size * 8, this.#view.getBigUint64(this.#valueAt, true));
    this.#hart.physical.store(this.#pa, size, value);
  }

  #fetch(): number {
    const { state, mmu, code } = this.#hart;
    const at = state.base + hartLayout.pc;
    const lo = this.#view.getInt32(at, true);
    const hi = this.#view.getInt32(at + 4, true);
    const fault = mmu.translate(lo, hi, Access.fetch, 2);
    if (fault !== 0) return this.#hart.trap(fault, state.pc);
    if (!mmu.cacheable) return this.#fetchScratch();
    const { pa } = mmu;
    const opPage = code.pageFor(pa - (pa % 4096));
    mmu.fast.fill(mmu.fetchContext, fastKind.fetch, lo, hi, opPage);
    this.#answer(opPage + ((lo & 0xfff) << 2), opPage);
    return 0;
  }

  #answer(op: number, page: number): void {
    const { base } = this.#hart.state;
    this.#view.setInt32(base + hartLayout.fetchOp, op, true);
    this.#view.setInt32(base + hartLayout.fetchPage, page, true);
  }

  /** Decodes one instruction into the hart's scratch ops: it crosses pages, or its page may not be cached. */
  #fetchScratch(): number {
    const { state } = this.#hart;
    const first = this.#knownHalf(0) ?? this.#fetchHalf(0);
    if (first < 0) return 1;
    let word = first;
    if ((first & 3) === 3) {
      const second = this.#knownHalf(2) ?? this.#fetchHalf(2);
      if (second < 0) return 1;
      word = first | (second << 16);
    }
    const op = state.base + hartLayout.scratchOps;
    const bits = (word & 3) === 3 ? word >>> 0 : word;
    // in a loop it is mostly the same one again
    if (bits !== this.scratchBits) {
      this.#encodeScratch(op, word, bits);
      this.scratchBits = bits;
      this.#view.setUint8(op + opBytes, EngineOp.sentinel);
      this.#view.setUint8(op + 2 * opBytes, EngineOp.sentinel);
    }
    this.#answer(op, noPage);
    return 0;
  }

  /** Puts the op of an instruction where scratch ops are: it follows from the bits alone, and few are seen often. */
  #encodeScratch(op: number, word: number, bits: number): void {
    const { code } = this.#hart;
    const at = 3 * ((word ^ (word >>> 11) ^ (word >>> 20)) & (scratchKnown - 1));
    const known = this.#known;
    // an entry that is not used yet has 0
    if (known[at] !== (bits | 0) || bits === 0) {
      code.encode(op, code.decode(word));
      known[at] = bits;
      known[at + 1] = this.#view.getInt32(op, true);
      known[at + 2] = this.#view.getInt32(op + 4, true);
      return;
    }
    this.#view.setInt32(op, known[at + 1], true);
    this.#view.setInt32(op + 4, known[at + 2], true);
  }

  /** The bits of the instruction in the scratch ops; none at first. */
  scratchBits = -1;

  /** The halfword of code at pc + offset, if the fast TLB knows its page. */
  #knownHalf(offset: number): number | undefined {
    const { state, mmu, code } = this.#hart;
    const at = state.base + hartLayout.pc;
    const lo = (this.#view.getInt32(at, true) + offset) | 0;
    // a carry comes where all of the low half is 0
    const hi = (this.#view.getInt32(at + 4, true) + (offset !== 0 && lo === 0 ? 1 : 0)) | 0;
    const opPage = mmu.fast.fetched(mmu.fetchContext, lo, hi);
    return opPage === 0 ? undefined : this.#view.getUint16(code.hostOf(code.physicalOf(opPage)) + (lo & 0xfff), true);
  }

  /** The halfword of code at pc + offset, or -1 after a trap. */
  #fetchHalf(offset: number): number {
    const { state, mmu, physical } = this.#hart;
    const va = BigInt.asUintN(64, state.pc + BigInt(offset));
    const fault = mmu.translate(Number(va & 0xffff_ffffn) | 0, Number(va >> 32n) | 0, Access.fetch, 2);
    const code = fault !== 0 ? fault : physical.isRam(mmu.pa, 2) ? 0 : cause.fetchAccess;
    if (code !== 0) {
      this.#hart.trap(code, va);
      return -1;
    }
    return this.#view.getUint16(physical.hostOf(mmu.pa), true);
  }

  /** The exact floating-point operation on the operands in the hart's block; its result goes to `value`. */
  floatSlow(operation: number, rm: number): void {
    const { state } = this.#hart;
    const at = state.base + hartLayout.float;
    const operand = (n: number) => this.#view.getBigUint64(at + 8 * n, true);
    const format = floatFormats[operation & 3];
    const result = this.#float.operate(floatOps[operation >> 2], format, rm, operand(0), operand(1), operand(2));
    this.#setValue(result);
    state.fflags |= this.#float.flags;
  }
}
