import { makePte } from "../mmu/pte.ts";
import { EntryPtr, P4dPtr, PgdPtr, PmdPtr, PtePtr, PudPtr } from "./entry.ts";
import { errno } from "./errno.ts";
import { bytesOfLevel, depthOfLevel } from "./level.ts";
import type { MmStruct, VmArea } from "./mm.ts";
import {
  ACTION_AGAIN,
  ACTION_CONTINUE,
  ACTION_SUBTREE,
  type MmWalk,
  type MmWalkOps,
  type PageWalkAction,
} from "./ops.ts";
import type { PageTables } from "./pageTables.ts";
import { checkedReturn } from "./returns.ts";
import { isMigration, softEntryAt } from "./softEntry.ts";
import { splitEntry } from "./split.ts";

/** Levels of the lower depths, the same in every mode. */
const pmdLevel = 1;
const pudLevel = 2;
const p4dLevel = 3;
/** How often one entry may be asked for again. Nothing sensible comes near. */
const mostAgains = 1_000_000;

/** An address and its halves, low one first: WebAssembly machines are little-endian, and so are all that run V8. */
const addressWord = new BigUint64Array(1);
const addressHalves = new Uint32Array(addressWord.buffer);

/** What becomes of an entry after its callback: go down, go on with the next entry, look at it again, or stop. */
type Turn = "down" | "next" | "again" | "stop";

/** One walk, and the descent through the tables for one range of it. */
export class Descent implements MmWalk {
  readonly ops: MmWalkOps;
  readonly mm: MmStruct;
  readonly pgd: PgdPtr | null;
  vma: VmArea | null = null;
  action: PageWalkAction = ACTION_SUBTREE;
  readonly noVma: boolean;
  private: unknown;
  readonly #tables: PageTables;
  readonly #pgd: PgdPtr;
  readonly #p4d: P4dPtr;
  readonly #pud: PudPtr;
  readonly #pmd: PmdPtr;
  readonly #pte: PtePtr;
  readonly #out = { value: 0n };
  /** Whether there is anything to call, or to install, below each depth. */
  readonly #installs: boolean;
  readonly #belowPgd: boolean;
  readonly #belowP4d: boolean;
  readonly #belowPud: boolean;
  readonly #belowPmd: boolean;
  /** The number that ends the walk, once it is not 0. */
  #end = 0;

  constructor(mm: MmStruct, ops: MmWalkOps, priv: unknown, noVma = false, pgd: PgdPtr | null = null) {
    this.mm = mm;
    this.ops = ops;
    this.private = priv;
    this.noVma = noVma;
    this.pgd = pgd;
    const tables = pgd === null ? mm.tables : pgd.tables;
    const root = tables.rootLevel;
    this.#tables = tables;
    this.#pgd = new PgdPtr(tables, root, 0, 0);
    this.#p4d = new P4dPtr(tables, Math.min(root, p4dLevel), 0, 0);
    this.#pud = new PudPtr(tables, pudLevel, 0, 0);
    this.#pmd = new PmdPtr(tables, pmdLevel, 0, 0);
    this.#pte = new PtePtr(tables, 0, 0, 0);
    this.#installs = ops.installPte !== undefined;
    this.#belowPmd = ops.pteEntry !== undefined;
    this.#belowPud = this.#belowPmd || ops.pmdEntry !== undefined;
    this.#belowP4d = this.#belowPud || ops.pudEntry !== undefined;
    this.#belowPgd = this.#belowP4d || ops.p4dEntry !== undefined;
  }

