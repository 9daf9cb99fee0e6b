import { pagesOfLevel } from "../../mmu/modes.ts";
import { pbmtOf, ppnOf, pteG, pteN, ptePbmt, pteV } from "../../mmu/pte.ts";
import { entryKind, type PageTables, pfnOf } from "../index.ts";
import { scanTables, upperHalf } from "./scan.ts";

/**
 * Pages that follow each other, virtually and physically, and are mapped alike; or entries in a row that map nothing:
 * `hole` (none), `nonPresent` (V=0 with other bits) or `bad`.
 */
export interface PtRun {
  readonly kind: "pages" | "hole" | "nonPresent" | "bad";
  /** First page, and how many 4 KiB pages. */
  readonly vpn: number;
  readonly pages: number;
  /** First frame; for `pages` only. */
  readonly pfn: number;
  /** Level of the entries; of a hole, of the highest. */
  readonly level: number;
  /** The low ten bits of the entries (V R W X U G A D RSW), with G if a table above has it. */
  readonly flags: number;
  readonly pbmt: number;
  /** 64 KiB pages. */
  readonly napot: boolean;
}

type Mutable = { -readonly [key in keyof PtRun]: PtRun[key] };

const flagBits = 0x3ff;

/** What page tables map, as runs in order of address, holes included. `complete`: there were not too many tables. */
export function collectRuns(tables: PageTables, limit?: number): { runs: PtRun[]; complete: boolean } {
  const collector = new Collector(tables);
  const complete = scanTables(tables, collector, limit);
  collector.finish();
  return { runs: collector.runs, complete };
}

class Collector {
  readonly runs: PtRun[] = [];
  readonly #tables: PageTables;
  /** G of the table entries on the way, by level. */
  readonly #global = [0, 0, 0, 0, 0];
  #run: Mutable | undefined;
  #lo = 0;
  #hi = 0;
  /** What comes next, if nothing is left out. */
  #next = 0;
  /** First page of the upper half: nothing goes on across the addresses between the halves. */
  readonly #half: number;

  constructor(tables: PageTables) {
    this.#tables = tables;
    this.#half = upperHalf(tables);
  }

  table(level: number, _vpn: number, _pa: number, lo: number, _hi: number): void {
    const root = this.#tables.rootLevel;
    this.#global[level - 1] = (lo & pteG) | (level < root ? this.#global[level] : 0);
  }

  entry(level: number, vpn: number, lo: number, hi: number): void {
    if (vpn > this.#next) this.#hole(this.#next, vpn);
    this.#add(level, vpn, lo, hi);
  }

  leafTable(vpn: number, words: Int32Array): void {
    if (vpn > this.#next) this.#hole(this.#next, vpn);
    for (let i = 0; i < 512; i++) {
      const lo = words[2 * i];
      const hi = words[2 * i + 1];
      if (lo === 0 && hi === 0) {
        if (this.#run?.kind === "hole" && this.#next !== this.#half) {
          this.#run.pages++;
          this.#next++;
        } else this.#begin("hole", 0, vpn + i, 1, 0, 0, -1);
      } else this.#addLeaf(vpn + i, lo, hi);
    }
  }

  finish(): void {
    const end = 2 ** (this.#tables.mode.vaBits - 12);
    if (end > this.#next) this.#hole(this.#next, end);
    if (this.#run !== undefined) this.runs.push(this.#run);
  }

  /** Hot: a page of level 0 that goes on with the run, as most do. */
  #addLeaf(vpn: number, lo: number, hi: number): void {
    const run = this.#run;
    if (
      run?.kind === "pages" &&
      run.level === 0 &&
      vpn !== this.#half &&
      hi >= 0 &&
      ((lo ^ this.#lo) & flagBits) === 0 &&
      ppnOf(lo, hi) === run.pfn + run.pages &&
      ((hi ^ this.#hi) & (pteN | ptePbmt)) === 0 &&
      hi >>> 22 === this.#hi >>> 22
    ) {
      run.pages++;
      this.#next++;
    } else this.#add(0, vpn, lo, hi);
  }

  #add(level: number, vpn: number, lo: number, hi: number): void {
    const pages = pagesOfLevel[level];
    const kind = entryKind(lo, hi, level, this.#tables.memory);
    if (kind === "leaf") {
      const pfn = pfnOf(lo, hi, level, vpn % 512);
      const run = this.#run;
      const goesOn =
        run?.kind === "pages" &&
        run.level === level &&
        vpn !== this.#half &&
        run.pfn + run.pages === pfn &&
        ((lo ^ this.#lo) & flagBits) === 0 &&
        hi >>> 22 === this.#hi >>> 22;
      if (goesOn) {
        run.pages += pages;
        this.#next = vpn + pages;
      } else this.#begin("pages", level, vpn, pages, lo, hi, pfn);
    } else if ((lo & pteV) === 0) this.#other("nonPresent", level, vpn, pages);
    else this.#other("bad", level, vpn, pages);
  }

  #other(kind: "nonPresent" | "bad", level: number, vpn: number, pages: number): void {
    if (this.#run?.kind === kind && this.#run.level === level && vpn !== this.#half) {
      this.#run.pages += pages;
      this.#next = vpn + pages;
    } else this.#begin(kind, level, vpn, pages, 0, 0, -1);
  }

  #hole(from: number, to: number): void {
    if (from < this.#half && to > this.#half) {
      this.#hole(from, this.#half);
      from = this.#half;
    }
    if (this.#run?.kind === "hole" && from !== this.#half) {
      this.#run.pages += to - from;
      this.#next = to;
    } else this.#begin("hole", this.#tables.rootLevel, from, to - from, 0, 0, -1);
  }

  #begin(kind: PtRun["kind"], level: number, vpn: number, pages: number, lo: number, hi: number, pfn: number): void {
    if (this.#run !== undefined) this.runs.push(this.#run);
    this.#lo = lo;
    this.#hi = hi;
    const inherited = kind === "pages" && level < this.#tables.rootLevel ? this.#global[level] : 0;
    const flags = (lo & flagBits) | inherited;
    this.#run = { kind, vpn, pages, pfn, level, flags, pbmt: pbmtOf(hi), napot: kind === "pages" && (hi & pteN) !== 0 };
    this.#next = vpn + pages;
  }
}

/** Runs with the same permissions joined, wherever their frames lie: `pfn` is -1 where these are not in a row. */
export function mergeByPermission(tables: PageTables, runs: readonly PtRun[]): PtRun[] {
  const half = upperHalf(tables);
  const merged: Mutable[] = [];
  for (const run of runs) {
    const last = merged.at(-1);
    const isAlike =
      last !== undefined &&
      run.vpn !== half &&
      last.kind === run.kind &&
      (run.kind === "hole" || last.level === run.level) &&
      last.flags === run.flags &&
      last.pbmt === run.pbmt &&
      last.napot === run.napot;
    if (!isAlike) merged.push({ ...run });
    else {
      if (last.pfn + last.pages !== run.pfn) last.pfn = -1;
      last.pages += run.pages;
    }
  }
  return merged;
}
