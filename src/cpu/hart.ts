import type { Isa } from "../isa/index.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import { Mmu, Pmp } from "../mmu/index.ts";
import type { CodeCache } from "./codeCache.ts";
import { ContextTable } from "./contextTable.ts";
import { type CounterEvent, hpmEvents } from "./csr/counter.ts";
import { CsrFile } from "./csr/file.ts";
import type { HartClock, HartOptions } from "./hartOptions.ts";
import { misalignedTarget, systemOps } from "./interpreter/functions.ts";
import { EngineOp } from "./interpreter/opFormat.ts";
import type { InterpreterOptions } from "./interpreter/options.ts";
import { interpreterModule } from "./interpreter/prepared.ts";
import { pendingInterrupt, wakes } from "./interrupts.ts";
import { hartLayout } from "./layout.ts";
import { MemoryInstructions } from "./memoryInstructions.ts";
import { dataPrivilege, translationRegime } from "./regime.ts";
import { Access, MemorySlowPaths } from "./slowPaths.ts";
import { HartState, type TrapRecord } from "./state.ts";
import { executeSystem, type MemorylessOp, type SystemContext, type SystemOperands } from "./system.ts";
import { exitReasons } from "./translator/layout.ts";
import { bitsOfRecord } from "./translator/regionTable.ts";
import type { Translator } from "./translator/translator.ts";
import { takeException, takeInterrupt } from "./trap.ts";
import { TrapHistory } from "./trapHistory.ts";

/** Whoever looks on while a hart executes. One instruction at a time is a slow way to run: some millions a second. */
export interface Watcher {
  /** The instruction at pc is about to be executed, or to trap. */
  before(hart: Hart): void;
  /** It has been executed, or has trapped: `onTrap` was called in between. */
  after(hart: Hart): void;
}

/** Exceptions without a retired instruction between them, after which a hart is said to be stuck. */
const stuckAfter = 10_000;

/**
 * One hart: its state, CSRs and MMU, and the interpreter generated for it. It knows no devices and no other harts.
 */
export class Hart {
  readonly id: number;
  readonly isa: Isa;
  readonly state: HartState;
  readonly csrs: CsrFile;
  readonly mmu: Mmu;
  readonly physical: PhysicalMemory;
  readonly code: CodeCache;
  /** What its interpreter was made for. */
  readonly interpreter: InterpreterOptions;
  /** Instructions begun, and cycles spent waiting, since the start; between runs exact. */
  cycles = 0;
  /** Of those, the ones that waited. */
  idleCycles = 0;
  /** How often it has executed `fence.i`. */
  codeFences = 0;
  /** In wfi, until an interrupt is pending. */
  waiting = false;
  /** Set when the hart takes the same exception over and over, without executing anything. */
  stuck = false;
  /** Told of each instruction. The same run has the same turns with and without. */
  watcher: Watcher | undefined;
  readonly #clock: HartClock;
  readonly #run: (fuel: number) => number;
  readonly #words: Int32Array;
  readonly #slow: MemorySlowPaths;
  readonly #memoryInstructions: MemoryInstructions;
  readonly #systemContext: SystemContext;
  readonly #translator: Translator | undefined;
  readonly #traps: TrapHistory;
  readonly #contexts: ContextTable;
  /** Fuel given to the generated code that is running; 0 between runs. */
  #given = 0;
  #running = false;

