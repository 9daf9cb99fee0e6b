import type { PageTables } from "../program.ts";
import type { Random } from "../random.ts";

/** Bits of a PTE. */
export const pte = { v: 1, r: 2, w: 4, x: 8, u: 16, g: 32, a: 64, d: 128 } as const;
const pbmtAt = 61n;
const napotBit = 1n << 63n;

/** What a leaf maps: a page of the slot, the superpage or 64 KiB that the slot lies in, or some physical page. */
export type Target =
  | { readonly page: number }
  | { readonly around: number; readonly misaligned?: boolean }
  | { readonly ppn: bigint };

/** An entry of a table: a leaf with its flags, or a pointer to another table. */
interface Entry {
  readonly table: number;
  readonly index: number;
  readonly bits: bigint;
  readonly to: Target | { readonly table: number };
}

/** Where things are in the 1 GiB of virtual addresses that a test lives in: indices of 2 MiB pieces. */
export const pieces = { code: 3, data: 5, super: 7, napot: 9, strange: 16 } as const;
/** Indices in the data's last-level table. */
export const dataPages = { data: 8, view: 12, window: 16, windowPages: 32 } as const;
/** How many strange entries of level 1 there are. */
export const strangeEntries = 6;
/** Pages that the code has, and where the supervisor's handler is, among the pages of the code's piece. */
const codePages = { code: 4, supervisor: 9 } as const;
const napotPages = 16;

/** The shape of a test's tables, chosen at random. */
export interface Shape {
  readonly satpMode: 8 | 9 | 10;
  readonly asid: number;
  /** U in the good mappings. */
  readonly user: boolean;
  /** Whether entries may have G. */
  readonly global: boolean;
  /** Whether M-mode executes: its code is not translated. */
  readonly bareCode: boolean;
  readonly adClear: boolean;
  /** To what s1 points. */
  readonly third: "window" | "super" | "napot" | "giga";
}

const levelsOf = { 8: 3, 9: 4, 10: 5 } as const;

/** Page tables at random, and where the test's pointers point. */
export class RandomTables implements PageTables {
  readonly satpMode: number;
  readonly asid: number;
  readonly shape: Shape;
  /** The 1 GiB of the test. */
  readonly #base: bigint;
  readonly #entries: Entry[] = [];
  readonly #random: Random;
  readonly #gigaIndex: number;
  #tables = 1;

  constructor(shape: Shape, random: Random) {
    this.shape = shape;
    this.satpMode = shape.satpMode;
    this.asid = shape.asid;
    this.#random = random;
    const levels = levelsOf[shape.satpMode];
    let base = 0n;
    let table = 0;
    for (let level = levels - 1; level > 2; level--) {
      const index = random.below(512);
      base |= BigInt(index) << BigInt(12 + 9 * level);
      table = this.#pointer(table, index);
    }
    const gigabyte = random.below(512) & ~1;
    this.#gigaIndex = gigabyte + 1;
    base |= BigInt(gigabyte) << 30n;
    this.#base = BigInt.asUintN(64, BigInt.asIntN(12 + 9 * levels, base));
    this.#leaf(table, this.#gigaIndex, this.#largeFlags(), { around: 2 ** 18, misaligned: random.chance(10) });
    this.#pieces(this.#pointer(table, gigabyte));
  }

  get code(): bigint | undefined {
    if (this.shape.bareCode) return undefined;
    return this.#base + BigInt((pieces.code << 21) + (codePages.code << 12));
  }

  get supervisor(): bigint | undefined {
    if (this.shape.bareCode) return undefined;
    return this.#base + BigInt((pieces.code << 21) + (codePages.supervisor << 12));
  }

  get data(): bigint {
    return this.#base + BigInt((pieces.data << 21) + (dataPages.data << 12));
  }

  /** Where s1 points, an offset into what it is about. */
  third(slot: number, offset: number): bigint {
    const inData = slot + 0x4000 + offset;
    switch (this.shape.third) {
      case "window":
        return this.#base + BigInt((pieces.data << 21) + (dataPages.window << 12) + offset);
      case "super":
        return this.#base + BigInt((pieces.super << 21) + (inData & 0x1f_ffff));
      case "napot":
        return this.#base + BigInt((pieces.napot << 21) + (inData & 0xffff));
      default:
        return (this.#base | (1n << 30n)) + BigInt(inData & 0x3fff_ffff);
    }
  }

  write(words: BigUint64Array, tables: number, slot: number): void {
    for (const { table, index, bits, to } of this.#entries) {
      words[table * 512 + index] = bits | (physicalPage(to, tables, slot) << 10n);
    }
  }

  #pointer(table: number, index: number): number {
    const to = this.#tables++;
    const global = this.shape.global && this.#random.chance(10) ? pte.g : 0;
    this.#entries.push({ table, index, bits: BigInt(pte.v | global), to: { table: to } });
    return to;
  }

