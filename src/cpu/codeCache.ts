import { createFleetingDecoder, type Decoded, decoderOf, type Isa } from "../isa/index.ts";
import { type PhysicalMemory, pageState } from "../memory/physical.ts";
import type { HandlerTable } from "./interpreter/handlerTable.ts";
import { EngineOp, opBytes, opPageBytes, opPageStride, opShift } from "./interpreter/opFormat.ts";

/** How many instructions are decoded ahead, at most, when one is missing. */
const decodeAhead = 16;

/** After so many writes to a page, with nothing decoded from it in between, it is looked at whether it has any ops left. */
const writesUntilLook = 64;
/** In the place of a page's number of writes: they are not watched. */
const released = 255;

/** What a {@link CodeCache} has done since it was made. */
export interface CodeCounters {
  /** Pages that were given ops. */
  pages: number;
  /** How often all pages went because there was no room for one more. */
  drops: number;
  /** Writes of the guest, or for it, that undid ops. */
  overwrites: number;
  /** How often a page had no op left, so that its writes need not be watched until it is code again. */
  releases: number;
}

/**
 * The decoded ops of executable guest pages, shared by all harts. A page of ops belongs to a physical page, whose
 * writes it watches: ops of overwritten bytes become undecoded at once, so that code is always what memory holds.
 */
export class CodeCache {
  readonly #physical: PhysicalMemory;
  readonly #handlers: HandlerTable;
  readonly #decode: (word: number) => Decoded;
  /** For what is not kept. */
  readonly #decodeBriefly: (word: number) => Decoded;
  readonly #words: Int32Array;
  readonly #base: number;
  readonly #capacity: number;
  /** Page number in RAM → slot + 1; slot → page number in RAM. */
  readonly #slotOf: Uint16Array;
  readonly #pageOf: number[] = [];
  /** By slot: writes since an op was decoded there or looked for; {@link released}. */
  readonly #writes: Uint8Array;
  /** Set when ops were made undecoded. Whoever looks resets it. */
  changed = false;
  /**
   * While set, overwritten ops stay until {@link settle}: the hardware's update of a PTE in the middle of an
   * instruction must not take the next one from under the engine (code sees it after a `fence.i`, as it may).
   */
  deferring = false;
  readonly #deferred: { pa: number; size: number }[] = [];
  readonly counters: CodeCounters = { pages: 0, drops: 0, overwrites: 0, releases: 0 };
  /** Told when the cache was full and all pages of ops have gone: fetch TLBs must forget them. */
  onDropAll: () => void = () => {};
  /** What was made of the ops: told of every change to memory that holds ops, and when all of them go. */
  translations: { overwritten(pa: number, size: number): void; dropAll(): void } | undefined;
  /** Told when a page of RAM gets its ops: fast writes to it must end. */
  onCodePage: (hostPage: number) => void = () => {};
  /** Told of a page of ops that is not kept up to date any more: fetch TLBs must forget it, so that {@link pageFor} is asked. */
  onRelease: (opPage: number) => void = () => {};

  constructor(physical: PhysicalMemory, region: { base: number; pages: number }, handlers: HandlerTable, isa: Isa) {
    this.#physical = physical;
    this.#handlers = handlers;
    this.#decode = decoderOf(isa);
    this.#decodeBriefly = createFleetingDecoder(isa);
    this.#words = new Int32Array(physical.memory.buffer);
    this.#base = region.base;
    this.#capacity = region.pages;
    this.#slotOf = new Uint16Array(Math.ceil(physical.ramBytes / 4096));
    this.#writes = new Uint8Array(region.pages);
  }

  /** Bytes that a cache of some pages takes. */
  static bytes(pages: number): number {
    return pages * opPageStride;
  }

  /** Whether writes to the RAM page of an address must be told to {@link invalidate}. */
  holds(pa: number): boolean {
    return this.#slotOf[Math.floor((pa - this.#physical.ramBase) / 4096)] !== 0;
  }

