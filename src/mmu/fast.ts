/**
 * The fast TLB: direct-mapped arrays inside the WebAssembly memory that generated code probes by itself.
 *
 * A *context* is one block of three arrays, for one way of looking at memory (mode, ASID, privilege, SUM, MXR).
 * That an entry is in the `read`, `write` or `fetch` array is its permission: a probe that hits needs no check.
 * An entry is 16 bytes: `{ tag: i64, addend: i32, logged: i32 }`; its tag is the virtual address of the page, its
 * low 12 bits zero; empty entries are all zero, which is the tag of page 0 alone, and -1 where that page would be. For reads and writes the host address is the low half of the virtual address
 * plus the addend, modulo 2^32; for fetches the addend is the engine's own.
 */
export interface FastGeometry {
  /** Entries of the read array and of the write array; a power of two. */
  readonly dataEntries: number;
  /** Entries of the fetch array; a power of two. */
  readonly fetchEntries: number;
  readonly contexts: number;
}

/** Where things stand inside a context, in bytes. */
export interface FastLayout extends FastGeometry {
  readonly read: number;
  readonly write: number;
  readonly fetch: number;
  /** i32: not 0 where addresses are physical, and all of RAM may be read and written. */
  readonly flat: number;
  readonly contextBytes: number;
  /** Bytes of all contexts of one hart. */
  readonly totalBytes: number;
}

/** Bytes of an entry, and where its addend is. */
export const fastEntry = { bytes: 16, tag: 0, addend: 8, logged: 12 } as const;

/** The layout that follows from a geometry. Throws a RangeError for sizes that generated code cannot index. */
export function fastLayoutOf(geometry: FastGeometry): FastLayout {
  for (const entries of [geometry.dataEntries, geometry.fetchEntries]) {
    if (entries < 1 || (entries & (entries - 1)) !== 0 || entries > 65536) {
      throw new RangeError(`${entries} entries in a fast TLB array: a power of two up to 65536 is needed`);
    }
  }
  if (geometry.contexts < 2) throw new RangeError(`${geometry.contexts} fast TLB contexts: at least 2 are needed`);
  const write = geometry.dataEntries * fastEntry.bytes;
  const fetch = write * 2;
  const flat = fetch + geometry.fetchEntries * fastEntry.bytes;
  const contextBytes = flat + fastEntry.bytes;
  return { ...geometry, read: 0, write, fetch, flat, contextBytes, totalBytes: contextBytes * geometry.contexts };
}

/** The layout of a hart's fast TLB when nothing else is asked for. */
export const fastLayout: FastLayout = fastLayoutOf({ dataEntries: 4096, fetchEntries: 4096, contexts: 16 });
/** As many entries as the usual architectural TLB has: 1 MiB a context, for machines of few harts. */
export const largeFastLayout: FastLayout = fastLayoutOf({ dataEntries: 32768, fetchEntries: 4096, contexts: 16 });

/** Where one hart's fast TLB stands in the WebAssembly memory. */
export interface FastRegion {
  readonly base: number;
  readonly layout?: FastLayout;
}

/** Bytes to set aside for a {@link FastRegion}. */
export function fastRegionBytes(layout: FastLayout = fastLayout): number {
  return layout.totalBytes;
}

/** The three arrays of a context. */
export const fastKind = { read: 0, write: 1, fetch: 2 } as const;
/** A value of {@link fastKind}. */
export type FastKind = 0 | 1 | 2;

/** One array of one context: its place and which of its entries are not empty. */
interface FastArray {
  /** Index of its first entry in the memory's 32-bit words. */
  readonly word: number;
  readonly mask: number;
  /** Indices of entries filled since the array was last emptied, each once. */
  readonly log: number[];
}

interface Context {
  readonly address: number;
  readonly arrays: readonly FastArray[];
  key: number;
  /** Address space that the context belongs to; -1: it holds physical addresses. */
  asid: number;
  lastUse: number;
}

/** A filled entry, for tests and people. */
export interface FastEntry {
  readonly key: number;
  readonly asid: number;
  readonly kind: FastKind;
  readonly va: bigint;
  readonly addend: number;
}

const entryWords = fastEntry.bytes / 4;
const addendWord = fastEntry.addend / 4;
const loggedWord = fastEntry.logged / 4;
/** An empty array is all zero but for its first entry, so that making one in fresh memory costs nothing. */
const notLogged = 0;
const noKey = -1;

/** Any ASID, in the methods that empty entries. */
export const anyAsid = -2;

/** Half the tag of an empty entry: what the tag of no page with this index is. */
const emptyTag = (index: number): number => (index === 0 ? -1 : 0);

