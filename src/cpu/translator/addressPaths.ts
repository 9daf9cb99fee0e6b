import type { FastLayout } from "../../mmu/index.ts";
import { constant64, type Expression, type FunctionBody, i32, i64 } from "../../wasm/index.ts";

/** Where an access stands in the WebAssembly memory: so many bytes behind an i32, which is to be read at once or kept. */
export interface HostPlace {
  readonly host: Expression;
  readonly offset: number;
}

/** How a region gets from an address to a place in memory. Where there is no way it leaves, before the instruction. */
export interface AddressPaths {
  /** For an access of so many bytes, a power of two. */
  one(address: Expression, size: number, writes: boolean): HostPlace;
  /** For accesses within so many bytes, at most a page. */
  several(address: Expression, bytes: number, writes: boolean): HostPlace;
}

/** RAM in the guest, and where it and the states of its pages stand in the WebAssembly memory. */
export interface FlatMemory {
  readonly ramBase: number;
  readonly ramBytes: number;
  readonly hostBase: number;
  /** A byte a page: 0 where generated code may write. */
  readonly pageStates: number;
}

/** What ways need of the region's function. */
export interface PathContext {
  readonly body: FunctionBody;
  readonly dataContext: Expression;
  /** Scratch, i64 and i32. */
  readonly va: Expression;
  readonly entry: Expression;
  /** Leaves the region before the instruction at hand. */
  readonly leave: () => void;
}

/** By the arrays of the fast TLB: for any address, where an aligned access or a group of them lies in one page. */
export class TlbPaths implements AddressPaths {
  readonly #c: PathContext;
  readonly #layout: FastLayout;

  constructor(context: PathContext, layout: FastLayout) {
    this.#c = context;
    this.#layout = layout;
  }

  one(address: Expression, size: number, writes: boolean): HostPlace {
    const { body, va, entry, dataContext, leave } = this.#c;
    const { dataEntries, read, write } = this.#layout;
    const array = writes ? write : read;
    body.set(va, address);
    const index = i32.and(i32.wrap(i64.shrU(va, i64.const(8))), i32.const((dataEntries - 1) << 4));
    body.set(entry, i32.add(dataContext, index));
    const page = i64.and(va, i64.const(~0xfff | (size - 1)));
    body.if(i64.ne(i64.load(entry, array), page), leave);
    return { host: i32.add(i32.wrap(va), i32.load(entry, array + 8)), offset: 0 };
  }

  several(address: Expression, bytes: number, writes: boolean): HostPlace {
    const place = this.one(address, 1, writes);
    leaveBetweenPages(this.#c, bytes);
    return place;
  }
}

/**
 * By the addresses themselves: where they are physical, and all of RAM may be read and written. Loads need to lie in RAM,
 * misaligned or not; stores to be aligned, in a page that may be written without anybody's knowing.
 */
export class FlatPaths implements AddressPaths {
  readonly #c: PathContext;
  readonly #memory: FlatMemory;

  constructor(context: PathContext, memory: FlatMemory) {
    this.#c = context;
    this.#memory = memory;
  }

  one(address: Expression, size: number, writes: boolean): HostPlace {
    this.#enterRam(address, size, writes ? size : 1);
    return writes ? this.#writable() : this.#place();
  }

  several(address: Expression, bytes: number, writes: boolean): HostPlace {
    this.#enterRam(address, bytes, 1);
    if (!writes) return this.#place();
    leaveBetweenPages(this.#c, bytes);
    return this.#writable();
  }

  /** Makes `va` the distance from the beginning of RAM, if so many bytes from there are RAM, and it is aligned. */
  #enterRam(address: Expression, bytes: number, alignment: number): void {
    const { body, va, leave } = this.#c;
    const { ramBase, ramBytes } = this.#memory;
    const distance = i64.add(address, i64.const(-ramBase));
    body.set(va, distance);
    const known = constant64(distance);
    if (known !== undefined && known >= 0n && known <= ramBytes - bytes && known % BigInt(alignment) === 0n) return;
    // low bits that are not 0 become high ones, so that one comparison looks at both
    const turned = alignment === 1 ? va : i64.rotr(va, i64.const(Math.log2(alignment)));
    const last = alignment === 1 ? ramBytes - bytes : ramBytes / alignment - 1;
    body.if(i64.gtU(turned, i64.const(last)), leave);
  }

  #writable(): HostPlace {
    const { body, va, leave } = this.#c;
    const state = i32.load8U(i32.wrap(i64.shrU(va, i64.const(12))), this.#memory.pageStates);
    body.if(state, leave);
    return this.#place();
  }

  #place(): HostPlace {
    return { host: i32.wrap(this.#c.va), offset: this.#memory.hostBase };
  }
}

/** RAM begins and ends with a page, and so do `va`'s places in it. */
function leaveBetweenPages({ body, va, leave }: PathContext, bytes: number): void {
  const inPage = i32.and(i32.wrap(va), i32.const(0xfff));
  body.if(i32.gtU(inPage, i32.const(4096 - bytes)), leave);
}
