import { CodeCache, Hart, handlersOf, hartBytes, opPageStride } from "../cpu/index.ts";
import { Clint, Finisher, Htif, Plic, Uart16550a } from "../devices/index.ts";
import { type Isa, parseIsa } from "../isa/index.ts";
import { PhysicalMemory } from "../memory/physical.ts";
import { fastLayout, largeTlb, type TlbGeometry } from "../mmu/index.ts";
import { VirtualClock } from "./clock.ts";
import { type ElfFile, type LoadedElf, loadElf, parseElf, type SymbolTable } from "./elf/index.ts";
import { HartInspector, PcWatcher } from "./inspect.ts";
import { interruptSource, layOut, memoryMap, mostRamBytes } from "./memoryMap.ts";

/** What a machine is made of. Everything has a default. */
export interface MachineOptions {
  /** Bytes of RAM, a multiple of 4096 of at most 3 GiB. Default 128 MiB. */
  readonly ramBytes?: number;
  /** The instruction set: `rv64gc`, `rv64imac_zba` … Default: everything there is. */
  readonly isa?: string | Isa;
  /** How many harts, 1 to 64. */
  readonly harts?: number;
  /** The architectural TLB. */
  readonly tlb?: TlbGeometry;
  /** What the guest prints, as it prints it. */
  readonly onOutput?: (bytes: Uint8Array) => void;
  /** Count every load and store, so that TLB hits are exact; costs some speed. */
  readonly countAccesses?: boolean;
  /**
   * A machine that nobody uses any more: if the new one needs the same memory, it takes that over, cleared, which is
   * much cheaper than to get it from the system.
   */
  readonly replaces?: Machine | undefined;
}

/** When a run ends without the guest's word. */
export interface RunLimits {
  /** Instructions begun by all harts together. */
  readonly maxInstructions?: number;
  /** Milliseconds of the host's time. */
  readonly timeoutMs?: number;
}

/**
 * Why a run ended: the guest gave an exit code or asked for a reset; a limit was reached; a hart takes the same
 * exception over and over without executing anything (stuck); all harts wait and nothing can wake them (asleep); a
 * hart came to the address of {@link Machine.runTo} (reached).
 */
export type RunEnd =
  | { readonly reason: "exit"; readonly code: number }
  | { readonly reason: "reset" }
  | { readonly reason: "instructions" }
  | { readonly reason: "timeout" }
  | { readonly reason: "stuck"; readonly hart: number }
  | { readonly reason: "asleep" }
  | { readonly reason: "reached"; readonly hart: number };

/** Cycles that each hart executes in a turn: alone, or taking turns with others. */
const turnAlone = 200_000;
const turnShared = 5_000;

