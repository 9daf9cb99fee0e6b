import type { Translation } from "../machine/inspect.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import { formatSize, type Mode, pteField } from "../mmu/index.ts";
import { hex, hex64 } from "./hex.ts";

/** A leaf, or several neighbours that map neighbouring pages with the same rights. */
interface Run {
  readonly index: number;
  readonly va: bigint;
  readonly pa: bigint;
  readonly pte: bigint;
  count: number;
}

const entries = 512;
const pteBytes = 8n;
const indexBits = 9n;
const pageBits = 12n;

/**
 * The tree of the page tables that satp names, as lines: each table, and each run of pages with what it maps to and its rights. Entries
 * that a walk would reject are marked. Nothing is changed; what is not RAM is not read.
 *
 * @param mostLines how long the picture may get: a hostile table can name itself 512 times a level
 */
export function pageTablePicture(memory: PhysicalMemory, tables: Translation, mostLines = 200): string[] {
  const { mode, asid, root } = tables;
  if (mode.levels === 0) return ["no translation: satp.MODE is Bare"];
  const picture = new Picture(memory, mode, mostLines);
  picture.table(root, mode.levels - 1, 0n, "  ");
  return [`${mode.name}, asid ${asid}, root table at ${hex(root)}`, ...picture.lines];
}

class Picture {
  readonly lines: string[] = [];
  readonly #memory: PhysicalMemory;
  readonly #mode: Mode;
  readonly #most: number;
  #run: Run | undefined;

  constructor(memory: PhysicalMemory, mode: Mode, most: number) {
    this.#memory = memory;
    this.#mode = mode;
    this.#most = most;
  }

  #add(line: string): void {
    if (this.lines.length < this.#most) this.lines.push(line);
    else if (this.lines.length === this.#most) this.lines.push("  ... and so on");
  }

  /** The entries of a table for the part of the address space that begins at `va`. */
  table(pa: bigint, level: number, va: bigint, indent: string): void {
    const shift = pageBits + indexBits * BigInt(level);
    for (let index = 0; index < entries && this.lines.length <= this.#most; index++) {
      const at = pa + pteBytes * BigInt(index);
      if (!this.#memory.isRam(Number(at), Number(pteBytes))) {
        this.#add(`${indent}its table at ${hex(pa)} is not in RAM`);
        return;
      }
      const pte = this.#memory.load(Number(at), 8) as bigint;
      if ((pte & 1n) === 0n) continue;
      this.#entry(pte, index, level, va | (BigInt(index) << shift), indent);
    }
    this.#endRun(level, indent);
  }

  #entry(pte: bigint, index: number, level: number, va: bigint, indent: string): void {
    const pa = pteField(pte, "ppn") << pageBits;
    if ((pte & 0xen) !== 0n) {
      this.#extend({ index, va, pa, pte, count: 1 }, level, indent);
      return;
    }
    this.#endRun(level, indent);
    const what = level === 0 ? "points to a table below level 0: a fault" : `table at ${hex(pa)}`;
    this.#add(`${indent}[${index}] ${this.#address(va)} level ${level} ${what}`);
    if (level > 0) this.table(pa, level - 1, va, `${indent}  `);
  }

  /** Adds a leaf to the run before it, or ends that and begins another. */
  #extend(leaf: Run, level: number, indent: string): void {
    const run = this.#run;
    const bytes = sizeOf(level);
    if (
      run !== undefined &&
      leaf.index === run.index + run.count &&
      leaf.pa === run.pa + bytes * BigInt(run.count) &&
      flagsOf(leaf.pte) === flagsOf(run.pte)
    ) {
      run.count++;
      return;
    }
    this.#endRun(level, indent);
    this.#run = leaf;
  }

  #endRun(level: number, indent: string): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    const bytes = sizeOf(level) * BigInt(run.count);
    const index = run.count === 1 ? `${run.index}` : `${run.index}..${run.index + run.count - 1}`;
    const size = formatSize(Number(sizeOf(level)));
    const pages = run.count === 1 ? size : `${run.count} x ${size}`;
    const range = `${this.#address(run.va)}..${this.#address(run.va + bytes - 1n)}`;
    this.#add(`${indent}[${index}] ${range} -> ${hex(run.pa)} ${rights(run.pte)} ${pages}`);
  }

  /** The canonical address: bits above the highest translated one are copies of it. */
  #address(va: bigint): string {
    return hex64(BigInt.asIntN(this.#mode.vaBits, va));
  }
}

function sizeOf(level: number): bigint {
  return 1n << (pageBits + indexBits * BigInt(level));
}

/** All but the page number. */
function flagsOf(pte: bigint): bigint {
  return pte & ~(((1n << 44n) - 1n) << 10n);
}

/** `rw-u gad`: what may be done and by whom, global, accessed, dirty; then whatever is unusual. */
function rights(pte: bigint): string {
  const flag = (name: "r" | "w" | "x" | "u" | "g" | "a" | "d") => (pteField(pte, name) === 0n ? "-" : name);
  const unusual = [
    pteField(pte, "n") === 0n ? "" : " napot",
    ["", " nc", " io", " pbmt=3 (reserved)"][Number(pteField(pte, "pbmt"))],
    pteField(pte, "reserved") === 0n ? "" : " reserved bits set",
    flag("w") === "w" && flag("r") === "-" ? " w without r (reserved)" : "",
  ];
  return `${flag("r")}${flag("w")}${flag("x")}${flag("u")} ${flag("g")}${flag("a")}${flag("d")}${unusual.join("")}`;
}