/** All fast TLB contexts of one hart. */
export class FastTlb {
  readonly layout: FastLayout;
  readonly base: number;
  readonly #words: Int32Array;
  readonly #contexts: Context[] = [];
  readonly #byKey = new Map<number, Context>();
  #uses = 0;
  /** Told when a context's address begins to stand for another key. */
  onRecycle: (address: number) => void = () => {};

  /**
   * The contexts' memory must be zero.
   *
   * @param base where the contexts begin in the memory, a multiple of 16. A RangeError if they do not fit there.
   */
  constructor(memory: WebAssembly.Memory, base: number, layout: FastLayout = fastLayout) {
    if (base % fastEntry.bytes !== 0 || base < 0 || base + layout.totalBytes > memory.buffer.byteLength) {
      throw new RangeError(`fast TLB of ${layout.totalBytes} bytes at 0x${base.toString(16)} is outside the memory`);
    }
    this.base = base;
    this.layout = layout;
    this.#words = new Int32Array(memory.buffer);
  }

  /**
   * The address of the context for a key: the one in use for it, a new one, or the least recently selected,
   * emptied.
   *
   * @param asid address space whose translations the context will hold; -1: physical addresses
   */
  select(key: number, asid: number): number {
    let context = this.#byKey.get(key);
    if (context === undefined) {
      context = this.#contexts.length < this.layout.contexts ? this.#create() : this.#recycle();
      context.key = key;
      context.asid = asid;
      this.#byKey.set(key, context);
    }
    context.lastUse = ++this.#uses;
    return context.address;
  }

  /** The address of the context for a key, if there is one now. */
  contextOf(key: number): number | undefined {
    return this.#byKey.get(key)?.address;
  }

  /** Says whether a context is flat (see {@link FastLayout}). It is not at first, nor when it was emptied. */
  setFlat(context: number, isFlat: boolean): void {
    this.#words[(context + this.layout.flat) / 4] = isFlat ? 1 : 0;
  }

  /** Fills the entry of a page. The context is an address given by {@link select}. */
  fill(context: number, kind: FastKind, vaLo: number, vaHi: number, addend: number): void {
    const array = this.#contexts[((context - this.base) / this.layout.contextBytes) | 0].arrays[kind];
    const index = (vaLo >>> 12) & array.mask;
    const at = array.word + index * entryWords;
    const words = this.#words;
    words[at] = vaLo & -4096;
    words[at + 1] = vaHi;
    words[at + addendWord] = addend;
    if (words[at + loggedWord] === notLogged) {
      words[at + loggedWord] = 1;
      array.log.push(index);
    }
  }

  /** The address in the WebAssembly memory of what a filled read or write entry leads to; -1 if there is none. */
  probe(context: number, kind: FastKind, vaLo: number, vaHi: number): number {
    const array = this.#contexts[((context - this.base) / this.layout.contextBytes) | 0].arrays[kind];
    const words = this.#words;
    const at = array.word + ((vaLo >>> 12) & array.mask) * entryWords;
    if (words[at] !== (vaLo & -4096) || words[at + 1] !== vaHi) return -1;
    return (vaLo + words[at + addendWord]) >>> 0;
  }

  /** What a filled fetch entry leads to, its addend; 0 if there is none. */
  fetched(context: number, vaLo: number, vaHi: number): number {
    const array = this.#contexts[((context - this.base) / this.layout.contextBytes) | 0].arrays[fastKind.fetch];
    const words = this.#words;
    const at = array.word + ((vaLo >>> 12) & array.mask) * entryWords;
    return words[at] === (vaLo & -4096) && words[at + 1] === vaHi ? words[at + addendWord] : 0;
  }

  /** Empties the entries of one page, in the contexts of an address space or of all ({@link anyAsid}). */
  dropPage(vaLo: number, vaHi: number, asid: number): void {
    const tagLo = vaLo & -4096;
    const tagHi = vaHi | 0;
    const words = this.#words;
    for (const context of this.#contexts) {
      if (context.asid !== asid && (asid !== anyAsid || context.asid < 0)) continue;
      for (const array of context.arrays) {
        const index = (vaLo >>> 12) & array.mask;
        const at = array.word + index * entryWords;
        if (words[at] === tagLo && words[at + 1] === tagHi) words[at] = words[at + 1] = emptyTag(index);
      }
    }
  }

  /** Empties the entries of `pages` pages, a power of two, from an address aligned to them. */
  dropRange(vaLo: number, vaHi: number, pages: number, asid: number): void {
    if (pages === 1) {
      this.dropPage(vaLo, vaHi, asid);
      return;
    }
    // Aligned to a power of two: the range is all addresses with the same upper bits.
    const maskLo = pages >= 2 ** 20 ? 0 : -(pages * 4096) | 0;
    const maskHi = pages > 2 ** 20 ? -(pages / 2 ** 20) | 0 : -1;
    const inRange = (lo: number, hi: number) => ((lo ^ vaLo) & maskLo) === 0 && ((hi ^ vaHi) & maskHi) === 0;
    for (const context of this.#contexts) {
      if (context.asid !== asid && (asid !== anyAsid || context.asid < 0)) continue;
      for (const array of context.arrays) this.#dropWhere(array, inRange);
    }
  }

