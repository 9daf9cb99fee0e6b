import {
  CodeCache,
  type CodeCounters,
  type HandlerTable,
  Hart,
  handlersOf,
  hartBytes,
  opPageStride,
  Translator,
} from "../cpu/index.ts";
import { Htif, type Plic, type Uart16550a } from "../devices/index.ts";
import { type Isa, parseIsa } from "../isa/index.ts";
import { PhysicalMemory, pageState } from "../memory/physical.ts";
import { fastLayout, largeFastLayout, largeTlb } from "../mmu/index.ts";
import { Board, interruptLine } from "./board.ts";
import { HostClock, type MachineClock, VirtualClock } from "./clock.ts";
import { type ElfFile, type LoadedElf, loadElf, parseElf, type SymbolTable } from "./elf/index.ts";
import { HartInspector, PcWatcher } from "./inspect.ts";
import { layOut, memoryMap, mostRamBytes, timebaseFrequency } from "./memoryMap.ts";
import type { MachineOptions, RunEnd, RunLimits } from "./options.ts";

export type { Engine, MachineOptions, RunEnd, RunLimits } from "./options.ts";

/** So many harts may each have a large fast TLB. */
const fewHarts = 4;

/** So often must control come to an instruction before it is worth translating. */
const defaultHotAfter = 3000;
/** To translate an instruction costs some 15 µs, to interpret one some 3 ns: a twentieth of the time, after the first. */
const usualAllowance = { first: 5000, perInstruction: 1e-5 };

/** Cycles that each hart executes in a turn: alone, or taking turns with others. */
const turnAlone = 200_000;
const turnShared = 5_000;
/** Alone, when somebody samples: a prime, so that loops do not fall into step with it. */
const turnSampled = 19_997;

/** A RISC-V computer: harts, RAM and devices at the addresses of QEMU's `virt` board, and the loop that runs it. */
export class Machine {
  readonly isa: Isa;
  readonly memory: PhysicalMemory;
  readonly harts: readonly Hart[];
  readonly clock: MachineClock;
  readonly board: Board;
  /** Told of what a guest asked for in vain: one line. */
  onWarning: (line: string) => void = () => {};
  /** Called with a hart each time that it has executed some ten thousand instructions: for a profile. */
  onSample: ((hart: Hart) => void) | undefined;
  /** The program that was loaded last. */
  program: (LoadedElf & { readonly file: ElfFile }) | undefined;
  /** What turns hot code into WebAssembly; undefined if everything is interpreted. */
  readonly translator: Translator | undefined;
  readonly #code: CodeCache;
  readonly #turn: number;
  readonly #onOutput: (bytes: Uint8Array) => void;
  #htif: Htif | undefined;
  #end: RunEnd | undefined;
  /** The hart whose instruction is being executed. */
  #current: Hart;
  /** Up to which cycle count all harts have had their turn. */
  #round = 0;

