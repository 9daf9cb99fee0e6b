import type { PhysicalMemory } from "../../memory/physical.ts";
import type { CodeCache } from "../codeCache.ts";
import { EngineOp, opBytes } from "../interpreter/opFormat.ts";
import type { MappedCode } from "./code.ts";
import { recordLayout, translatorLayout } from "./layout.ts";
import type { Region } from "./region.ts";

/** Which halfwords of its pages a region was made from: a bit each, by physical page number. */
type Coverage = ReadonlyMap<number, Uint8Array>;

/** A region that has a number. */
export interface Installed {
  readonly number: number;
  /** The op at its entry. */
  readonly op: number;
  readonly coverage: Coverage;
  /** The ops of what the region takes for granted: see {@link Region.guessed}. */
  readonly guessedOps: readonly number[];
  /** Bytes of host code, as an estimate. */
  readonly hostBytes: number;
}

const tableStep = 256;
const halfwordsOfPage = 2048;

/**
 * The regions in use: their functions, their records, and the ops at their entries, which call them. A region has a
 * number from {@link add} on, and is called from {@link open} on.
 */
export class RegionTable {
  /** The functions, by number: what the interpreter calls. */
  readonly functions = new WebAssembly.Table({ element: "anyfunc", initial: tableStep });
  readonly #physical: PhysicalMemory;
  readonly #code: CodeCache;
  readonly #view: DataView;
  readonly #regions = new Map<number, Installed>();
  readonly #byPage = new Map<number, Set<Installed>>();
  readonly #byGuess = new Map<number, Set<Installed>>();
  readonly #freeNumbers: number[] = [];
  #numbers = 0;
  /** Bytes of host code of all regions, as an estimate. */
  hostBytes = 0;
  /** Told of each region that goes. */
  onDrop: (region: Installed) => void = () => {};

  constructor(physical: PhysicalMemory, code: CodeCache) {
    this.#physical = physical;
    this.#code = code;
    this.#view = physical.view;
  }

  get size(): number {
    return this.#regions.size;
  }

