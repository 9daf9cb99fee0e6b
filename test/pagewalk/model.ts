/**
 * A naive model of the walk: tables as a tree of JavaScript objects, walked page by page. Each page is looked up from
 * the root again; a callback is due for an entry when the page is the first of its span that lies in the range.
 */
import type { Mode } from "../../src/mmu/index.ts";

/** An entry: what it is, its bits, and the table below it. */
export interface Slot {
  kind: "none" | "nonPresent" | "migration" | "leaf" | "bad" | "table";
  value: bigint;
  table?: Table;
}
export type Table = Map<number, Slot>;

export const none: Slot = { kind: "none", value: 0n };

/** What a callback does when it is called: the plan is by the number of the call. */
export interface Deed {
  readonly result?: number;
  readonly action?: 0 | 1 | 2;
  /** For PGD to PMD: what becomes of the entry first. */
  readonly change?: "clear" | "leaf" | "table" | "bad";
}

export interface ModelVma {
  readonly first: number;
  readonly last: number;
  readonly kind: "normal" | "pfnmap" | "hugetlb";
}

export type CallbackName =
  | "pgdEntry"
  | "p4dEntry"
  | "pudEntry"
  | "pmdEntry"
  | "pteEntry"
  | "pteHole"
  | "hugetlbEntry"
  | "testWalk"
  | "preVma"
  | "postVma"
  | "installPte";

export interface ModelCase {
  readonly mode: Mode;
  readonly root: Table;
  readonly vmas: readonly ModelVma[];
  readonly callbacks: ReadonlySet<CallbackName>;
  readonly deeds: ReadonlyMap<number, Deed>;
  /** Page numbers; `noVma`: a kernel walk. */
  readonly first: number;
  readonly end: number;
  readonly noVma: boolean;
  /** Tables that can still be had. */
  readonly tableLimit: number;
}

export const pagesOf = (level: number) => 512 ** level;
export const einval = -22;
export const enomem = -12;

/** A leaf of a level that maps from a page of its own choice, always the same. */
export const leafValue = (level: number) => (BigInt(0x40000 * 512 ** Math.max(0, level - 2)) << 10n) | 0xd7n;
export const badValue = 0x0040_0000_0000_0001n;
export const installed = (vpn: number) => (BigInt(vpn % 2 ** 20) << 10n) | 0xd7n;
/** The entry i of what a huge leaf or a migration entry is split into. */
export const splitValue = (slot: Slot, level: number, i: number) =>
  slot.value + (BigInt(i * pagesOf(level - 1)) << (slot.kind === "leaf" ? 10n : 12n));

class Stop extends Error {
  readonly result: number;
  constructor(result: number) {
    super();
    this.result = result;
  }
}

/** Runs the model: what it calls, as lines, and what it returns. The tree of the case is changed. */
export function runModel(c: ModelCase): { log: string[]; result: number } {
  const model = new Model(c);
  try {
    return { log: model.log, result: model.run() };
  } catch (error) {
    if (error instanceof Stop) return { log: model.log, result: error.result };
    throw error;
  }
}

class Model {
  readonly log: string[] = [];
  readonly c: ModelCase;
  #tables: number;
  #action = 0;
  #calls = 0;

  constructor(c: ModelCase) {
    this.c = c;
    this.#tables = c.tableLimit;
  }

  has(name: CallbackName): boolean {
    return this.c.callbacks.has(name);
  }

  /** Calls a callback if it is set; a result that is not 0 is returned. */
  call(name: CallbackName, from: number, to: number, depth?: number, slot?: Slot, level = 0): number {
    if (!this.has(name)) return 0;
    this.log.push(`${name} ${from}-${to}${depth === undefined ? "" : ` depth ${depth}`}`);
    const deed = this.c.deeds.get(this.#calls++) ?? {};
    if (slot !== undefined && deed.change !== undefined) this.#change(slot, level, deed.change);
    if (deed.action !== undefined) this.#action = deed.action;
    return name === "postVma" ? 0 : (deed.result ?? 0);
  }

  must(result: number): void {
    if (result !== 0) throw new Stop(result);
  }

  #change(slot: Slot, level: number, change: NonNullable<Deed["change"]>): void {
    if (change === "clear") Object.assign(slot, none, { table: undefined });
    else if (change === "bad") Object.assign(slot, { kind: "bad", value: badValue, table: undefined });
    else if (change === "leaf") Object.assign(slot, { kind: "leaf", value: leafValue(level), table: undefined });
    else if (this.#tables > 0) {
      this.#tables--;
      Object.assign(slot, { kind: "table", table: new Map() });
    }
  }

