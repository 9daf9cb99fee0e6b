import { hasFusedMadd } from "../../float/index.ts";
import type { Isa } from "../../isa/index.ts";
import type { PhysicalMemory } from "../../memory/physical.ts";
import type { FastLayout } from "../../mmu/index.ts";
import { callIndirect, i32, ModuleBuilder } from "../../wasm/index.ts";
import type { CodeCache } from "../codeCache.ts";
import { pcMask } from "../csr/file.ts";
import type { HandlerTable } from "../interpreter/handlerTable.ts";
import { EngineOp } from "../interpreter/opFormat.ts";
import { hartLayout } from "../layout.ts";
import type { FlatMemory } from "./addressPaths.ts";
import { MappedCode } from "./code.ts";
import { emitRegion, regionSignature } from "./emit.ts";
import { JumpTables } from "./jumpTables.ts";
import { coldShift, translatorLayout } from "./layout.ts";
import type { Region } from "./region.ts";
import { findRegion } from "./regionFinder.ts";
import { type Installed, RegionTable } from "./regionTable.ts";
import { placeOf, sharedFunctions, signatureOf } from "./sharedFunctions.ts";
import { JumpTargets } from "./targets.ts";

/** What a translator works on: one machine's code, for all its harts. */
export interface TranslatorOptions {
  readonly physical: PhysicalMemory;
  readonly code: CodeCache;
  readonly isa: Isa;
  readonly handlers: HandlerTable;
  readonly alignedTargets: boolean;
  /** How often a jump must come to an instruction before it is translated. */
  readonly hotAfter: number;
  /** Bytes of translated code to keep, as an estimate of what the host makes of it. */
  readonly cacheBytes: number;
  /** Translate so much at most, in guest instructions, in relation to what is executed: where left out, all that is hot. */
  readonly allowance?: { readonly first: number; readonly perInstruction: number } | undefined;
  /** Leave regions before every access to memory; for tests. */
  readonly exitAtAccesses?: boolean | undefined;
}

/** A hart as the translator knows it. */
export interface TranslatedHart {
  /** Address of its block. */
  readonly block: number;
  readonly fastTlb: FastLayout;
  /** The exact slow path of floating point, on the operands in the block. */
  floatSlow(operation: number, rm: number): void;
  /** Puts the fast TLB contexts for privilege, mstatus and satp in force. */
  contextSlow(): void;
}

/** What the translator has done so far. */
export interface TranslatorStatistics {
  regions: number;
  dropped: number;
  /** Of the dropped: those that were made again because an indirect jump went somewhere new. */
  outgrown: number;
  modules: number;
  instructions: number;
  wasmBytes: number;
  /** Milliseconds to find and emit, and to compile. */
  emitMs: number;
  compileMs: number;
}

/** Host code for a byte of WebAssembly: baseline and optimised. An estimate. */
const hostBytesPerByte = 12;
/** A count of arrivals that does not become hot soon. */
const never = -0x4000_0000;
/**
 * So many regions make a module at once; fewer when so many instructions for each arrival that makes code hot have been
 * executed since the first, the more the more modules there are: a module costs almost a millisecond, and code that gets
 * hot late gains little by haste.
 */
const batchRegions = 8;
const batchAge = 64;
const batchAgePerModule = 32;
/** How many times as hot code must be that a region has already. */
const coveredFactor = 16;
/** So often is a region made again for new targets of its jumps. */
const mostRebuilds = 8;

/** Regions that wait for their module. */
interface Batch {
  readonly module: ModuleBuilder;
  readonly regions: { readonly installed: Installed; readonly name: string }[];
  usesShared: boolean;
  age: number;
}

/**
 * Turns hot code into WebAssembly functions. An op at a region's entry becomes one that calls it; what the op was is kept
 * in the region's record. Regions go when a byte of their code is overwritten, or when there are too many.
 */
export class Translator {
  readonly hotAfter: number;
  readonly statistics: TranslatorStatistics = {
    regions: 0,
    dropped: 0,
    outgrown: 0,
    modules: 0,
    instructions: 0,
    wasmBytes: 0,
    emitMs: 0,
    compileMs: 0,
  };
  readonly #options: TranslatorOptions;
  readonly #view: DataView;
  readonly #regions: RegionTable;
  readonly #jumpTables: JumpTables;
  readonly #targets: JumpTargets;
  readonly #harts = new Map<number, TranslatedHart>();
  /** Ops that were hot once while a region covered them. */
  readonly #warned = new Set<number>();
  readonly #rebuilds = new Map<number, number>();
  /** Ops at which regions made for flat memory were to begin where it is not flat: those are made for any. */
  readonly #misfits = new Set<number>();
  #shared: WebAssembly.Table | undefined;
  #batch: Batch | undefined;
  /** Instructions executed by all harts. */
  #executed = 0;