  /** Does what was deferred. */
  settle(): void {
    this.deferring = false;
    for (const { pa, size } of this.#deferred.splice(0)) this.invalidate(pa, size);
  }

  /** The address of the page of ops of the RAM page at a physical address. */
  pageFor(pa: number): number {
    const page = Math.floor((pa - this.#physical.ramBase) / 4096);
    const known = this.#slotOf[page];
    if (known !== 0) {
      this.#watch(known - 1);
      return this.#address(known - 1);
    }
    if (this.#pageOf.length === this.#capacity) {
      this.counters.drops++;
      this.dropAll();
    }
    this.counters.pages++;
    const slot = this.#pageOf.push(page) - 1;
    this.#slotOf[page] = slot + 1;
    const address = this.#address(slot);
    this.#physical.bytes.fill(0, address, address + opPageBytes);
    this.#physical.view.setUint8(address + opPageBytes, EngineOp.sentinel);
    this.#writes[slot] = released;
    this.#watch(slot);
    return address;
  }

  /** Something is about to be made of a page's code: from now on its writes are told to {@link invalidate}. */
  #watch(slot: number): void {
    const isNew = this.#writes[slot] === released;
    this.#writes[slot] = 0;
    if (!isNew) return;
    const page = this.#pageOf[slot];
    this.#physical.pageState[page] |= pageState.code;
    this.onCodePage(this.#physical.hostBase + page * 4096);
  }

  /** Lets writes to a page be fast again, if nothing is left that was made of its code. */
  #release(slot: number): void {
    const first = this.#address(slot) >> 2;
    const end = first + (opPageBytes >> 2);
    for (let op = first; op < end; op += opBytes >> 2) if (this.#words[op] !== EngineOp.undecoded) return;
    const page = this.#pageOf[slot];
    // regions may have been made of instructions that have no op
    this.translations?.overwritten(this.#physical.ramBase + page * 4096, 4096);
    this.#physical.pageState[page] &= ~pageState.code;
    this.#writes[slot] = released;
    this.counters.releases++;
    this.onRelease(this.#address(slot));
  }

  /** Forgets everything. */
  dropAll(): void {
    for (const page of this.#pageOf) {
      this.#slotOf[page] = 0;
      this.#physical.pageState[page] &= ~pageState.code;
    }
    this.translations?.dropAll();
    this.#pageOf.length = 0;
    this.onDropAll();
  }

  #address(slot: number): number {
    return this.#base + slot * opPageStride;
  }

  /** The physical address of the instruction that an op stands for. */
  physicalOf(op: number): number {
    const slot = this.#slotOfOp(op);
    const offset = (op - this.#address(slot)) >> opShift;
    return this.#physical.ramBase + this.#pageOf[slot] * 4096 + offset;
  }

  /** Whether an address lies among the pages of ops (scratch ops do not). */
  isCached(op: number): boolean {
    return op >= this.#base && op < this.#base + this.#capacity * opPageStride;
  }

  /** Decodes the instruction of an op, and some that follow it. */
  decodeAt(op: number): void {
    const { view } = this.#physical;
    this.#watch(this.#slotOfOp(op));
    let at = this.#physical.hostOf(this.physicalOf(op));
    let left = 4096 - (at & 0xfff);
    let previous = 0;
    for (let n = 0; n < decodeAhead && left > 0 && view.getUint8(op) === EngineOp.undecoded; n++) {
      const low = view.getUint16(at, true);
      const long = (low & 3) === 3;
      if (long && left === 2) {
        view.setUint8(op, EngineOp.straddle);
        return;
      }
      const isLegal = this.#handlers.encodeWord(view, op, long ? view.getInt32(at, true) : low, this.#decodeBriefly);
      if (previous !== 0) this.#handlers.fuse(view, previous, op);
      if (!isLegal) return;
      const length = long ? 4 : 2;
      previous = op;
      at += length;
      left -= length;
      op += length << opShift;
    }
  }

  /** The address in the WebAssembly memory of a byte of RAM. */
  hostOf(pa: number): number {
    return this.#physical.hostOf(pa);
  }

  /** The bits of the instruction that an op stands for; 16 of them when it is compressed. */
  bitsAt(op: number): number {
    const at = this.hostOf(this.physicalOf(op));
    const low = this.#physical.view.getUint16(at, true);
    return (low & 3) === 3 ? this.#physical.view.getUint32(at, true) : low;
  }

  /** Makes an op an instruction of its own: it is not fused with what follows, nor what is before it with it. */
  standAlone(op: number): void {
    const first = Math.max(op - 2 * opBytes, this.#pageOfOp(op));
    for (let at = first; at <= op; at += opBytes) this.#handlers.unfuse(this.#physical.view, at);
  }

  #pageOfOp(op: number): number {
    return this.#address(this.#slotOfOp(op));
  }

  #slotOfOp(op: number): number {
    return Math.floor((op - this.#base) / opPageStride);
  }

  /** Decodes an instruction word. */
  decode(word: number): Decoded {
    return this.#decode(word);
  }

  /** Writes the op of an instruction anywhere in memory. */
  encode(op: number, decoded: Decoded): void {
    this.#handlers.encode(this.#physical.view, op, decoded);
  }

  /**
   * Bytes of RAM were written: their instructions are not decoded any more, nor is the one that may begin 2 bytes before
   * them. What may be fused with one of those, up to 4 bytes before it, stands alone again.
   */
  invalidate(pa: number, size: number): void {
    if (this.deferring) {
      this.#deferred.push({ pa, size });
      return;
    }
    this.translations?.overwritten(pa, size);
    const { view, bytes, ramBase } = this.#physical;
    const start = pa - ramBase - 2;
    const first = start - (start & 1);
    for (let at = first - 4; at < first; at += 2) {
      const op = this.#opAt(at);
      if (op !== 0) this.#handlers.unfuse(view, op);
    }
    const end = pa + size - ramBase;
    let undone = false;
    for (let at = first; at < end; ) {
      const pageEnd = Math.floor(at / 4096) * 4096 + 4096;
      const op = this.#opAt(at);
      if (op !== 0) {
        this.changed = undone = true;
        const halfwords = Math.ceil((Math.min(end, pageEnd) - at) / 2);
        bytes.fill(0, op, op + halfwords * opBytes);
        this.#countWrite(at, halfwords);
      }
      at = pageEnd;
    }
    if (undone) this.counters.overwrites++;
  }

  /** Halfwords at an offset in RAM, of a page with ops, were written. */
  #countWrite(offset: number, halfwords: number): void {
    const slot = this.#slotOf[Math.floor(offset / 4096)] - 1;
    const isWhole = halfwords === 2048;
    if (!isWhole && ++this.#writes[slot] < writesUntilLook) return;
    this.#writes[slot] = 0;
    this.#release(slot);
  }

  /** The op of a halfword of RAM, by its offset there; 0 if its page has no ops, or none that is decoded. */
  #opAt(offset: number): number {
    const slot = this.#slotOf[Math.floor(offset / 4096)] ?? 0;
    return slot === 0 || this.#writes[slot - 1] === released
      ? 0
      : this.#address(slot - 1) + ((offset & 0xfff) << opShift);
  }
}