  run(): number {
    const { c } = this;
    if (c.noVma) {
      this.pages(c.first, c.end);
      return 0;
    }
    for (let vpn = c.first; vpn < c.end; ) {
      const vma = c.vmas.find((each) => each.first <= vpn && vpn < each.last);
      let next = vpn + 1;
      while (next < c.end && c.vmas.find((each) => each.first <= next && next < each.last) === vma) next++;
      if (vma === undefined) this.must(this.call("pteHole", vpn, next, -1));
      else this.vma(vma, vpn, next);
      vpn = next;
    }
    return 0;
  }

  vma(vma: ModelVma, first: number, end: number): void {
    if (this.has("testWalk")) {
      const result = this.call("testWalk", first, end);
      if (result < 0) throw new Stop(result);
      if (result > 0) return;
    } else if (vma.kind === "pfnmap") {
      const result = this.call("pteHole", first, end, -1);
      if (result < 0) throw new Stop(result);
      return;
    }
    if (vma.kind === "hugetlb" && this.has("installPte")) throw new Stop(einval);
    this.must(this.call("preVma", first, end));
    try {
      if (vma.kind !== "hugetlb") this.pages(first, end);
      else if (this.has("hugetlbEntry")) this.huge(first, end);
    } finally {
      this.call("postVma", first, end);
    }
  }

  huge(first: number, end: number): void {
    for (let vpn = first; vpn < end; vpn++) {
      if (vpn !== first && vpn % 512 !== 0) continue;
      const next = Math.min(end, (Math.floor(vpn / 512) + 1) * 512);
      let table: Table | undefined = this.c.root;
      for (let level = this.c.mode.levels - 1; level > 1; level--) table = this.slot(table!, vpn, level, false).table;
      this.must(table !== undefined ? this.call("hugetlbEntry", vpn, next) : this.call("pteHole", vpn, next, -1));
    }
  }

  slot(table: Table | undefined, vpn: number, level: number, makes = true): Slot {
    const index = Math.floor(vpn / pagesOf(level)) % 512;
    let slot = table?.get(index);
    if (slot === undefined) {
      slot = { ...none };
      if (makes) table?.set(index, slot);
    }
    return slot;
  }

  /** Page by page: each looked up from the root. */
  pages(first: number, end: number): void {
    const root = this.c.mode.levels - 1;
    for (let vpn = first; vpn < end; ) {
      let table = this.c.root;
      let next = vpn + 1;
      let again = -1;
      for (let level = root; level >= 0; level--) {
        const slot = this.slot(table, vpn, level);
        const span = pagesOf(level);
        const after = Math.min(end, (Math.floor(vpn / span) + 1) * span);
        const from = Math.max(first, Math.floor(vpn / span) * span);
        if (level === 0) {
          this.pte(slot, vpn);
          // The last page of a PMD's span: was it asked for again?
          const last = Math.min(end, (Math.floor(vpn / 512) + 1) * 512) - 1;
          if (vpn === last && this.#action === 2) again = Math.max(first, Math.floor(vpn / 512) * 512);
          break;
        }
        if (vpn === from && !this.enter(slot, level, vpn, after)) {
          next = after;
          break;
        }
        table = slot.table!;
      }
      vpn = again >= 0 ? this.#redo(again, first, end) : next;
    }
  }

  /** A PMD is done again, from its own step 1. */
  #redo(vpn: number, first: number, end: number): number {
    const level = 1;
    const after = Math.min(end, (Math.floor(vpn / 512) + 1) * 512);
    let table = this.c.root;
    for (let at = this.c.mode.levels - 1; at > level; at--) table = this.slot(table, vpn, at).table!;
    if (!this.lower(this.slot(table, vpn, level), level, vpn, after)) return after;
    // Its pages, as any others; it was entered already.
    for (let page = vpn; page < after; page++) {
      this.pte(this.slot(this.slot(table, vpn, level).table, page, 0), page);
    }
    return this.#action === 2 ? this.#redo(vpn, first, end) : after;
  }

