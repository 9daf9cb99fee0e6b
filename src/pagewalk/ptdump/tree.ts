import { entryKind, type PageTables, pfnOf } from "../index.ts";
import type { PtRun } from "./runs.ts";
import { hexOfVpn, scanTables, type TableVisitor, upperHalf } from "./scan.ts";
import { describeRun, headOf } from "./text.ts";

/** A line of the tree: entries first … last of the table at `level`, and what they hold. */
interface Branch {
  readonly level: number;
  readonly first: number;
  last: number;
  readonly vpn: number;
  /** The table that one entry points to; -1: none. */
  readonly table: number;
  readonly run: Omit<PtRun, "pages"> & { pages: number };
  lo: number;
  hi: number;
}

/** Page tables as a tree: each table, with its entries that are not none, alike and adjacent ones on one line. */
export function formatTree(tables: PageTables, limit?: number): string {
  const grower = new Grower(tables);
  const complete = scanTables(tables, grower, limit);
  grower.flush();
  if (!complete) grower.lines.push("… and more tables than can be shown");
  return `${grower.lines.join("\n")}\n`;
}

class Grower implements TableVisitor {
  readonly lines: string[];
  readonly #tables: PageTables;
  #branch: Branch | undefined;

  constructor(tables: PageTables) {
    this.#tables = tables;
    this.lines = [headOf(tables)];
  }

  table(level: number, vpn: number, pa: number, lo: number, hi: number): void {
    this.flush();
    this.#begin(level, vpn, pa, lo, hi);
    this.flush();
  }

  entry(level: number, vpn: number, lo: number, hi: number): void {
    const branch = this.#branch;
    const index = Math.floor(vpn / 512 ** level) % 512;
    const pages = 512 ** level;
    const goesOn =
      branch !== undefined &&
      branch.level === level &&
      branch.last + 1 === index &&
      vpn !== upperHalf(this.#tables) &&
      branch.vpn + branch.run.pages === vpn &&
      ((lo ^ branch.lo) & 0x3ff) === 0 &&
      hi >>> 22 === branch.hi >>> 22 &&
      branch.run.kind === "pages" &&
      pfnOf(lo, hi, level, index) === branch.run.pfn + branch.run.pages;
    if (goesOn) {
      branch.last = index;
      branch.run.pages += pages;
    } else {
      this.flush();
      this.#begin(level, vpn, -1, lo, hi);
    }
  }

  leafTable(vpn: number, words: Int32Array): void {
    for (let i = 0; i < 512; i++) {
      if (words[2 * i] !== 0 || words[2 * i + 1] !== 0) this.entry(0, vpn + i, words[2 * i], words[2 * i + 1]);
    }
    this.flush();
  }

  /** Writes the line that is being gathered. */
  flush(): void {
    const branch = this.#branch;
    if (branch === undefined) return;
    this.#branch = undefined;
    const { level, first, last, table, run } = branch;
    const indent = "  ".repeat(this.#tables.rootLevel - level + 1);
    const where = first === last ? `${first}` : `${first}–${last}`;
    const what = table >= 0 ? `table of level ${level - 1} at 0x${table.toString(16)}` : describeRun(this.#tables, run);
    this.lines.push(`${indent}[${where}] 0x${hexOfVpn(this.#tables, branch.vpn)} ${what}`);
  }

  #begin(level: number, vpn: number, table: number, lo: number, hi: number): void {
    const index = Math.floor(vpn / 512 ** level) % 512;
    const kind = entryKind(lo, hi, level, this.#tables.memory);
    const isLeaf = kind === "leaf";
    const run = {
      kind: isLeaf ? ("pages" as const) : kind === "nonPresent" ? kind : ("bad" as const),
      vpn,
      pages: 512 ** level,
      pfn: isLeaf ? pfnOf(lo, hi, level, index) : -1,
      level,
      flags: lo & 0x3ff,
      pbmt: (hi >>> 29) & 3,
      napot: isLeaf && hi < 0,
    };
    this.#branch = { level, first: index, last: index, vpn, table, run, lo, hi };
  }
}