  /** Walks the tables over [start, end): page-aligned, not empty, and canonical. */
  walk(start: bigint, end: bigint): number {
    this.#end = 0;
    const pgd = this.#pgd;
    const root = this.pgd === null ? this.#tables.root : this.pgd.inTable;
    this.#enter(pgd, root, start);
    const goesDown = this.#belowPgd || this.#installs;
    for (let addr = start; addr < end; pgd.index++) {
      const next = spanEnd(pgd.level, addr, end);
      if (this.#open(pgd, addr, next)) {
        if (this.#call("pgdEntry", this.ops.pgdEntry?.(pgd, addr, next, this))) return this.#end;
        if (goesDown) this.#p4dRange(pgd, addr, next);
      }
      if (this.#end !== 0) return this.#end;
      addr = next;
    }
    return 0;
  }

  #p4dRange(pgd: PgdPtr, start: bigint, end: bigint): void {
    const p4d = this.#p4d;
    if (!this.#descend(pgd, p4d, start)) return;
    const goesDown = this.#belowP4d || this.#installs;
    for (let addr = start; addr < end; p4d.index++) {
      const next = spanEnd(p4d.level, addr, end);
      if (this.#open(p4d, addr, next)) {
        if (this.#call("p4dEntry", this.ops.p4dEntry?.(p4d, addr, next, this))) return;
        if (goesDown) this.#pudRange(p4d, addr, next);
      }
      if (this.#end !== 0) return;
      addr = next;
    }
  }

  #pudRange(p4d: P4dPtr, start: bigint, end: bigint): void {
    const pud = this.#pud;
    if (!this.#descend(p4d, pud, start)) return;
    let agains = 0;
    for (let addr = start; addr < end; ) {
      const next = spanEnd(pudLevel, addr, end);
      let turn: Turn = "next";
      if (this.#fill(pud, addr, next)) {
        this.action = ACTION_SUBTREE;
        if (this.#call("pudEntry", this.ops.pudEntry?.(pud, addr, next, this))) return;
        turn = this.#turn(pud, addr, next, this.#belowPud);
        if (turn === "down") {
          this.#pmdRange(pud, addr, next);
          if (this.#isAskedAgain()) turn = "again";
        }
      }
      if (this.#end !== 0) return;
      if (turn === "again") {
        checkAgains(++agains, "pudEntry", addr);
        continue;
      }
      agains = 0;
      addr = next;
      pud.index++;
    }
  }

  #pmdRange(pud: PudPtr, start: bigint, end: bigint): void {
    const pmd = this.#pmd;
    // The PUD once more: what is no table now is left alone, and the PUD is done again.
    const { table } = pud;
    if (table < 0) {
      this.action = ACTION_AGAIN;
      return;
    }
    this.#enter(pmd, table, start);
    let agains = 0;
    for (let addr = start; addr < end; ) {
      const next = spanEnd(pmdLevel, addr, end);
      let turn: Turn = "next";
      if (this.#fill(pmd, addr, next)) {
        this.action = ACTION_SUBTREE;
        if (this.#call("pmdEntry", this.ops.pmdEntry?.(pmd, addr, next, this))) return;
        turn = this.#turn(pmd, addr, next, this.#belowPmd);
        if (turn === "down") {
          this.#pteRange(pmd, addr, next);
          if (this.#isAskedAgain()) turn = "again";
        }
      }
      if (this.#end !== 0) return;
      if (turn === "again") {
        checkAgains(++agains, "pmdEntry", addr);
        continue;
      }
      agains = 0;
      addr = next;
      pmd.index++;
    }
  }

  #pteRange(pmd: PmdPtr, start: bigint, end: bigint): void {
    const { table } = pmd;
    if (table < 0) {
      this.action = ACTION_AGAIN;
      return;
    }
    if (this.noVma) {
      this.#end = this.#ptes(table, start, end);
      return;
    }
    const lock = this.mm.pageTableLock(table);
    lock.lock();
    try {
      // Only now can it not go away any more.
      if (pmd.table === table) this.#end = this.#ptes(table, start, end);
      else this.action = ACTION_AGAIN;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The entries of one table of level 0. Hot: addresses are read from a word in memory, of which V8 makes no bigint
   * where it inlines the callback and the callback does not keep it.
   */
  #ptes(table: number, start: bigint, end: bigint): number {
    const pte = this.#pte;
    this.#enter(pte, table, start);
    if (this.#installs) return this.#install(start, end);
    const { ops } = this;
    const pages = Number((end - start) / 4096n);
    const first = pte.index;
    addressWord[0] = start;
    // Inside a table of 2 MiB the low half never carries; the last address may be 2^64, and is passed as it is.
    let low = addressHalves[0];
    const high = addressHalves[1];
    for (let i = 0; i < pages - 1; i++) {
      addressHalves[0] = low;
      addressHalves[1] = high;
      const addr = addressWord[0];
      low += 4096;
      addressHalves[0] = low;
      pte.index = first + i;
      const result = ops.pteEntry!(pte, addr, addressWord[0], this);
      if (result !== 0) return checkedReturn("pteEntry", result);
    }
    pte.index = first + pages - 1;
    return checkedReturn("pteEntry", ops.pteEntry!(pte, end - 4096n, end, this));
  }

  #install(start: bigint, end: bigint): number {
    const { ops } = this;
    const pte = this.#pte;
    const out = this.#out;
    for (let addr = start; addr < end; pte.index++) {
      const next = addr + 4096n;
      let result = 0;
      if (pte.isNone) {
        out.value = 0n;
        result = checkedReturn("installPte", ops.installPte!(addr, next, out, this));
        if (result === 0) pte.set(out.value);
      } else if (ops.pteEntry !== undefined) {
        result = checkedReturn("pteEntry", ops.pteEntry(pte, addr, next, this));
      }
      if (result !== 0) return result;
      addr = next;
    }
    return 0;
  }

  /** For PGD and P4D: whether there is an entry to call for. What is bad is cleared, or with no VMA passed over. */
  #open(entry: EntryPtr, addr: bigint, next: bigint): boolean {
    const { kind } = entry;
    if (kind === "table" || kind === "leaf") return true;
    if (kind !== "none") {
      if (this.noVma) {
        this.#hole(entry, addr, next);
        return false;
      }
      entry.setHalves(0, 0);
    }
    return this.#fill(entry, addr, next);
  }

  /** Step 1: whether there is an entry to call for. For an empty one, allocates a table or reports the hole. */
  #fill(entry: EntryPtr, addr: bigint, next: bigint): boolean {
    if (!entry.isNone) return true;
    if (!this.#installs) {
      this.#hole(entry, addr, next);
      return false;
    }
    const table = this.mm.allocateTable();
    if (table === undefined) {
      this.#end = -errno.ENOMEM;
      return false;
    }
    entry.set(makePte({ v: 1, ppn: table / 4096 }));
    return true;
  }

  #hole(entry: EntryPtr, addr: bigint, next: bigint): void {
    const depth = depthOfLevel(this.#tables.mode, entry.level);
    this.#call("pteHole", this.ops.pteHole?.(addr, next, depth, this));
    // An action is about the entry that it was set for: a hole ends it, and sets none.
    this.action = ACTION_SUBTREE;
  }

  /** Steps 3 to 5, after the callback of a PUD or a PMD. */
  #turn(entry: EntryPtr, addr: bigint, next: bigint, isCalledBelow: boolean): Turn {
    if (this.action === ACTION_AGAIN) return "again";
    if (this.action === ACTION_CONTINUE) return "next";
    if (this.action !== ACTION_SUBTREE) {
      throw new TypeError(`walk.action is ${String(this.action)}: no action of a page walk has that number`);
    }
    if (!isCalledBelow && !this.#installs) return "next";
    const { kind } = entry;
    if (kind === "table") return "down";
    if (kind === "leaf" && !isCalledBelow) return "next";
    if (this.noVma) {
      if (kind === "bad") this.#hole(entry, addr, next);
      return "next";
    }
    if (kind === "none") return "again";
    if (kind === "bad") {
      entry.setHalves(0, 0);
      return "again";
    }
    return this.#split(entry);
  }

  #split(entry: EntryPtr): Turn {
    if (entry.kind === "nonPresent" && !isMigration(softEntryAt(entry))) return "next";
    const lock = this.mm.pageTableLock(entry.inTable);
    lock.lock();
    try {
      this.#end = splitEntry(this.mm, entry);
    } finally {
      lock.unlock();
    }
    return this.#end === 0 ? "down" : "stop";
  }

  /** Whether what was below an entry changed under the walk, or a callback there asks for the entry again. */
  #isAskedAgain(): boolean {
    return this.action === ACTION_AGAIN;
  }

  /** Points `lower` at the entry for an address under `upper`: the same entry if the depth is folded. */
  #descend(upper: EntryPtr, lower: EntryPtr, addr: bigint): boolean {
    if (upper.level === lower.level) {
      lower.inTable = upper.inTable;
      lower.index = upper.index;
      lower.tableVpn = upper.tableVpn;
      return true;
    }
    const { table } = upper;
    if (table < 0) return false;
    this.#enter(lower, table, addr);
    return true;
  }

  #enter(entry: EntryPtr, table: number, addr: bigint): void {
    const [, , pa, tableVpn] = EntryPtr.place(this.#tables, entry.level, table, this.#tables.vpnOf(addr));
    entry.inTable = table;
    entry.index = (pa - table) / 8;
    entry.tableVpn = tableVpn;
  }

  /** Whether a callback's result ends the walk; undefined: it is not set. */
  #call(name: string, result: number | undefined): boolean {
    if (result === 0) return false;
    this.#end = this.#result(name, result);
    return this.#end !== 0;
  }

  #result(name: string, result: number | undefined): number {
    return result === undefined && this.ops[name as keyof MmWalkOps] === undefined ? 0 : checkedReturn(name, result);
  }
}

/** The end of the span of the entry of a level at an address, or the range's end if that is nearer. */
function spanEnd(level: number, addr: bigint, end: bigint): bigint {
  const span = bytesOfLevel[level];
  const next = (addr & -span) + span;
  return next < end ? next : end;
}

function checkAgains(agains: number, callback: string, addr: bigint): void {
  if (agains < mostAgains) return;
  throw new RangeError(`${callback} had the entry for 0x${addr.toString(16)} looked at ${agains} times: it never ends`);
}