  /** An entry's span begins: whether to go down. */
  enter(slot: Slot, level: number, vpn: number, after: number): boolean {
    const root = this.c.mode.levels - 1;
    const below = (names: CallbackName[]) => names.some((name) => this.has(name)) || this.has("installPte");
    const pteUp: CallbackName[] = ["pteEntry", "pmdEntry", "pudEntry"];
    if (level === root) {
      if (!this.upper(slot, level, vpn, after, "pgdEntry")) return false;
      if (!below([...pteUp, "p4dEntry"])) return false;
      if (level >= 4) return slot.kind === "table";
    }
    if (level >= 3 || (level === root && level < 3)) {
      if (level <= 3) {
        if (!this.upper(slot, level, vpn, after, "p4dEntry")) return false;
        if (!below(pteUp)) return false;
      }
      if (level >= 3) return slot.kind === "table";
    }
    return this.lower(slot, level, vpn, after);
  }

  depth(level: number): number {
    return level === this.c.mode.levels - 1 ? 0 : 4 - level;
  }

  upper(slot: Slot, level: number, vpn: number, after: number, name: CallbackName): boolean {
    if (slot.kind === "bad" || slot.kind === "nonPresent" || slot.kind === "migration") {
      if (this.c.noVma) {
        this.hole(vpn, after, level);
        return false;
      }
      Object.assign(slot, none);
    }
    if (!this.fill(slot, vpn, after, level)) return false;
    this.must(this.call(name, vpn, after, undefined, slot, level));
    return true;
  }

  fill(slot: Slot, vpn: number, after: number, level: number): boolean {
    if (slot.kind !== "none") return true;
    if (!this.has("installPte")) {
      this.hole(vpn, after, level);
      return false;
    }
    this.allocate();
    Object.assign(slot, { kind: "table", table: new Map() });
    return true;
  }

  hole(vpn: number, after: number, level: number): void {
    this.must(this.call("pteHole", vpn, after, this.depth(level)));
    this.#action = 0;
  }

  allocate(): void {
    if (this.#tables <= 0) throw new Stop(enomem);
    this.#tables--;
  }

  /** PUD and PMD. */
  lower(slot: Slot, level: number, vpn: number, after: number): boolean {
    const name = level === 2 ? "pudEntry" : "pmdEntry";
    const calls = level === 2 ? this.has("pmdEntry") || this.has("pteEntry") : this.has("pteEntry");
    for (;;) {
      if (!this.fill(slot, vpn, after, level)) return false;
      this.#action = 0;
      this.must(this.call(name, vpn, after, undefined, slot, level));
      if (this.#action === 2) continue;
      if (this.#action === 1) return false;
      if (!calls && !this.has("installPte")) return false;
      if (slot.kind === "table") return true;
      if (slot.kind === "leaf" && !calls) return false;
      if (this.c.noVma) {
        if (slot.kind === "bad") this.hole(vpn, after, level);
        return false;
      }
      if (slot.kind === "nonPresent") return false;
      if (slot.kind === "bad") Object.assign(slot, none);
      if (slot.kind === "none") continue;
      this.split(slot, level);
      return true;
    }
  }

  split(slot: Slot, level: number): void {
    this.allocate();
    const table: Table = new Map();
    const { kind } = slot;
    for (let i = 0; i < 512; i++) table.set(i, { kind, value: splitValue(slot, level, i) });
    Object.assign(slot, { kind: "table", table });
  }

  pte(slot: Slot, vpn: number): void {
    if (this.has("installPte") && slot.kind === "none") {
      this.must(this.call("installPte", vpn, vpn + 1));
      Object.assign(slot, { kind: "leaf", value: installed(vpn) });
    } else this.must(this.call("pteEntry", vpn, vpn + 1));
  }
}