  #leaf(table: number, index: number, bits: bigint, to: Target): void {
    this.#entries.push({ table, index, bits, to });
  }

  #pieces(level1: number): void {
    const random = this.#random;
    const code = this.#pointer(level1, pieces.code);
    const user = this.shape.user ? pte.u : 0;
    const executable = BigInt(pte.v | pte.r | pte.x | pte.a | user | (this.shape.adClear ? 0 : pte.d));
    this.#leaf(code, codePages.code, executable, { page: 0 });
    this.#leaf(code, codePages.code + 1, executable, { page: 1 });
    this.#leaf(code, codePages.supervisor, BigInt(pte.v | pte.x | pte.a), { page: 2 });
    this.#data(this.#pointer(level1, pieces.data));
    this.#leaf(level1, pieces.super, this.#largeFlags(), { around: 512, misaligned: random.chance(10) });
    const napot = this.#pointer(level1, pieces.napot);
    // Which entries of a 64 KiB page get A and D is left open (Svnapot), so all have them.
    const bits = this.#largeFlags() | napotBit | BigInt(pte.a | pte.d);
    for (let n = 0; n < napotPages; n++) this.#leaf(napot, n, bits, { around: napotPages });
    this.#strange(level1, napot);
  }

  /** The good mapping of the data, one of its own table, and the window of random entries. */
  #data(table: number): void {
    const random = this.#random;
    const ad = () => (this.shape.adClear && random.chance(50) ? 0 : pte.a | pte.d);
    const user = this.shape.user ? pte.u : 0;
    const writable = () => BigInt(pte.v | pte.r | pte.w | user | ad());
    for (let n = 0; n < 3; n++) this.#leaf(table, dataPages.data + n, writable(), { page: 4 + n });
    this.#leaf(table, dataPages.data + 3, BigInt(pte.v | pte.r | pte.x | user | pte.a), { page: 7 });
    this.#entries.push({ table, index: dataPages.view, bits: writable(), to: { table } });
    for (let n = 0; n < dataPages.windowPages; n++) {
      if (random.chance(4)) continue;
      const to: Target = random.chance(96)
        ? { page: random.between(4, 7) }
        : { ppn: (BigInt(random.word() >>> 0) << 12n) | BigInt(random.below(4096)) };
      this.#leaf(table, dataPages.window + n, this.#randomFlags(), to);
    }
  }

  /** Entries of level 1 that are no leaves and no good pointers. */
  #strange(level1: number, table: number): void {
    const random = this.#random;
    for (let n = 0; n < strangeEntries; n++) {
      const bits = BigInt(pte.v | random.pick([pte.a, pte.d, pte.u, 0, 0, pte.w, pte.w | pte.x]));
      const high = random.chance(30) ? 1n << BigInt(random.between(54, 63)) : 0n;
      const to = random.chance(50) ? { table } : { ppn: BigInt(random.word() >>> 0) };
      this.#entries.push({ table: level1, index: pieces.strange + n, bits: bits | high, to });
    }
  }

  /** Flags that mostly let something through. */
  #randomFlags(): bigint {
    const chance = (percent: number) => this.#random.chance(percent);
    let flags = chance(96) ? pte.v : 0;
    if (chance(88)) flags |= pte.r;
    if (chance(65)) flags |= pte.w;
    if (chance(45)) flags |= pte.x;
    if (chance(this.shape.user ? 88 : 25)) flags |= pte.u;
    if (this.shape.global && chance(20)) flags |= pte.g;
    if (chance(80)) flags |= pte.a;
    if (chance(70)) flags |= pte.d;
    flags |= this.#random.below(4) << 8;
    return BigInt(flags) | this.#highBits();
  }

  #highBits(): bigint {
    let bits = 0n;
    if (this.#random.chance(15)) bits |= BigInt(this.#random.between(1, 3)) << pbmtAt;
    if (this.#random.chance(3)) bits |= 1n << BigInt(this.#random.between(54, 60));
    return bits;
  }

  /** Flags of superpages and 64 KiB pages: the same, with A and D more often. */
  #largeFlags(): bigint {
    return this.#randomFlags() | BigInt(this.#random.chance(70) ? pte.v | pte.a | pte.d : pte.v);
  }
}

/** The physical page of an entry; of a 64 KiB page with the 8 that stands for its size. */
function physicalPage(to: Entry["to"], tables: number, slot: number): bigint {
  if ("table" in to) return BigInt(tables / 4096 + to.table);
  if ("page" in to) return BigInt(slot / 4096 + to.page);
  if ("ppn" in to) return to.ppn;
  const page = slot / 4096;
  const first = page - (page % to.around);
  return BigInt(first + (to.around === napotPages ? napotPages / 2 : to.misaligned ? 1 : 0));
}