  /** Empties every context of translated addresses: of one address space, or of all ({@link anyAsid}). */
  dropAsid(asid: number): void {
    for (const context of this.#contexts) {
      if (context.asid === asid || (asid === anyAsid && context.asid >= 0)) this.#empty(context);
    }
  }

  /** Empties everything, contexts of physical addresses too. */
  dropAll(): void {
    for (const context of this.#contexts) this.#empty(context);
  }

  /** Makes the contexts' memory zero again, for somebody else to use. */
  release(): void {
    for (const context of this.#contexts) {
      this.#empty(context);
      for (const { word } of context.arrays) this.#words[word] = this.#words[word + 1] = 0;
    }
    this.#contexts.length = 0;
    this.#byKey.clear();
  }

  /** Empties every write entry for the page at this address of the WebAssembly memory. */
  dropWrites(hostPage: number): void {
    this.#dropHost(fastKind.write, hostPage | 0);
  }

  /** Empties every read and write entry for the page at this address of the WebAssembly memory. */
  dropReadsAndWrites(hostPage: number): void {
    this.#dropHost(fastKind.read, hostPage | 0);
    this.#dropHost(fastKind.write, hostPage | 0);
  }

  /** Empties every fetch entry with this addend; without one, every fetch entry. */
  dropFetches(addend?: number): void {
    for (const { arrays } of this.#contexts) {
      const array = arrays[fastKind.fetch];
      if (addend === undefined) this.#emptyArray(array);
      else this.#dropWhere(array, (_lo, _hi, found) => found === (addend | 0));
    }
  }

  /** The entries that are filled. */
  *entries(): Generator<FastEntry> {
    for (const { key, asid, arrays } of this.#contexts) {
      for (const kind of [fastKind.read, fastKind.write, fastKind.fetch]) {
        const array = arrays[kind];
        for (const index of array.log) {
          const at = array.word + index * entryWords;
          if (this.#words[at] === emptyTag(index)) continue;
          const va = (BigInt(this.#words[at + 1] >>> 0) << 32n) | BigInt(this.#words[at] >>> 0);
          yield { key, asid, kind, va, addend: this.#words[at + addendWord] };
        }
      }
    }
  }

  #dropHost(kind: FastKind, hostPage: number): void {
    for (const { arrays } of this.#contexts) {
      this.#dropWhere(arrays[kind], (lo, _hi, addend) => ((lo + addend) | 0) === hostPage);
    }
  }

  /** Empties the entries that match, and forgets in the log those that are empty, so that it stays short. */
  #dropWhere(array: FastArray, matches: (lo: number, hi: number, addend: number) => boolean): void {
    const words = this.#words;
    let kept = 0;
    for (const index of array.log) {
      const at = array.word + index * entryWords;
      if (words[at] !== emptyTag(index) && !matches(words[at], words[at + 1], words[at + addendWord])) {
        array.log[kept++] = index;
      } else {
        words[at] = words[at + 1] = emptyTag(index);
        words[at + loggedWord] = notLogged;
      }
    }
    array.log.length = kept;
  }

  #create(): Context {
    const { layout } = this;
    const address = this.base + this.#contexts.length * layout.contextBytes;
    const arrayAt = (offset: number, entries: number): FastArray => {
      const word = (address + offset) / 4;
      this.#words[word] = this.#words[word + 1] = emptyTag(0);
      return { word, mask: entries - 1, log: [] };
    };
    const arrays = [
      arrayAt(layout.read, layout.dataEntries),
      arrayAt(layout.write, layout.dataEntries),
      arrayAt(layout.fetch, layout.fetchEntries),
    ];
    const context = { address, arrays, key: noKey, asid: -1, lastUse: 0 };
    this.#contexts.push(context);
    return context;
  }

  #recycle(): Context {
    let oldest = this.#contexts[0];
    for (const context of this.#contexts) if (context.lastUse < oldest.lastUse) oldest = context;
    this.#byKey.delete(oldest.key);
    this.#empty(oldest);
    this.onRecycle(oldest.address);
    return oldest;
  }

  #empty(context: Context): void {
    this.setFlat(context.address, false);
    for (const array of context.arrays) this.#emptyArray(array);
  }

  #emptyArray(array: FastArray): void {
    const words = this.#words;
    for (const index of array.log) {
      const at = array.word + index * entryWords;
      words[at] = words[at + 1] = emptyTag(index);
      words[at + loggedWord] = notLogged;
    }
    array.log.length = 0;
  }
}
