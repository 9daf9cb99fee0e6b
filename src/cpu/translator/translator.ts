import type { PhysicalMemory } from "../../memory/physical.ts";
import type { FastLayout } from "../../mmu/index.ts";
import { ModuleBuilder } from "../../wasm/index.ts";
import type { CodeCache } from "../codeCache.ts";
import type { HandlerTable } from "../interpreter/handlerTable.ts";
import { EngineOp, opBytes, opShift } from "../interpreter/opFormat.ts";
import { MappedCode } from "./code.ts";
import { emitRegion, regionSignature } from "./emit.ts";
import { JumpTables } from "./jumpTables.ts";
import { recordLayout, translatorLayout } from "./layout.ts";
import { type Region, RegionFinder } from "./region.ts";
import { type FunctionName, sharedFunctions, signatureOf } from "./sharedFunctions.ts";

/** What a translator works on: one machine's code, for all its harts. */
export interface TranslatorOptions {
  readonly physical: PhysicalMemory;
  readonly code: CodeCache;
  readonly handlers: HandlerTable;
  readonly alignedTargets: boolean;
  /** How often a jump must come to an instruction before it is translated. */
  readonly hotAfter: number;
  /** Bytes of translated code to keep, as an estimate of what the host makes of it. */
  readonly cacheBytes: number;
}

/** A hart as the translator knows it. */
export interface TranslatedHart {
  /** Address of its block. */
  readonly block: number;
  readonly fastTlb: FastLayout;
  /** The exact slow path of floating point, on the operands in the block. */
  floatSlow(operation: number, rm: number): void;
}

/** What the translator has done so far. */
export interface TranslatorStatistics {
  regions: number;
  dropped: number;
  instructions: number;
  wasmBytes: number;
  /** Milliseconds to find and emit, and to compile. */
  emitMs: number;
  compileMs: number;
}

/** A region in use. */
interface Installed {
  readonly number: number;
  /** The op at its entry. */
  readonly op: number;
  /** The physical addresses of its halfwords. */
  readonly halfwords: ReadonlySet<number>;
  readonly bytes: number;
}

/** Host code for a byte of WebAssembly: baseline and optimised. An estimate. */
const hostBytesPerByte = 12;
const tableStep = 256;

/**
 * Turns hot code into WebAssembly functions. An op at a region's entry becomes one that calls it; what the op was is kept
 * in the region's record. Regions go when a byte of their code is overwritten, or when there are too many.
 */
export class Translator {
  /** The regions' functions, by number. */
  readonly table = new WebAssembly.Table({ element: "anyfunc", initial: tableStep });
  readonly hotAfter: number;
  readonly statistics: TranslatorStatistics = {
    regions: 0,
    dropped: 0,
    instructions: 0,
    wasmBytes: 0,
    emitMs: 0,
    compileMs: 0,
  };
  readonly #options: TranslatorOptions;
  readonly #view: DataView;
  readonly #jumpTables: JumpTables;
  readonly #regions = new Map<number, Installed>();
  /** Physical page number → the regions with code there. */
  readonly #byPage = new Map<number, Set<Installed>>();
  readonly #freeNumbers: number[] = [];
  #numbers = 0;
  readonly #harts = new Map<number, TranslatedHart>();
  #shared: WebAssembly.Exports | undefined;
  #heldBytes = 0;

  constructor(options: TranslatorOptions) {
    this.#options = options;
    this.hotAfter = options.hotAfter;
    this.#view = options.physical.view;
    this.#jumpTables = new JumpTables(options.physical.memory);
    const { counters, counterCount, ring, ringEntries, ringPosition } = translatorLayout;
    options.physical.bytes.fill(0, counters, counters + 4 * counterCount);
    options.physical.bytes.fill(0, ring, ring + 16 * ringEntries);
    this.#view.setInt32(ringPosition, 0, true);
  }

  /** Makes a hart known. */
  addHart(hart: TranslatedHart): void {
    this.#harts.set(hart.block, hart);
  }