/** A RISC-V computer: harts, RAM and devices at the addresses of QEMU's `virt` board, and the loop that runs it. */
export class Machine {
  readonly isa: Isa;
  readonly memory: PhysicalMemory;
  readonly harts: readonly Hart[];
  readonly clock = new VirtualClock();
  readonly uart: Uart16550a;
  readonly plic: Plic;
  /** Told of what a guest asked for in vain: one line. */
  onWarning: (line: string) => void = () => {};
  /** The program that was loaded last. */
  program: (LoadedElf & { readonly file: ElfFile }) | undefined;
  readonly #clint: Clint;
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
    this.#turn = harts === 1 ? turnAlone : turnShared;
    const layout = layOut(harts, {
      hart: hartBytes,
      fastTlb: fastLayout.totalBytes,
      code: opPageStride,
      ram: ramBytes,
    });
    const memory =
      options.replaces?.memory.surrender(layout.totalBytes, ramBytes) ??
      new WebAssembly.Memory({ initial: layout.totalBytes / 65536 });
    new Uint8Array(memory.buffer).fill(0, layout.hart(0), layout.hart(harts));
    this.memory = new PhysicalMemory(memory, { base: memoryMap.ram, bytes: ramBytes, hostBase: layout.ram });
    const handlers = handlersOf(this.isa);
    this.#code = new CodeCache(this.memory, layout.code, handlers, this.isa);
    this.harts = Array.from({ length: harts }, (_, id) => {
      return new Hart({
        id,
        isa: this.isa,
        physical: this.memory,
        code: this.#code,
        handlers,
        block: layout.hart(id),
        fastTlb: layout.fastTlb(id),
        geometry: options.tlb ?? largeTlb,
        replaces: options.replaces?.harts[id],
        clock: this.clock,
        countAccesses: options.countAccesses ?? false,
      });
    });
    this.#current = this.harts[0];
    this.#code.onDropAll = () => this.#eachMmu((hart) => hart.mmu.fast.dropFetches());
    this.#code.onCodePage = (hostPage) => this.#eachMmu((hart) => hart.mmu.fast.dropWrites(hostPage));
    this.memory.onWatchedWrite = (pa, size) => this.#watchedWrite(pa, size);
    this.#clint = this.#attachClint();
    this.plic = new Plic(harts, {
      externalInterrupt: (context, level) => this.harts[context >> 1].state.setLine(context % 2 === 0 ? 11 : 9, level),
    });
    this.memory.attach(memoryMap.plic, this.plic);
    this.uart = new Uart16550a({
      onOutput: (byte) => this.#onOutput(new Uint8Array([byte])),
      onInterrupt: (level) => this.plic.setLine(interruptSource.uart, level),
    });
    this.memory.attach(memoryMap.uart, this.uart);
    const finisher = new Finisher((finish) => {
      this.end(finish.kind === "exit" ? { reason: "exit", code: finish.code } : { reason: "reset" });
    });
    this.memory.attach(memoryMap.finisher, finisher);
  }

  #eachMmu(tell: (hart: Hart) => void): void {
    for (const hart of this.harts) tell(hart);
  }

  #attachClint(): Clint {
    const clock = {
      now: () => this.#current.time,
      set: (time: bigint) => this.clock.setTime(this.#current.cyclesNow, time),
    };
    const clint = new Clint(this.harts.length, clock, {
      softwareInterrupt: (hart, level) => this.harts[hart].state.setLine(3, level),
      timerChanged: (hart) => this.harts[hart].requestStop(),
    });
    this.memory.attach(memoryMap.clint, clint);
    return clint;
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
      this.memory.watched[page] |= 2;
      this.#eachMmu((hart) => hart.mmu.fast.dropWrites(this.memory.hostBase + page * 4096));
    }
  }

  #watchedWrite(pa: number, size: number): void {
    this.#code.invalidate(pa, size);
    this.#htif?.onStore(pa, size);
  }

  /** Instructions begun by all harts. */
  get instructions(): number {
    return this.harts.reduce((sum, hart) => sum + hart.cycles - hart.idleCycles, 0);
  }

  /** Instructions retired by all harts. */
  get retired(): number {
    return this.harts.reduce((sum, hart) => sum + hart.retired, 0);
  }

  /** Runs until the guest ends, or a limit is reached. Can be called again to go on. */
  run(limits: RunLimits = {}): RunEnd {
    const { maxInstructions = Number.POSITIVE_INFINITY, timeoutMs = Number.POSITIVE_INFINITY } = limits;
    const deadline = performance.now() + timeoutMs;
    const last = this.instructions + maxInstructions;
    this.#end = undefined;
    for (;;) {
      const left = last - this.instructions;
      if (left <= 0) return { reason: "instructions" };
      if (performance.now() > deadline) return { reason: "timeout" };
      const length = Math.min(this.#turn, Math.ceil(left / this.harts.length));
      const end = this.#takeTurns(this.#round + length);
      if (end !== undefined) return end;
      this.#htif?.poll();
      if (this.#end !== undefined) return this.#end;
      if (!this.#skipIdle()) return { reason: "asleep" };
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
    hart.state.setLine(7, this.#clint.timerPending(hart.id));
    hart.checkInterrupts();
    const due = this.#deadline(hart);
    const stop = due > hart.cycles ? Math.min(until, due) : until;
    if (hart.waiting) hart.idleUntil(stop);
    else hart.run(stop - hart.cycles);
  }

  /** The cycle count at which one of a hart's timers fires next. */
  #deadline(hart: Hart): number {
    const timer = this.#clint.timerPending(hart.id)
      ? Number.POSITIVE_INFINITY
      : this.clock.cyclesAt(this.#clint.deadline(hart.id));
    return Math.min(
      timer,
      hart.nextDeadline((time) => this.clock.cyclesAt(time)),
    );
  }

  /** When all harts wait, goes to the next timer at once. False: there is none. */
  #skipIdle(): boolean {
    if (!this.harts.every((hart) => hart.waiting)) return true;
    let next = Number.POSITIVE_INFINITY;
    for (const hart of this.harts) {
      hart.checkInterrupts();
      if (!hart.waiting) return true;
      next = Math.min(next, this.#deadline(hart));
    }
    if (next === Number.POSITIVE_INFINITY) return false;
    if (next > this.#round) {
      for (const hart of this.harts) hart.idleUntil(next);
      this.#round = next;
    }
    return true;
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
