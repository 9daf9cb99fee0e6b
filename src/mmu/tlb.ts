import { type Access, type AccessCode, accessNames } from "./access.ts";
import { type Mode, modes } from "./modes.ts";
import { pteD, pteFields } from "./pte.ts";
import { offsetIn } from "./walk.ts";

/** How many entries a TLB has: `sets` (a power of two) times `ways`. */
export interface TlbGeometry {
  readonly sets: number;
  readonly ways: number;
}

/** So large that the fast arrays, and not this, are the limit. */
export const largeTlb: TlbGeometry = { sets: 4096, ways: 8 };

/** The forms of `sfence.vma` and `sinval.vma`: which of rs1 (va) and rs2 (asid) are not x0. */
export type FenceKind = "all" | "asid" | "va" | "va+asid";

/** What happened to a TLB. A number each, from 0. */
export interface TlbCounters {
  /** Look-ups that found an entry. Hits in the fast arrays never get here and are not in this number. */
  hits: number;
  misses: number;
  /** Walks made: for misses, and for stores to an entry with D=0. */
  walks: number;
  /** Valid entries that had to go for a new one. */
  evictions: number;
  readonly fences: Record<FenceKind, number>;
  pageFaults: number;
  accessFaults: number;
}

/** An entry, for people. */
export interface TlbEntry {
  readonly mode: Mode["name"];
  readonly va: bigint;
  readonly pa: bigint;
  /** Bytes. */
  readonly pageSize: number;
  readonly asid: number;
  readonly global: boolean;
  /** `RWXUAD` with `-` for each that is clear. */
  readonly perms: string;
  readonly pbmt: number;
  readonly filledBy: Access;
  readonly set: number;
  readonly way: number;
}

/** Sizes of page that an entry can have: level 0, 64 KiB (Svnapot), levels 1 to 4. Values are 4 KiB pages. */
export const pageClasses: readonly number[] = [1, 16, 2 ** 9, 2 ** 18, 2 ** 27, 2 ** 36];
/** The class of a leaf. */
export const classOf = (level: number, napot: boolean): number => (level === 0 ? (napot ? 1 : 0) : level + 1);

const classes = 8;
const keyUnit = classes * modes.length;
const emptyKey = -1;
const globalTag = -1;
/** Virtual page numbers of Sv57, the widest mode, have 45 bits. */
const vpnHigh = 2 ** 25 - 1;

/** The part of a canonical virtual address that a TLB compares: its low 45 bits of page number. */
export function tlbVpn(vaLo: number, vaHi: number): number {
  return (vaHi & vpnHigh) * 2 ** 20 + (vaLo >>> 12);
}

/**
 * The architectural TLB: what a guest can observe. Entries stay, however stale, until a fence or an eviction.
 *
 * Replacement is round-robin in a set. It must not depend on which entries were hit (as LRU does): the fast arrays
 * answer most accesses without asking here, and the contents of this TLB must be the same with any engine.
 */
export class Tlb {
  readonly geometry: TlbGeometry;
  readonly counters: TlbCounters = {
    hits: 0,
    misses: 0,
    walks: 0,
    evictions: 0,
    fences: { all: 0, asid: 0, va: 0, "va+asid": 0 },
    pageFaults: 0,
    accessFaults: 0,
  };
  /** Called before an entry goes or changes what it maps: {@link asidOf}, {@link pagesOf} … still describe it. */
  onDrop: (slot: number) => void = () => {};
  // An entry is a slot of these; `key` holds page number, class and mode, or emptyKey.
  readonly #key: Float64Array;
  /** Class and mode again, as {@link Tlb.insert} gets them. */
  readonly #class: Uint8Array;
  readonly #mode: Uint8Array;
  readonly #asidTag: Int32Array;
  /** When the entry came, counted in insertions. */
  readonly #born: Float64Array;
  #births = 0;
  readonly #asid: Uint16Array;
  readonly #ppn: Float64Array;
  readonly #flags: Uint8Array;
  readonly #pbmt: Uint8Array;
  readonly #filledBy: Uint8Array;
  /** The way that the next eviction of a set takes. */
  readonly #next: Uint16Array;
  /** Valid entries by mode and class, so that a look-up tries no class that has none. */
  readonly #count = new Uint32Array(modes.length * classes);
  /** Slots used since the TLB was last empty, each once: an early fence need not read them all. */
  readonly #log: Int32Array;
  readonly #isLogged: Uint8Array;
  #logged = 0;