  /** Translates what begins at an op that a hart has come to often, at `pc`. */
  hot(block: number, pc: bigint, op: number): void {
    const { code } = this.#options;
    const counter = translatorLayout.counters + ((op >>> 1) & ((translatorLayout.counterCount - 1) << 2));
    this.#view.setInt32(counter, 0, true);
    if (!code.isCached(op)) return;
    code.decodeAt(op);
    const handler = this.#view.getUint8(op);
    if (handler === EngineOp.region || handler === EngineOp.straddle) return;
    const started = performance.now();
    const hart = this.#harts.get(block)!;
    const mapped = new MappedCode({ code, view: this.#view, block, fastTlb: hart.fastTlb }, pc);
    const entry = Number(pc & 0xfffn);
    const finder = new RegionFinder(
      {
        code: mapped,
        handlers: this.#options.handlers,
        targets: this.#targetsOf(mapped),
        alignedTargets: this.#options.alignedTargets,
      },
      entry,
    );
    const region = finder.find();
    if (region === undefined || mapped.opPage(0) + (entry << opShift) !== op) {
      // never again, or nearly so
      this.#view.setInt32(counter, -0x4000_0000, true);
      return;
    }
    this.#makeRoom();
    const { module, names } = this.#emit(region, mapped, hart);
    const emitted = performance.now();
    const fn = this.#compile(module, names);
    this.#install(region, mapped, op, fn, module.length);
    const { statistics } = this;
    statistics.emitMs += emitted - started;
    statistics.compileMs += performance.now() - emitted;
    statistics.regions++;
    statistics.instructions += region.instructions;
    statistics.wasmBytes += module.length;
  }

  /** Where indirect jumps went, from the ring of the last ones. */
  #targetsOf(mapped: MappedCode): (offset: number) => readonly number[] {
    const { ring, ringEntries } = translatorLayout;
    const byOp = new Map<number, number[]>();
    for (let n = 0; n < ringEntries; n++) {
      const op = this.#view.getInt32(ring + 16 * n, true);
      if (op === 0) continue;
      const target = mapped.offsetOf(this.#view.getBigInt64(ring + 16 * n + 8, true));
      if (target === undefined || (target & 1) !== 0) continue;
      const known = byOp.get(op);
      if (known === undefined) byOp.set(op, [target]);
      else if (!known.includes(target)) known.push(target);
    }
    return (offset) => byOp.get(mapped.opPage(offset >> 12) + ((offset & 0xfff) << opShift)) ?? [];
  }

  #emit(region: Region, mapped: MappedCode, hart: TranslatedHart) {
    const { handlers, alignedTargets } = this.#options;
    const module = new ModuleBuilder();
    const names = sharedNames(region, handlers);
    const numbers = new Map(names.map((name) => [name, module.importFunction(name, signatureOf(name))]));
    const { body } = module.addFunction(regionSignature, "region");
    emitRegion(body, {
      region,
      handlers,
      fastTlb: hart.fastTlb,
      alignedTargets,
      opPage: (page) => mapped.opPage(page),
      jumpTable: (entries) => this.#jumpTables.make(entries),
      shared: (name) => {
        const number = numbers.get(name);
        if (number === undefined) throw new Error(`a region's instruction calls ${name}, which its effects do not say`);
        return number;
      },
    });
    return { module: module.build(), names };
  }

  #compile(bytes: Uint8Array<ArrayBuffer>, names: readonly FunctionName[]): unknown {
    const { memory } = this.#options.physical;
    const env: WebAssembly.ModuleImports = { memory };
    if (names.length > 0) {
      this.#shared ??= sharedFunctions(memory, (block, operation, rm) =>
        this.#harts.get(block)!.floatSlow(operation, rm),
      );
      for (const name of names) env[name] = this.#shared[name];
    }
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
    return instance.exports.region;
  }

  #install(region: Region, mapped: MappedCode, op: number, fn: unknown, length: number): void {
    const number = this.#freeNumbers.pop() ?? this.#numbers++;
    if (number >= this.table.length) this.table.grow(tableStep);
    this.table.set(number, fn);
    const halfwords = new Set<number>();
    for (const { instructions } of region.blocks) {
      for (const { offset, decoded } of instructions) {
        for (let at = 0; at < decoded.length; at += 2) halfwords.add(mapped.physical(offset + at));
      }
    }
    const installed = { number, op, halfwords, bytes: length * hostBytesPerByte };
    this.#heldBytes += installed.bytes;
    this.#regions.set(number, installed);
    for (const pa of halfwords) {
      const page = Math.floor(pa / 4096);
      const held = this.#byPage.get(page);
      if (held === undefined) this.#byPage.set(page, new Set([installed]));
      else held.add(installed);
    }
    this.#writeEntry(op, number);
  }

  /** Keeps the op of a region's entry in its record, and puts the call in its place. */
  #writeEntry(op: number, number: number): void {
    const { code, physical } = this.#options;
    const view = this.#view;
    code.standAlone(op);
    const record = recordOf(number);
    physical.bytes.copyWithin(record + recordLayout.op, op, op + opBytes);
    for (const sentinel of [recordLayout.sentinel2, recordLayout.sentinel4]) {
      view.setUint8(record + sentinel, EngineOp.sentinel);
    }
    view.setUint32(record + recordLayout.bits, code.bitsAt(op), true);
    view.setUint8(op, EngineOp.region);
    view.setInt32(op + 4, number, true);
  }

  /** The bits of the instruction that a record's op stands for; undefined for ops that are elsewhere. */
  static bitsOf(view: DataView, op: number): number | undefined {
    const { records, recordCount } = translatorLayout;
    if (op < records || op >= records + recordCount * recordLayout.bytes) return undefined;
    return view.getUint32(op - recordLayout.op + recordLayout.bits, true);
  }

  /** Bytes of RAM were written: regions with code there go. */
  overwritten(pa: number, size: number): void {
    const last = pa + size - 1;
    for (let page = Math.floor(pa / 4096); page <= Math.floor(last / 4096); page++) {
      const held = this.#byPage.get(page);
      if (held === undefined) continue;
      for (const region of held) {
        for (let at = pa - (pa % 2); at <= last; at += 2) {
          if (!region.halfwords.has(at)) continue;
          this.#drop(region);
          break;
        }
      }
    }
  }

  /** Drops all regions: the ops have gone. */
  dropAll(): void {
    for (const region of this.#regions.values()) this.#drop(region);
    this.#jumpTables.clear();
  }

  #drop(region: Installed): void {
    const { number, op, halfwords, bytes } = region;
    if (!this.#regions.delete(number)) return;
    this.statistics.dropped++;
    this.#heldBytes -= bytes;
    this.table.set(number, null);
    this.#freeNumbers.push(number);
    for (const pa of halfwords) this.#byPage.get(Math.floor(pa / 4096))?.delete(region);
    const isEntry = this.#view.getUint8(op) === EngineOp.region && this.#view.getInt32(op + 4, true) === number;
    if (isEntry) this.#options.physical.bytes.copyWithin(op, recordOf(number), recordOf(number) + opBytes);
  }

  /** Drops the oldest regions until there is room for one more. */
  #makeRoom(): void {
    const full = () => this.#heldBytes > this.#options.cacheBytes || this.#regions.size >= translatorLayout.recordCount;
    for (const region of this.#regions.values()) {
      if (!full()) return;
      this.#drop(region);
    }
  }
}

function recordOf(number: number): number {
  return translatorLayout.records + number * recordLayout.bytes;
}

/** The functions that a region's instructions call. */
function sharedNames(region: Region, handlers: HandlerTable): FunctionName[] {
  const names = new Set<FunctionName>();
  for (const { instructions } of region.blocks) {
    for (const { decoded } of instructions) {
      const { arithmetic, pure } = handlers.effects(decoded.def);
      if (arithmetic !== undefined) names.add(`${arithmetic.op}.${arithmetic.format}`);
      if (pure !== undefined) names.add(pure);
    }
  }
  return [...names];
}