  /** Gives a region a number. */
  add(region: Region, code: MappedCode, op: number, hostBytes: number): Installed {
    const number = this.#freeNumbers.pop() ?? this.#numbers++;
    const guessedOps = [...region.guessed].map((offset) => code.op(offset));
    const added = { number, op, coverage: coverageOf(region, code), guessedOps, hostBytes };
    this.hostBytes += hostBytes;
    this.#regions.set(number, added);
    for (const page of added.coverage.keys()) remember(this.#byPage, page, added);
    for (const guess of guessedOps) remember(this.#byGuess, guess, added);
    return added;
  }

  /** Puts the call of a region in the place of the op at its entry, which goes to its record. */
  open(region: Installed, fn: unknown): void {
    const { number, op } = region;
    if (this.#regions.get(number) !== region) return;
    if (number >= this.functions.length) this.functions.grow(tableStep);
    this.functions.set(number, fn);
    this.#code.standAlone(op);
    const view = this.#view;
    const record = recordOf(number);
    this.#physical.bytes.copyWithin(record + recordLayout.op, op, op + opBytes);
    view.setUint8(record + recordLayout.sentinel2, EngineOp.sentinel);
    view.setUint8(record + recordLayout.sentinel4, EngineOp.sentinel);
    view.setUint32(record + recordLayout.bits, this.#code.bitsAt(op), true);
    view.setUint8(op, EngineOp.region);
    view.setInt32(op + 4, number, true);
  }

  /** Bytes of RAM were written: regions made from them go. */
  overwritten(pa: number, size: number): void {
    const last = pa + size - 1;
    for (let page = Math.floor(pa / 4096); page <= Math.floor(last / 4096); page++) {
      const first = Math.max(pa - page * 4096, 0) >> 1;
      const end = Math.min(last - page * 4096, 4095) >> 1;
      for (const region of this.#byPage.get(page) ?? []) {
        const bits = region.coverage.get(page)!;
        for (let at = first; at <= end; at++) {
          if ((bits[at >> 3] & (1 << (at & 7))) === 0) continue;
          this.drop(region);
          break;
        }
      }
    }
  }

  /** Whether a region was made from the halfword at a physical address. */
  covers(pa: number): boolean {
    const page = Math.floor(pa / 4096);
    const halfword = (pa - page * 4096) >> 1;
    for (const { coverage } of this.#byPage.get(page) ?? []) {
      if ((coverage.get(page)![halfword >> 3] & (1 << (halfword & 7))) !== 0) return true;
    }
    return false;
  }

  /** The regions that have guessed where the indirect jump of an op goes, or that control hardly ever comes to the op. */
  guessing(op: number): readonly Installed[] {
    return [...(this.#byGuess.get(op) ?? [])];
  }

  /** The region that begins at an op. */
  at(op: number): Installed | undefined {
    return this.#view.getUint8(op) === EngineOp.region
      ? this.#regions.get(this.#view.getInt32(op + 4, true))
      : undefined;
  }

  /** Drops all regions. */
  dropAll(): void {
    for (const region of this.#regions.values()) this.drop(region);
  }

  /** Drops the oldest regions until there is room for one more, in so many bytes of host code. */
  makeRoom(bytes: number): void {
    for (const region of this.#regions.values()) {
      if (this.hostBytes <= bytes && this.#regions.size < translatorLayout.recordCount) return;
      this.drop(region);
    }
  }

  /** Drops a region: its entry becomes the instruction that it was, unless that has changed. */
  drop(region: Installed): void {
    const { number, op, coverage, guessedOps, hostBytes } = region;
    if (this.#regions.get(number) !== region) return;
    this.#regions.delete(number);
    this.hostBytes -= hostBytes;
    if (number < this.functions.length) this.functions.set(number, null);
    this.#freeNumbers.push(number);
    for (const page of coverage.keys()) forget(this.#byPage, page, region);
    for (const guess of guessedOps) forget(this.#byGuess, guess, region);
    const isEntry = this.#view.getUint8(op) === EngineOp.region && this.#view.getInt32(op + 4, true) === number;
    if (isEntry) this.#physical.bytes.copyWithin(op, recordOf(number), recordOf(number) + opBytes);
    this.onDrop(region);
  }
}

/** The bits of the instruction that a record's op stands for; undefined for ops that are elsewhere. */
export function bitsOfRecord(view: DataView, op: number): number | undefined {
  const { records, recordCount } = translatorLayout;
  if (op < records || op >= records + recordCount * recordLayout.bytes) return undefined;
  return view.getUint32(op - recordLayout.op + recordLayout.bits, true);
}

function recordOf(number: number): number {
  return translatorLayout.records + number * recordLayout.bytes;
}

function coverageOf(region: Region, code: MappedCode): Coverage {
  const coverage = new Map<number, Uint8Array>();
  for (const { instructions } of region.blocks) {
    for (const { offset, decoded } of instructions) {
      for (let at = offset; at < offset + decoded.length; at += 2) {
        const pa = code.physical(at);
        const page = Math.floor(pa / 4096);
        let bits = coverage.get(page);
        if (bits === undefined) {
          bits = new Uint8Array(halfwordsOfPage / 8);
          coverage.set(page, bits);
        }
        const halfword = (pa - page * 4096) >> 1;
        bits[halfword >> 3] |= 1 << (halfword & 7);
      }
    }
  }
  return coverage;
}

function remember<T>(map: Map<number, Set<T>>, key: number, value: T): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, new Set([value]));
  else held.add(value);
}

function forget<T>(map: Map<number, Set<T>>, key: number, value: T): void {
  const held = map.get(key);
  held?.delete(value);
  if (held?.size === 0) map.delete(key);
}