  constructor(geometry: TlbGeometry = largeTlb) {
    const { sets, ways } = geometry;
    if (!Number.isInteger(sets) || sets < 1 || sets > 65536 || (sets & (sets - 1)) !== 0) {
      throw new RangeError(`a TLB of ${sets} sets: a power of two up to 65536 is needed`);
    }
    if (!Number.isInteger(ways) || ways < 1 || ways > 1024) {
      throw new RangeError(`a TLB of ${ways} ways: 1 to 1024 are possible`);
    }
    this.geometry = { sets, ways };
    const slots = sets * ways;
    this.#key = new Float64Array(slots).fill(emptyKey);
    this.#class = new Uint8Array(slots);
    this.#mode = new Uint8Array(slots);
    this.#asidTag = new Int32Array(slots);
    this.#born = new Float64Array(slots);
    this.#asid = new Uint16Array(slots);
    this.#ppn = new Float64Array(slots);
    this.#flags = new Uint8Array(slots);
    this.#pbmt = new Uint8Array(slots);
    this.#filledBy = new Uint8Array(slots);
    this.#next = new Uint16Array(sets);
    this.#log = new Int32Array(slots);
    this.#isLogged = new Uint8Array(slots);
  }

  /** As it was when it was made. Whoever had it must not use it any more. */
  renew(): void {
    this.dropAll();
    this.#next.fill(0);
    this.#births = 0;
    this.onDrop = () => {};
    const { counters } = this;
    Object.assign(counters, { hits: 0, misses: 0, walks: 0, evictions: 0, pageFaults: 0, accessFaults: 0 });
    Object.assign(counters.fences, { all: 0, asid: 0, va: 0, "va+asid": 0 });
  }