  constructor(options: TranslatorOptions) {
    const { physical, code } = options;
    this.#options = options;
    this.hotAfter = options.hotAfter;
    this.#view = physical.view;
    this.#regions = new RegionTable(physical, code);
    this.#regions.onDrop = (region) => {
      this.statistics.dropped++;
      this.#setCount(region.op, 0);
    };
    this.#jumpTables = new JumpTables(physical.memory);
    this.#targets = new JumpTargets(physical.memory);
    const { counters, counterCount } = translatorLayout;
    physical.bytes.fill(0, counters, counters + 4 * counterCount);
    this.#view.setInt32(translatorLayout.misfit, 0, true);
  }

  /** The regions' functions, by number: what the interpreter calls. */
  get table(): WebAssembly.Table {
    return this.#regions.functions;
  }

  /** Makes a hart known. */
  addHart(hart: TranslatedHart): void {
    this.#harts.set(hart.block, hart);
  }

  /** Translates what begins at an op that a hart has come to often, at `pc`. */
  hot(block: number, pc: bigint, op: number): void {
    const { code } = this.#options;
    this.#setCount(op, never);
    if (!code.isCached(op)) return;
    code.decodeAt(op);
    const handler = this.#view.getUint8(op);
    if (handler === EngineOp.region || handler === EngineOp.straddle) return;
    if (this.#isCoveredLately(op)) return;
    if (!this.#isAllowed()) {
      this.#setCount(op, 0);
      return;
    }
    const started = performance.now();
    if (this.#outgrow(op)) {
      this.#setCount(op, this.hotAfter >> coldShift);
      return;
    }
    this.#targets.update((jump) => this.#outgrow(jump));
    const hart = this.#harts.get(block)!;
    const mapped = new MappedCode({ code, view: this.#view, block, fastTlb: hart.fastTlb }, pc);
    const region = this.#find(mapped, Number(pc & 0xfffn));
    if (region !== undefined && mapped.op(Number(pc & 0xfffn)) === op) this.#emit(region, mapped, hart, op);
    this.statistics.emitMs += performance.now() - started;
    if ((this.#batch?.regions.length ?? 0) >= batchRegions || this.hotAfter === 1) this.#compile();
  }

  /** Whether what was translated so far is little enough beside what was executed: wide code pays more than it gains. */
  #isAllowed(): boolean {
    const { allowance } = this.#options;
    if (allowance === undefined) return true;
    return this.statistics.instructions < allowance.first + this.#executed * allowance.perInstruction;
  }

  /** A hart has executed so many instructions, and none at the moment: what has waited long enough becomes usable. */
  executed(instructions: number): void {
    this.#executed += instructions;
    this.#dropMisfit();
    const batch = this.#batch;
    if (batch === undefined) return;
    batch.age += instructions;
    const longest = this.hotAfter * (batchAge + batchAgePerModule * this.statistics.modules);
    if (batch.age >= longest) this.#compile();
  }

  /** A region that is made for flat memory was to begin where it is not flat: it is made again, for any. */
  #dropMisfit(): void {
    const op = this.#view.getInt32(translatorLayout.misfit, true);
    if (op === 0) return;
    this.#view.setInt32(translatorLayout.misfit, 0, true);
    const region = this.#regions.at(op);
    if (region === undefined) return;
    this.#misfits.add(op);
    this.#regions.drop(region);
    this.#setCount(op, this.hotAfter - Math.min(this.hotAfter, 32));
  }

  /** RAM, if addresses of data are physical for a hart as it is, and all of RAM may be accessed. */
  #flatMemory({ block, fastTlb }: TranslatedHart): FlatMemory | undefined {
    const { ramBase, ramBytes, hostBase, pageStates } = this.#options.physical;
    const context = this.#view.getUint32(block + hartLayout.dataContext, true);
    const isFlat = this.#view.getInt32(context + fastTlb.flat, true) !== 0;
    return isFlat && pageStates !== undefined ? { ramBase, ramBytes, hostBase, pageStates } : undefined;
  }

  /**
   * Whether a region has the op's code already, and it is hot for the first time since: exits for reasons that pass make
   * what is inside a region look hot. If so, it must become much hotter.
   */
  #isCoveredLately(op: number): boolean {
    if (this.hotAfter === 1 || !this.#regions.covers(this.#options.code.physicalOf(op))) return false;
    if (this.#warned.delete(op)) return false;
    this.#warned.add(op);
    this.#setCount(op, this.hotAfter * (1 - coveredFactor));
    return true;
  }

  #setCount(op: number, count: number): void {
    this.#view.setInt32(counterOf(op), count, true);
  }

  #countOf(op: number): number {
    return this.#view.getInt32(counterOf(op), true);
  }

  /**
   * An indirect jump went somewhere new, or what was cold is so no more: the regions that did not know of it are made
   * again. Returns whether there are such.
   */
  #outgrow(op: number): boolean {
    let isOutgrown = false;
    for (const region of this.#regions.guessing(op)) {
      const rebuilds = this.#rebuilds.get(region.op) ?? 0;
      if (rebuilds >= mostRebuilds) continue;
      this.#rebuilds.set(region.op, rebuilds + 1);
      this.#regions.drop(region);
      this.statistics.outgrown++;
      this.#setCount(region.op, this.hotAfter - Math.min(this.hotAfter, 32));
      isOutgrown = true;
    }
    return isOutgrown;
  }

  #find(mapped: MappedCode, entry: number): Region | undefined {
    const { handlers, alignedTargets } = this.#options;
    const targets = (offset: number) => this.#targets.at(mapped, offset);
    const isCold = (offset: number) => mapped.opPage(offset >> 12) !== 0 && this.#isCold(mapped.op(offset));
    return findRegion({ code: mapped, handlers, targets, isCold, alignedTargets }, entry);
  }

  /** Whether control has come to an op by jumps so seldom that code which leads there is better without it. */
  #isCold(op: number): boolean {
    const count = this.#countOf(op);
    return count >= 0 && count < this.hotAfter >> coldShift;
  }

  /** Writes a region's function into the module that is being made. */
  #emit(region: Region, mapped: MappedCode, hart: TranslatedHart, op: number): void {
    const { isa, handlers, alignedTargets, cacheBytes, exitAtAccesses } = this.#options;
    const memory = this.#flatMemory(hart);
    this.#batch ??= { module: new ModuleBuilder(), regions: [], usesShared: false, age: 0 };
    const batch = this.#batch;
    const name = `r${batch.regions.length}`;
    const { body } = batch.module.addFunction(regionSignature, name);
    emitRegion(body, {
      region,
      handlers,
      fastTlb: hart.fastTlb,
      flat: memory !== undefined && !this.#misfits.has(op) ? { memory, op } : undefined,
      alignedTargets,
      hasFusedMadd: hasFusedMadd(),
      pcMask: pcMask(isa),
      exitAtAccesses: exitAtAccesses ?? false,
      opPage: (page) => mapped.opPage(page),
      jumpTable: (entries) => this.#jumpTables.make(entries),
      callShared: (shared, ...args) => {
        batch.usesShared = true;
        const signature = signatureOf(shared);
        return callIndirect(signature.results[0], batch.module.typeOf(signature), i32.const(placeOf(shared)), ...args);
      },
    });
    this.#regions.makeRoom(cacheBytes);
    const installed = this.#regions.add(region, mapped, op, body.length * hostBytesPerByte);
    batch.regions.push({ installed, name });
    this.statistics.regions++;
    this.statistics.instructions += region.instructions;
  }

  /** Makes the module, and opens its regions. */
  #compile(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    const started = performance.now();
    const { memory } = this.#options.physical;
    if (batch.usesShared) batch.module.importTable("shared");
    const bytes = batch.module.build();
    const env = { memory, ...(batch.usesShared && { shared: this.#sharedFunctions() }) };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
    for (const { installed, name } of batch.regions) this.#regions.open(installed, exports[name]);
    this.statistics.modules++;
    this.statistics.wasmBytes += bytes.length;
    this.statistics.compileMs += performance.now() - started;
  }

  #sharedFunctions(): WebAssembly.Table {
    const { physical, isa } = this.#options;
    this.#shared ??= sharedFunctions(physical.memory, isa, {
      floatSlow: (block, operation, rm) => this.#harts.get(block)!.floatSlow(operation, rm),
      contextSlow: (block) => this.#harts.get(block)!.contextSlow(),
    });
    return this.#shared;
  }

  /** Bytes of RAM were written: regions made from them go. */
  overwritten(pa: number, size: number): void {
    this.#regions.overwritten(pa, size);
  }

  /** Drops all regions: the ops have gone. */
  dropAll(): void {
    this.#regions.dropAll();
    this.#jumpTables.clear();
    this.#targets.clear();
    this.#rebuilds.clear();
    this.#warned.clear();
    this.#misfits.clear();
    this.#view.setInt32(translatorLayout.misfit, 0, true);
  }
}

/** Where the arrivals at an op are counted. */
function counterOf(op: number): number {
  const { counters, counterCount } = translatorLayout;
  return counters + ((op >>> 1) & ((counterCount - 1) << 2));
}