  constructor(options: MachineOptions = {}) {
    const { ramBytes = 128 << 20, harts = 1, isa = "max" } = options;
    checkRam(ramBytes);
    if (!Number.isInteger(harts) || harts < 1 || harts > 64)
      throw new RangeError(`harts must be 1 to 64, not ${harts}`);
    this.isa = typeof isa === "string" ? parseIsa(isa) : isa;
    this.#onOutput = options.onOutput ?? (() => {});
    this.clock = options.clock === "host" ? new HostClock() : new VirtualClock(options.startTime);
    this.#turn = harts === 1 ? turnAlone : turnShared;
    const fast = harts <= fewHarts ? largeFastLayout : fastLayout;
    const layout = layOut(harts, {
      hart: hartBytes,
      fastTlb: fast.totalBytes,
      code: opPageStride,
      ram: ramBytes,
    });
    for (const hart of options.replaces?.harts ?? []) hart.mmu.fast.release();
    const memory =
      options.replaces?.memory.surrender(layout.totalBytes, ramBytes) ??
      new WebAssembly.Memory({ initial: layout.totalBytes / 65536 });
    new Uint8Array(memory.buffer).fill(0, layout.hart(0), layout.hart(harts));
    this.memory = new PhysicalMemory(memory, {
      base: memoryMap.ram,
      bytes: ramBytes,
      hostBase: layout.ram,
      pageStates: layout.pageStates,
    });
    const handlers = handlersOf(this.isa);
    this.#code = new CodeCache(this.memory, layout.code, handlers, this.isa);
    const translator = this.#makeTranslator(options, handlers);
    this.translator = translator;
    const made: Hart[] = [];
    // A loop, as a function in here would keep the options, and with them the replaced machine, for ever.
    for (let id = 0; id < harts; id++) {
      const hart = new Hart({
        id,
        isa: this.isa,
        physical: this.memory,
        code: this.#code,
        handlers,
        block: layout.hart(id),
        fastTlb: layout.fastTlb(id),
        fastLayout: fast,
        geometry: options.tlb ?? largeTlb,
        replaces: options.replaces?.harts[id],
        clock: this.clock,
        countAccesses: options.countAccesses ?? false,
        translator,
      });
      made.push(hart);
    }
    this.harts = made;
    this.#current = this.harts[0];
    this.#code.onDropAll = () => this.#eachMmu((hart) => hart.mmu.fast.dropFetches());
    this.#code.onRelease = (opPage) => this.#eachMmu((hart) => hart.mmu.fast.dropFetches(opPage));
    this.#code.onCodePage = (hostPage) => this.#eachMmu((hart) => hart.mmu.fast.dropWrites(hostPage));
    this.memory.onWatchedWrite = (pa, size) => this.#watchedWrite(pa, size);
    this.board = this.#makeBoard(options);
  }