  /**
   * The slot of the entry for a canonical address, or -1. Counts nothing.
   *
   * Several entries may match when a guest changes its tables without a fence: the oldest answers. So what answered
   * once, and may be in the fast arrays since, goes on answering until it is dropped.
   */
  find(mode: number, asid: number, vaLo: number, vaHi: number): number {
    const vpn = tlbVpn(vaLo, vaHi);
    const keys = this.#key;
    const owners = this.#asidTag;
    const { ways } = this.geometry;
    let oldest = -1;
    for (let pageClass = 0; pageClass < pageClasses.length; pageClass++) {
      if (this.#count[mode * classes + pageClass] === 0) continue;
      const tag = Math.floor(vpn / pageClasses[pageClass]);
      const key = tag * keyUnit + pageClass * modes.length + mode;
      const first = this.#setOf(tag);
      for (let slot = first; slot < first + ways; slot++) {
        if (keys[slot] !== key || (owners[slot] !== asid && owners[slot] !== globalTag)) continue;
        if (oldest < 0 || this.#born[slot] < this.#born[oldest]) oldest = slot;
      }
    }
    return oldest;
  }

  /** The physical page that the entry in a slot maps an address to. */
  ppnAt(slot: number, vaLo: number, vaHi: number): number {
    return this.#ppn[slot] + offsetIn(tlbVpn(vaLo, vaHi), this.pagesOf(slot));
  }

  /** The flags of an entry, as in the low half of a PTE. */
  flagsOf(slot: number): number {
    return this.#flags[slot];
  }

  /** 4 KiB pages that an entry maps. */
  pagesOf(slot: number): number {
    return pageClasses[this.#class[slot]];
  }

  /** The address space of an entry, or -1: it is global. */
  asidOf(slot: number): number {
    return this.#asidTag[slot];
  }

  /** When an entry came: of two, the older has the lower number. */
  bornAt(slot: number): number {
    return this.#born[slot];
  }

  /** First virtual page of an entry: the low 45 bits of its number, as {@link tlbVpn}. */
  vpnOf(slot: number): number {
    return Math.floor(this.#key[slot] / keyUnit) * this.pagesOf(slot);
  }

  /** The mode of an entry. */
  modeOf(slot: number): Mode {
    return modes[this.#mode[slot]];
  }

  /**
   * Puts in a leaf and returns its slot: the set's first empty way, or the one whose turn it is to be evicted.
   *
   * @param ppn first physical page of the leaf
   * @param flags low half of the PTE
   * @param born how old the entry is to be ({@link bornAt}); without it, the youngest of all
   */
  insert(
    mode: number,
    pageClass: number,
    asid: number,
    global: boolean,
    vaLo: number,
    vaHi: number,
    ppn: number,
    flags: number,
    pbmt: number,
    filledBy: AccessCode,
    born = ++this.#births,
  ): number {
    const tag = Math.floor(tlbVpn(vaLo, vaHi) / pageClasses[pageClass]);
    const slot = this.#vacate(tag);
    this.#key[slot] = tag * keyUnit + pageClass * modes.length + mode;
    this.#class[slot] = pageClass;
    this.#mode[slot] = mode;
    this.#asidTag[slot] = global ? globalTag : asid;
    this.#asid[slot] = asid;
    this.#ppn[slot] = ppn;
    this.#flags[slot] = flags;
    this.#pbmt[slot] = pbmt;
    this.#filledBy[slot] = filledBy;
    this.#born[slot] = born;
    this.#count[mode * classes + pageClass]++;
    if (this.#isLogged[slot] === 0) {
      this.#isLogged[slot] = 1;
      this.#log[this.#logged++] = slot;
    }
    return slot;
  }

  /** Sets D in an entry. */
  setDirty(slot: number): void {
    this.#flags[slot] |= pteD;
  }

  /** Empties a slot. */
  drop(slot: number): void {
    this.onDrop(slot);
    this.#count[this.#mode[slot] * classes + this.#class[slot]]--;
    this.#key[slot] = emptyKey;
  }

  /** Empties everything, without {@link onDrop}. */
  dropAll(): void {
    for (let i = 0; i < this.#logged; i++) {
      this.#key[this.#log[i]] = emptyKey;
      this.#isLogged[this.#log[i]] = 0;
    }
    this.#logged = 0;
    this.#count.fill(0);
  }

  /** Empties the entries of one address space, but no global ones; without {@link onDrop}. */
  dropAsid(asid: number): void {
    let kept = 0;
    for (let i = 0; i < this.#logged; i++) {
      const slot = this.#log[i];
      if (this.#key[slot] !== emptyKey && this.#asidTag[slot] === asid) {
        this.#count[this.#mode[slot] * classes + this.#class[slot]]--;
        this.#key[slot] = emptyKey;
      }
      if (this.#key[slot] === emptyKey) this.#isLogged[slot] = 0;
      else this.#log[kept++] = slot;
    }
    this.#logged = kept;
  }

  /** Empties the leaves, of any size, that map an address: of all address spaces, or of one but no global ones. */
  dropVa(vaLo: number, vaHi: number, asid?: number): void {
    const vpn = tlbVpn(vaLo, vaHi);
    for (let kind = 0; kind < this.#count.length; kind++) {
      if (this.#count[kind] === 0) continue;
      const pageClass = kind % classes;
      const tag = Math.floor(vpn / pageClasses[pageClass]);
      const key = tag * keyUnit + pageClass * modes.length + Math.floor(kind / classes);
      const first = this.#setOf(tag);
      for (let slot = first; slot < first + this.geometry.ways; slot++) {
        if (this.#key[slot] !== key) continue;
        if (asid === undefined || this.#asidTag[slot] === asid) this.drop(slot);
      }
    }
  }

  /**
   * Empties the leaves, of any size, that map any of `pages` pages from `vpn` (as {@link tlbVpn} counts them): of all
   * address spaces, or of one but no global ones.
   */
  dropRange(vpn: number, pages: number, asid?: number): void {
    for (let i = 0; i < this.#logged; i++) {
      const slot = this.#log[i];
      if (this.#key[slot] === emptyKey || (asid !== undefined && this.#asidTag[slot] !== asid)) continue;
      const first = this.vpnOf(slot);
      if (first < vpn + pages && vpn < first + this.pagesOf(slot)) this.drop(slot);
    }
  }

  /** The valid entries, in order of set and way. */
  list(): TlbEntry[] {
    const entries: TlbEntry[] = [];
    for (let slot = 0; slot < this.#key.length; slot++) {
      if (this.#key[slot] !== emptyKey) entries.push(this.describe(slot));
    }
    return entries;
  }

  /** The entry in a slot, for people. */
  describe(slot: number): TlbEntry {
    const mode = this.modeOf(slot);
    const va = BigInt.asIntN(mode.vaBits, BigInt(this.vpnOf(slot)) << 12n);
    return {
      mode: mode.name,
      va: BigInt.asUintN(64, va),
      pa: BigInt(this.#ppn[slot]) << 12n,
      pageSize: this.pagesOf(slot) * 4096,
      asid: this.#asid[slot],
      global: this.#asidTag[slot] === globalTag,
      perms: formatPerms(this.#flags[slot]),
      pbmt: this.#pbmt[slot],
      filledBy: accessNames[this.#filledBy[slot]],
      set: Math.floor(slot / this.geometry.ways),
      way: slot % this.geometry.ways,
    };
  }

  /** First slot of the set for a page number in units of its class. */
  #setOf(tag: number): number {
    return (tag & (this.geometry.sets - 1)) * this.geometry.ways;
  }

  /** Finds room in a set: an empty slot, or evicts the next in turn. */
  #vacate(tag: number): number {
    const { ways, sets } = this.geometry;
    const first = this.#setOf(tag);
    for (let slot = first; slot < first + ways; slot++) if (this.#key[slot] === emptyKey) return slot;
    const set = tag & (sets - 1);
    const slot = first + this.#next[set];
    this.#next[set] = (this.#next[set] + 1) % ways;
    this.counters.evictions++;
    this.drop(slot);
    return slot;
  }
}

/** The permissions in the low half of a PTE as `RWXUAD`. */
function formatPerms(flags: number): string {
  const names = ["r", "w", "x", "u", "a", "d"] as const;
  return names.map((name) => ((flags >> pteFields[name].at) & 1 ? name.toUpperCase() : "-")).join("");
}