  constructor(options: HartOptions) {
    const { id, isa, physical, code, block, clock } = options;
    this.id = id;
    this.isa = isa;
    this.physical = physical;
    this.code = code;
    this.#clock = clock;
    this.state = new HartState(physical.memory, block);
    this.#words = new Int32Array(physical.memory.buffer, block, 1024);
    this.#traps = new TrapHistory(this.state, (fuel) => this.#cyclesAt(fuel) - this.idleCycles - this.#traps.total);
    this.#contexts = new ContextTable(this.state);
    const pmp = new Pmp();
    this.mmu = new Mmu({
      memory: physical,
      pmp,
      geometry: options.geometry,
      replaces: options.replaces?.mmu,
      fast: { base: options.fastTlb, ...(options.fastLayout && { layout: options.fastLayout }) },
      features: { svnapot: isa.has("svnapot"), svpbmt: isa.has("svpbmt"), svadu: isa.has("svadu") },
      isCodePage: (ppn) => physical.isWatched(ppn),
    });
    this.mmu.fast.onRecycle = (address) => this.#contexts.forget(address);
    this.csrs = new CsrFile(this.state, {
      isa,
      hartId: id,
      counters: {
        cycles: () => BigInt(this.#now()),
        instructionsRetired: () => BigInt(this.retired),
        time: () => clock.timeAt(this.#now()),
      },
      pmp,
      events: this.#tlbEvents(),
      effects: {
        contextChanged: () => this.chooseContexts(),
        // The MMU hears of it from the PMP registers themselves.
        pmpChanged: () => {},
        interruptsChanged: () => this.#interruptsChanged(),
        timerChanged: () => this.requestStop(),
      },
    });
    this.timeChanged();
    this.#slow = new MemorySlowPaths(this);
    this.#memoryInstructions = new MemoryInstructions(this);
    this.#systemContext = {
      state: this.state,
      csrs: this.csrs,
      fences: { fence: (va, asid) => this.#fence(va, asid) },
      // Overwritten ops are dropped when they are overwritten: only what was deferred is left to do.
      fenceInstructions: () => {
        this.codeFences++;
        this.code.settle();
      },
    };
    this.interpreter = {
      isa,
      handlers: options.handlers,
      hart: block,
      fastTlb: this.mmu.fast.layout,
      countAccesses: options.countAccesses,
      alignedTargets: !isa.has("zca"),
      hotAfter: options.translator?.hotAfter ?? 0,
    };
    this.#translator = options.translator;
    this.#translator?.addHart({
      block,
      fastTlb: this.mmu.fast.layout,
      floatSlow: (operation, rm) => this.#slow.floatSlow(operation, rm),
      contextSlow: () => this.chooseContexts(),
    });
    const regions = this.#translator?.table;
    const imports = { memory: physical.memory, ...(regions && { regions }), ...this.#slow.imports() };
    const instance = new WebAssembly.Instance(interpreterModule(this.interpreter, isa), { env: imports });
    this.#run = instance.exports.run as (fuel: number) => number;
    this.state.onTrap = (trap) => this.#countTrap(trap);
    this.chooseContexts();
  }

  /** What mhpmevent can select: misses of the architectural TLB. */
  #tlbEvents(): CounterEvent[] {
    const misses = (access: number) => () => BigInt(this.mmu.missesBy[access]);
    return [
      { id: hpmEvents.loadTlbMiss, count: misses(Access.load) },
      { id: hpmEvents.storeTlbMiss, count: misses(Access.store) },
      { id: hpmEvents.fetchTlbMiss, count: misses(Access.fetch) },
    ];
  }

  /** Instructions retired since the start. Exact between runs and inside slow paths. */
  get retired(): number {
    return this.#now() - this.idleCycles - this.#traps.total;
  }

  /** Exceptions and interrupts taken, by cause. */
  get exceptions(): readonly number[] {
    return this.#traps.exceptions;
  }

  get interrupts(): readonly number[] {
    return this.#traps.interrupts;
  }

  /** The last trap, and the first of the exceptions in a row, with nothing executed in between, that it belongs to. */
  get lastTrap(): TrapRecord | undefined {
    return this.#traps.last;
  }

  get firstOfRow(): TrapRecord | undefined {
    return this.#traps.firstOfRow;
  }

  /** Whoever wants to hear of each trap. */
  get onTrap(): ((trap: TrapRecord) => void) | undefined {
    return this.#traps.observer;
  }

  set onTrap(observer: ((trap: TrapRecord) => void) | undefined) {
    this.#traps.observer = observer;
  }

  /** Leaves every system instruction to TypeScript, none to generated code: for those who want to see that both do the same. */
  set watchesInstructions(on: boolean) {
    this.#traps.watch("instructions", on);
  }

  /** Loads and stores executed, when the hart counts accesses. */
  get accesses(): { loads: bigint; stores: bigint } {
    const at = (offset: number) => this.physical.view.getBigUint64(this.state.base + offset, true);
    return { loads: at(hartLayout.loads), stores: at(hartLayout.stores) };
  }

  /** Instructions executed in translated regions, and why control left them: counts by `exitReasons`. */
  get translation(): { instructions: number; exits: number[] } {
    const count = (at: number) => Number(this.physical.view.getBigUint64(this.state.base + at, true));
    return {
      instructions: count(hartLayout.translated),
      exits: exitReasons.map((_, n) => count(hartLayout.regionExits + 8 * n)),
    };
  }