  /** Exact TLB statistics are the interpreter's alone. */
  #makeTranslator(options: MachineOptions, handlers: HandlerTable): Translator | undefined {
    if (options.engine === "interpreter" || options.countAccesses) return undefined;
    const translator = new Translator({
      physical: this.memory,
      code: this.#code,
      isa: this.isa,
      handlers,
      alignedTargets: !this.isa.has("zca"),
      hotAfter: options.hotAfter ?? defaultHotAfter,
      cacheBytes: options.codeCacheBytes ?? 256 << 20,
      exitAtAccesses: options.exitAtAccesses,
      allowance: options.hotAfter === undefined ? usualAllowance : undefined,
    });
    this.#code.translations = translator;
    return translator;
  }

  /** The console. */
  get uart(): Uart16550a {
    return this.board.uart;
  }

  get plic(): Plic {
    return this.board.plic;
  }

  #eachMmu(tell: (hart: Hart) => void): void {
    for (const hart of this.harts) tell(hart);
  }

  #makeBoard({ virtio = [], legacyVirtio = false }: MachineOptions): Board {
    return new Board({
      memory: this.memory,
      harts: this.harts.length,
      virtio,
      legacyVirtio,
      clock: {
        now: () => this.#current.time,
        set: (time: bigint) => {
          this.clock.setTime(this.#current.cyclesNow, time);
          for (const hart of this.harts) hart.timeChanged();
        },
      },
      wallClock: { now: () => this.wallTime },
      onLine: (hart, line, level) => this.harts[hart].state.setLine(line, level),
      onTimer: (hart) => this.harts[hart].requestStop(),
      onOutput: (bytes) => this.#onOutput(bytes),
      onFinish: (finish) => {
        this.end(finish.kind === "exit" ? { reason: "exit", code: finish.code } : { reason: "reset" });
      },
      onWarning: (line) => this.onWarning(line),
    });
  }

  /** Ends the run that is going on, after the instruction at hand. */
  end(end: RunEnd): void {
    this.#end ??= end;
    this.#current.requestStop();
  }

  /**
   * Loads a program, the bytes of a file or what `parseElf` has read from them, and makes all harts ready to start it.
   * `name` is for messages. Throws an ElfError that says what is wrong with the file.
   */
  loadElf(program: Uint8Array | ElfFile, name = "program"): LoadedElf {
    const file = program instanceof Uint8Array ? parseElf(program, name) : program;
    const loaded = loadElf(file, this.memory);
    this.program = { ...loaded, file };
    for (const hart of this.harts) {
      hart.state.pc = loaded.entry;
      hart.state.setX(10, BigInt(hart.id));
    }
    if (loaded.tohost !== undefined) this.#watchHost(loaded.tohost, loaded.fromhost);
    return loaded;
  }

  #watchHost(tohost: bigint, fromhost: bigint | undefined): void {
    const addresses = { tohost: Number(tohost), ...(fromhost !== undefined && { fromhost: Number(fromhost) }) };
    this.#htif = new Htif(this.memory, addresses, {
      onExit: (code) => this.end({ reason: "exit", code }),
      onOutput: (byte) => this.#onOutput(new Uint8Array([byte])),
      onUnsupported: (line) => this.onWarning(line),
    });
    for (const page of this.#htif.pages) {
      this.memory.pageState[page] |= pageState.polled;
      this.#eachMmu((hart) => hart.mmu.fast.dropWrites(this.memory.hostBase + page * 4096));
    }
  }

  #watchedWrite(pa: number, size: number): void {
    this.#code.invalidate(pa, size);
    this.#htif?.onStore(pa, size);
  }

  /** What became of decoded code. */
  get codeCounters(): Readonly<CodeCounters> {
    return this.#code.counters;
  }

  /** Instructions begun by all harts. */
  get instructions(): number {
    return this.harts.reduce((sum, hart) => sum + hart.cycles - hart.idleCycles, 0);
  }

  /**
   * Up to which cycle every hart has come, waiting included. What comes from outside while a machine on virtual time stands
   * here has the same effect in every run that is stopped here.
   */
  get cycles(): number {
    return this.#round;
  }

  /** Instructions retired by all harts. */
  get retired(): number {
    return this.harts.reduce((sum, hart) => sum + hart.retired, 0);
  }

  /** The date as the guest's clock has it: nanoseconds since 1970 in UTC. */
  get wallTime(): bigint {
    return this.clock.wallTime(this.#current.cyclesNow);
  }

  /** Runs until the guest ends, or a limit is reached. Can be called again to go on. */
  run(limits: RunLimits = {}): RunEnd {
    const { maxInstructions = Number.POSITIVE_INFINITY, timeoutMs = Number.POSITIVE_INFINITY } = limits;
    const untilCycle = limits.untilCycle ?? Number.POSITIVE_INFINITY;
    const deadline = performance.now() + timeoutMs;
    const last = this.instructions + maxInstructions;
    this.#end = undefined;
    for (;;) {
      const left = last - this.instructions;
      if (left <= 0 || this.#round >= untilCycle) return { reason: "instructions" };
      if (performance.now() > deadline) return { reason: "timeout" };
      const turn = this.onSample === undefined ? this.#turn : Math.min(this.#turn, turnSampled);
      const length = Math.min(turn, Math.ceil(left / this.harts.length), untilCycle - this.#round);
      const end = this.#takeTurns(this.#round + length);
      if (end !== undefined) return end;
      this.#htif?.poll();
      if (this.#end !== undefined) return this.#end;
      const idle = this.#skipIdle();
      if (idle !== undefined) return idle;
    }
  }

  /** Runs until a hart is about to execute the instruction at a (virtual) address. Slower than {@link run}. */
  runTo(pc: bigint, limits: RunLimits = {}): RunEnd {
    const there = this.harts.find((hart) => hart.state.pc === pc);
    if (there !== undefined) return { reason: "reached", hart: there.id };
    const watchers = this.harts.map((hart) => hart.watcher);
    for (const hart of this.harts) hart.watcher = new PcWatcher(pc, (end) => this.end(end), hart.watcher);
    try {
      return this.run(limits);
    } finally {
      this.harts.forEach((hart, id) => {
        hart.watcher = watchers[id];
      });
    }
  }

  /** A hart's registers, CSRs, translations and TLB, to read and to write. See {@link HartInspector}. */
  inspect(hart = 0): HartInspector {
    if (this.harts[hart] === undefined) throw new RangeError(`there is no hart ${hart}: ${this.harts.length} in all`);
    return new HartInspector(this.harts[hart]);
  }

  /** The symbols of the program that was loaded last, if any. */
  get symbols(): SymbolTable | undefined {
    return this.program?.file.symbols;
  }

  /** Executes exactly `count` instructions on the first hart, or fewer if the run ends. */
  step(count = 1): RunEnd {
    return this.run({ maxInstructions: count });
  }

  /** Lets every hart execute up to a cycle count. */
  #takeTurns(until: number): RunEnd | undefined {
    for (const hart of this.harts) {
      this.#current = hart;
      while (hart.cycles < until) {
        this.#advance(hart, until);
        if (!hart.waiting) this.onSample?.(hart);
        if (this.#end !== undefined) return this.#end;
        if (hart.stuck) return { reason: "stuck", hart: hart.id };
      }
      if (this.harts.length > 1) hart.endTurn();
    }
    this.#round = until;
    return undefined;
  }

  /** Lets one hart execute, or wait, until its turn ends, a timer is due or something happens. */
  #advance(hart: Hart, until: number): void {
    this.#lookAtTime(hart);
    const due = this.#deadline(hart);
    const stop = due > hart.cycles ? Math.min(until, due) : until;
    if (hart.waiting) hart.idleUntil(stop);
    else hart.run(stop - hart.cycles);
  }

  /** Raises what is due by now, and takes an interrupt. */
  #lookAtTime(hart: Hart): void {
    if (hart.id === 0 && (this.board.nanosecondsLeft ?? 1n) <= 0n) this.board.poll();
    hart.state.setLine(interruptLine.mti, this.board.clint.timerPending(hart.id));
    hart.checkInterrupts();
  }

  /** The cycle count at which one of a hart's timers fires next, or about then where time is real. */
  #deadline(hart: Hart): number {
    const { clint, nanosecondsLeft } = this.board;
    const cyclesAt = (time: bigint) => this.clock.cyclesAt(time, hart.cycles);
    const timer = clint.timerPending(hart.id) ? Number.POSITIVE_INFINITY : cyclesAt(clint.deadline(hart.id));
    // rounded up to whole ticks, one more as there is a part of one now
    const alarm =
      nanosecondsLeft === undefined ? Number.POSITIVE_INFINITY : cyclesAt(hart.time + nanosecondsLeft / 100n + 2n);
    return Math.min(timer, alarm, hart.nextDeadline(cyclesAt));
  }

  /** When all harts wait, goes to the next timer at once; where that cannot be, the run ends with what to wait for. */
  #skipIdle(): RunEnd | undefined {
    if (!this.harts.every((hart) => hart.waiting)) return undefined;
    let next = Number.POSITIVE_INFINITY;
    for (const hart of this.harts) {
      this.#current = hart;
      // Before the timers are looked at: one that comes due in between must not count as one that has fired already.
      const left = this.clock.isReal ? this.#millisecondsLeft(hart) : 0;
      this.#lookAtTime(hart);
      if (!hart.waiting) return undefined;
      next = Math.min(next, this.clock.isReal ? left : this.#deadline(hart));
    }
    if (next === Number.POSITIVE_INFINITY) return { reason: "asleep" };
    if (this.clock.isReal) return { reason: "idle", milliseconds: next };
    if (next > this.#round) {
      for (const hart of this.harts) hart.idleUntil(next);
      this.#round = next;
    }
    return undefined;
  }

  /** Real time until one of a hart's timers fires. */
  #millisecondsLeft(hart: Hart): number {
    const { clint, nanosecondsLeft } = this.board;
    const timers = [hart.csrs.timerDeadline(), clint.timerPending(hart.id) ? undefined : clint.deadline(hart.id)];
    const left = timers.map((time) => {
      const ticks = time === undefined ? -1n : time - hart.time;
      return ticks < 0n ? Number.POSITIVE_INFINITY : (Number(ticks) * 1000) / timebaseFrequency;
    });
    const alarm = nanosecondsLeft === undefined ? Number.POSITIVE_INFINITY : Number(nanosecondsLeft) / 1e6;
    return Math.max(0, Math.min(alarm, ...left));
  }
}

function checkRam(bytes: number): void {
  if (Number.isInteger(bytes) && bytes >= 4096 && bytes <= mostRamBytes && bytes % 4096 === 0) return;
  throw new RangeError(`RAM must be a multiple of 4 KiB from 4 KiB to 3 GiB, not ${bytes} bytes`);
}

/** Makes a machine. See {@link MachineOptions}. */
export function createMachine(options: MachineOptions = {}): Machine {
  return new Machine(options);
}
