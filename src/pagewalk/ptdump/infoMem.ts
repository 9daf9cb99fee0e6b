import { pagesOfLevel } from "../../mmu/modes.ts";
import { pteFields, pteR, pteV, pteW, pteX } from "../../mmu/pte.ts";
import type { PageTables } from "../index.ts";
import { hexOfPage, hexOfVpn, scanTables, type TableVisitor } from "./scan.ts";

const leafBits = pteR | pteW | pteX;
/** One frame more, in the low half of an entry, and the last value of its part of the PPN. */
const oneFrame = 1 << pteFields.ppn.at;
const lastFrame = 2 ** 22 - 1;
const names = ["r", "w", "x", "u", "g", "a", "d"] as const;
const attributes: readonly string[] = Array.from({ length: 256 }, (_, flags) =>
  names.map((name) => ((flags >> pteFields[name].at) & 1 ? name : "-")).join(""),
);

/**
 * Page tables in the layout of QEMU's monitor command `info mem`: leaves as they are written, also where a walk would
 * fault; runs end where a table does. QEMU shows a frame with the bits above the PPN still in it, and so does this.
 */
export function formatInfoMem(tables: PageTables): string {
  const lines = [
    "vaddr            paddr            size             attr",
    "---------------- ---------------- ---------------- -------",
  ];
  const printer = new Printer(tables, lines);
  scanTables(tables, printer);
  printer.finish();
  return `${lines.join("\n")}\n`;
}

class Printer implements TableVisitor {
  readonly #tables: PageTables;
  readonly #lines: string[];
  #first = 0;
  #pages = 0;
  /** Frame number, and the ten bits that stand above it. */
  #frame = 0;
  #frameHigh = 0;
  #flags = 0;
  #level = -1;

  constructor(tables: PageTables, lines: string[]) {
    this.#tables = tables;
    this.#lines = lines;
  }

  table(): void {
    this.#level = -1;
  }

  entry(level: number, vpn: number, lo: number, hi: number): void {
    if ((lo & pteV) !== 0 && (lo & leafBits) !== 0) this.#leaf(level, pagesOfLevel[level], vpn, lo, hi);
  }

  /** Hot: entries that go on with the run, as most do, differ from the one before by one frame. */
  leafTable(vpn: number, words: Int32Array): void {
    for (let i = 0; i < 512; i++) {
      let lo = words[2 * i];
      if ((lo & pteV) === 0 || (lo & leafBits) === 0) continue;
      const hi = words[2 * i + 1];
      this.#leaf(0, 1, vpn + i, lo, hi);
      const from = i;
      while (
        i < 511 &&
        words[2 * i + 3] === hi &&
        words[2 * i + 2] === ((lo + oneFrame) | 0) &&
        lo >>> 10 !== lastFrame
      ) {
        lo = (lo + oneFrame) | 0;
        i++;
      }
      this.#pages += i - from;
    }
    this.#level = -1;
  }

  finish(): void {
    if (this.#pages === 0) return;
    // 44 bits of frame, and of what stands above them the 8 that fit.
    const pa = hexOfPage((this.#frameHigh & 255) * 2 ** 44 + this.#frame);
    const va = hexOfVpn(this.#tables, this.#first);
    this.#lines.push(`${va} ${pa} ${hexOfPage(this.#pages)} ${attributes[this.#flags]}`);
    this.#pages = 0;
  }

  #leaf(level: number, pages: number, vpn: number, lo: number, hi: number): void {
    const flags = lo & 255;
    const frame = (hi & 0x3f_ffff) * 2 ** 22 + (lo >>> 10);
    const goesOn =
      level === this.#level &&
      flags === this.#flags &&
      vpn === this.#first + this.#pages &&
      frame === this.#frame + this.#pages &&
      hi >>> 22 === this.#frameHigh;
    if (!goesOn) {
      this.finish();
      this.#first = vpn;
      this.#frame = frame;
      this.#frameHigh = hi >>> 22;
      this.#flags = flags;
      this.#level = level;
    }
    this.#pages += pages;
  }
}