  /** Cycles before the instruction at hand. */
  #now(): number {
    return this.#cyclesAt(this.#words[hartLayout.fuel >> 2]);
  }

  /** Cycles before the instruction that left so much fuel; between runs, all that there were. */
  #cyclesAt(fuel: number): number {
    return this.#running ? this.cycles + this.#given - fuel - 1 : this.cycles;
  }

  /** Cycles before the instruction at hand, also while it runs; and the `time` counter then. */
  get cyclesNow(): number {
    return this.#now();
  }

  get time(): bigint {
    return this.#clock.timeAt(this.#now());
  }

  /** The cycle count at which stimecmp or a counter's overflow is due, Infinity if never; in the past if it was. */
  nextDeadline(cyclesAt: (time: bigint) => number): number {
    const timer = this.csrs.timerDeadline();
    const overflow = this.csrs.nextOverflow();
    const timerAt = timer === undefined || (this.state.pending & (1 << 5)) !== 0 ? Infinity : cyclesAt(timer);
    return Math.min(timerAt, overflow === undefined ? Infinity : this.cycles + Number(overflow));
  }

  /** Another hart has its turn: whatever was reserved is not any more. */
  endTurn(): void {
    this.physical.view.setFloat64(this.state.base + hartLayout.reservation, 0, true);
  }

  /** Whether {@link requestStop} was called since the run began. */
  get stopping(): boolean {
    return this.#words[hartLayout.stop >> 2] !== 0;
  }

  /** Makes the run end after the instruction at hand. */
  requestStop(): void {
    this.#words[hartLayout.stop >> 2] = 1;
  }

  /** Executes up to `fuel` instructions; fewer if somebody asks to stop. */
  run(fuel: number): void {
    const { watcher } = this;
    if (watcher === undefined) {
      this.#execute(fuel);
      return;
    }
    for (let left = fuel; left > 0; left--) {
      watcher.before(this);
      this.#execute(1);
      watcher.after(this);
      if (this.stopping) return;
    }
  }

  #execute(fuel: number): void {
    this.code.settle();
    this.#words[hartLayout.stop >> 2] = 0;
    this.#given = fuel;
    this.#words[hartLayout.fuel >> 2] = fuel;
    this.physical.view.setFloat64(this.state.base + hartLayout.timeEnd, this.cycles + fuel, true);
    this.#traps.begin(fuel);
    this.#running = true;
    try {
      const left = this.#run(fuel);
      this.catchUp();
      this.#traps.hear();
      this.cycles += fuel - left;
      this.#translator?.executed(fuel - left);
    } finally {
      this.#running = false;
    }
  }

  /** The clock was set: generated code hears of it. */
  timeChanged(): void {
    const { view } = this.physical;
    const { cyclesPerTick = 0, offset = 0n } = this.#clock.steady ?? {};
    view.setBigInt64(this.state.base + hartLayout.cyclesPerTick, BigInt(cyclesPerTick), true);
    view.setBigInt64(this.state.base + hartLayout.timeOffset, offset, true);
  }

  /** Waits until a cycle count. */
  idleUntil(cycles: number): void {
    this.idleCycles += cycles - this.cycles;
    this.cycles = cycles;
  }

  /** Brings timers and overflow interrupts up to date, ends a wait, and takes an interrupt that is due. */
  checkInterrupts(): void {
    this.csrs.updateTimer();
    if (this.isa.has("sscofpmf")) this.csrs.checkOverflow();
    if (this.waiting && wakes(this.state)) this.waiting = false;
    const due = pendingInterrupt(this.state);
    if (due === undefined) return;
    takeInterrupt(this.state, due);
  }

  /** Takes an exception at the instruction that pc points to. */
  trap(cause: number, tval: bigint): 1 {
    takeException(this.state, cause, tval);
    return 1;
  }

  /** TypeScript took a trap. */
  #countTrap(trap: TrapRecord): void {
    this.#traps.add(trap);
    if (!trap.interrupt && this.#traps.row >= stuckAfter) {
      this.stuck = true;
      this.requestStop();
    }
  }

  /** Control has come to an op, at pc, as often as to a hot one. */
  hot(op: number): void {
    this.#translator?.hot(this.state.base, this.state.pc, op);
  }

  /** Executes what the generated code leaves to the hart: 0 go on with the next instruction, 1 look at pc anew. */
  system(op: number, number: number): number {
    this.catchUp();
    if (number === misalignedTarget) {
      return this.trap(0, this.physical.view.getBigUint64(this.state.base + hartLayout.value, true));
    }
    const operands = this.#operands(op);
    const name = systemOps[number];
    const outcome = this.#memoryInstructions.handles(name)
      ? this.#memoryInstructions.execute(name, operands)
      : executeSystem(name as MemorylessOp, operands, this.#systemContext);
    if (outcome === "wait") {
      this.waiting = true;
      this.requestStop();
    }
    return outcome === "next" ? 0 : 1;
  }

  #operands(op: number): SystemOperands {
    const { view } = this.physical;
    return {
      rd: ((view.getUint8(op + 1) >> 3) + 1) & 31,
      rs1: view.getUint8(op + 2) >> 3,
      rs2: view.getUint8(op + 3) >> 3,
      imm: view.getInt16(op + 4, true),
      length: view.getUint8(op) === EngineOp.cold2 ? 2 : 4,
      bits: this.#bits(op),
    };
  }

  /** The bits of the instruction that an op stands for. */
  #bits(op: number): number {
    if (this.code.isCached(op)) return this.code.bitsAt(op);
    return bitsOfRecord(this.physical.view, op) ?? this.#slow.scratchBits;
  }

  /** Puts the fast TLB contexts for privilege, mstatus, satp and menvcfg in force, and tells the MMU of these. */
  chooseContexts(): void {
    this.mmu.setRegime(translationRegime(this.state, this.state.priv, dataPrivilege(this.state)));
    this.#contexts.put(this.mmu.fetchContext, this.mmu.dataContext);
  }

  /** Before the MMU is asked anything: tells it of what generated code has changed. */
  catchUp(): void {
    if (this.#contexts.hasNews) this.chooseContexts();
  }

  #fence(va: bigint | undefined, asid: number | undefined): void {
    const kind = va === undefined ? (asid === undefined ? "all" : "asid") : asid === undefined ? "va" : "va+asid";
    this.mmu.fence(kind, va, asid);
  }

  #interruptsChanged(): void {
    if (pendingInterrupt(this.state) !== undefined || (this.waiting && wakes(this.state))) this.requestStop();
  }
}
