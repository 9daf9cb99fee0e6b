import type { Hart } from "../cpu/index.ts";
import { type HugePagePolicy, KernelMemory } from "../kernel/index.ts";
import type { Machine } from "../machine/machine.ts";
import { type Mode, sv39 } from "../mmu/index.ts";
import { Cpu, noTrap } from "./cpu.ts";
import { LinuxError } from "./errno.ts";
import type { ProgramFile } from "./files/inode.ts";
import { Place } from "./files/place.ts";
import { type FileOptions, SystemFiles } from "./files/systemFiles.ts";
import { type FaultHandler, takePageFault } from "./memory/fault.ts";
import { UserMm } from "./memory/userMm.ts";
import { type EntryPoint, loadProgram, type ProgramStart } from "./process/exec.ts";
import { findCommand } from "./process/execute.ts";
import { Futexes } from "./process/futexes.ts";
import { type Exit, Process } from "./process/process.ts";
import { deliverSignal, forceSignal, signal } from "./process/signal.ts";
import { FaultTally } from "./process/usage.ts";
import { Random } from "./random.ts";
import { reg } from "./registers.ts";
import { Scheduler } from "./scheduler.ts";
import { Dispatcher } from "./syscalls/dispatch.ts";
import { syscalls, tableOf } from "./syscalls/table.ts";
import { Task } from "./task.ts";

/** What a supervisor is made of. */
export interface SupervisorOptions extends FileOptions {
  /** Its harts run the programs, its RAM is the programs' memory. Nothing else may run on it. */
  readonly machine: Machine;
  /** Sv39 by default. */
  readonly mode?: Mode;
  /** Of everything random that programs get. */
  readonly seed?: number;
  /** Nobody looks at memory when the first process has ended: what it had is not given back one by one. */
  readonly isForOneRun?: boolean;
  /** What is said of the programs, not by them: which one was killed for want of memory. */
  readonly onMessage?: (text: string) => void;
  /** Which memory gets huge pages at a fault; `madvise` by default. */
  readonly hugePages?: HugePagePolicy;
  /** Huge pages set aside for MAP_HUGETLB: how many, by their size in bytes. Throws a RangeError if they do not fit. */
  readonly hugetlb?: ReadonlyMap<number, number>;
  /** Bytes of swap space, in memory of the host's; none by default. */
  readonly swapBytes?: number;
  /** Hears of the programs' page faults, and may handle them itself. */
  readonly onFault?: FaultHandler;
  /** How many processes and threads there may be at a time: 4,096 by default. One more is an EAGAIN. */
  readonly maxProcesses?: number;
  /** The date at which {@link Supervisor.now} is 0, in seconds since 1970: by default the beginning of 2026. */
  readonly epoch?: number;
}

/** What a program is loaded with. */
export interface LoadOptions extends Pick<ProgramStart, "path" | "argv" | "envp"> {
  /** Opens the program's interpreter. Throws a LinuxError. */
  readonly open: (path: string) => ProgramFile;
}

/**
 * Why a run ended: the first process has ended; a limit was reached; all tasks wait, for standard input (input), for time
 * to go by where it is real (idle), or for nothing that could happen (asleep); a task takes the same exception for ever
 * (stuck); {@link Supervisor.stop} was called (stopped).
 */
export type UserEnd =
  | { readonly reason: "exit"; readonly exit: Exit }
  | { readonly reason: "instructions" | "timeout" | "asleep" | "stuck" | "stopped" }
  /** Up to so much time may pass in the world before programs go on without input: a timer of theirs. */
  | { readonly reason: "input"; readonly milliseconds: number }
  | { readonly reason: "idle"; readonly milliseconds: number };

/** When a run ends though programs could go on. */
export interface UserLimits {
  readonly maxInstructions?: number;
  /** Milliseconds of the host's time. */
  readonly timeoutMs?: number;
  /** The last run has ended for want of input, and none has come: time goes on to the next timer without it. */
  readonly withoutInput?: boolean;
}

/** Cycles of a turn: on one hart while others wait for it, and while nobody does; and on each of several harts. */
const turnAlone = 100_000;
const turnUndisturbed = 1_000_000;
const turnShared = 5_000;
/** Cycles from one sample of a profile to the next. */
const sampled = 19_997;
const firstPid = 1000;
const defaultProcesses = 4096;
const startOf2026 = Date.UTC(2026, 0, 1) / 1000;
const mostAsids = 2 ** 16;

const cause = {
  fetchMisaligned: 0,
  illegal: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  storeMisaligned: 6,
  ecall: 8,
  fetchPage: 12,
  loadPage: 13,
  storePage: 15,
} as const;
const misaligned: ReadonlySet<number> = new Set([cause.fetchMisaligned, cause.loadMisaligned, cause.storeMisaligned]);
const accessOf = { 12: "fetch", 13: "load", 15: "store" } as const;

/** Linux as its programs see it, in TypeScript: tasks on harts, their memory, and what they ask of the system. */
export class Supervisor {
  readonly machine: Machine;
  readonly memory: KernelMemory;
  readonly scheduler = new Scheduler();
  readonly dispatcher = new Dispatcher(tableOf(syscalls));
  readonly random: Random;
  readonly mode: Mode;
  readonly files: SystemFiles;
  onFault: FaultHandler | undefined;
  /** Every process that has not been waited for, and every thread that lives. */
  readonly processes = new Map<number, Process>();
  readonly tasks = new Map<number, Task>();
  /** The number of the process or thread that was made last. */
  lastPid = firstPid - 1;
  readonly futexes = new Futexes();
  /** The date at which {@link now} is 0, in seconds since 1970. */
  readonly epoch: number;
  readonly #options: SupervisorOptions;
  readonly #cpus: readonly Cpu[];
  #current: Cpu;
  /** Up to which cycle all harts have had their turn. */
  #round = 0;
  #nextAsid = 1;
  #first: Process | undefined;
  readonly #faults: FaultTally;
  #stopped = false;

  constructor(options: SupervisorOptions) {
    const { machine } = options;
    this.#options = options;
    this.machine = machine;
    this.mode = options.mode ?? sv39;
    this.random = new Random(options.seed ?? 0);
    const { hugePages, swapBytes, hugetlb = new Map<number, number>() } = options;
    const harts = machine.harts.map((hart) => hart.mmu);
    this.memory = new KernelMemory({ memory: machine.memory, harts, hugePages, swapBytes });
    for (const [size, count] of hugetlb) this.memory.fillPool(BigInt(size), count);
    this.onFault = options.onFault;
    this.#cpus = machine.harts.map((hart) => new Cpu(hart));
    this.epoch = options.epoch ?? startOf2026;
    this.#current = this.#cpus[0];
    this.#faults = new FaultTally(this.memory.events);
    this.files = new SystemFiles(this, options);
  }

  /** Says something of the programs to whoever runs them. */
  tell(text: string): void {
    this.#options.onMessage?.(text);
  }

  /** Nanoseconds since the start: one a cycle, or real ones. */
  now(): number {
    if (this.machine.clock.isReal) return Number(this.machine.clock.timeAt(0)) * 100;
    return this.#current.hart.cycles;
  }

  /**
   * Starts the first process: a program by its path in the tree, or one from elsewhere, which gets a place there. Throws a
   * LinuxError where that cannot be.
   */
  start(program: ProgramFile | string, argv: readonly string[], env: readonly string[]): Task {
    const encoder = new TextEncoder();
    const process = new Process(this.allocatePid(), undefined);
    const mm = this.createMm(process.pid);
    const place = new Place(this.files.tree.root);
    const task = new Task(this, { tid: process.pid, process, mm, files: this.files.standard(), place });
    if (typeof program !== "string") this.files.install(program);
    this.files.control(process.sid);
    const file = typeof program === "string" ? this.programFor(task, program) : program;
    const encode = (text: string) => encoder.encode(text);
    const open = (path: string) => this.programFor(task, path);
    const command = findCommand(file, file.path, argv.map(encode), open);
    const entry = this.load(mm, command.file, { path: file.path, argv: command.argv, envp: env.map(encode), open });
    this.enter(task, entry, file.path);
    this.#first = process;
    this.addTask(task);
    return task;
  }

  /** Loads a program into an empty address space. */
  load(mm: UserMm, file: ProgramFile, { open, ...rest }: LoadOptions): EntryPoint {
    const { isa } = this.machine;
    const hwcap = [..."imafdc"].reduce(
      (bits, letter) => bits | (isa.has(letter as "m") || letter === "i" ? bit(letter) : 0),
      0,
    );
    return loadProgram(mm, file, open, { ...rest, random: this.random.bytes(16), hwcap });
  }

  /** The program that a task means by a path. Throws a LinuxError. */
  programFor(task: Task, path: string): ProgramFile {
    return this.files.tree.program(task, { path });
  }

  /** The process that {@link start} began. */
  get first(): Process | undefined {
    return this.#first;
  }

  /** Throws EAGAIN where there are as many tasks as there may be, those that nobody has waited for included. */
  admitTask(): void {
    let ended = 0;
    for (const { exit } of this.processes.values()) if (exit !== undefined) ended++;
    if (this.tasks.size + ended >= (this.#options.maxProcesses ?? defaultProcesses)) throw new LinuxError("EAGAIN");
  }

  /** The hart that a task is on, by its number. */
  cpuOf(task: Task): number {
    return Math.max(
      0,
      this.#cpus.findIndex((cpu) => cpu.task === task),
    );
  }

  /** A running task lets others go first, if there are any. */
  yieldTurn(task: Task): void {
    if (!this.scheduler.hasReady) return;
    task.state = "ready";
    this.scheduler.add(task);
  }

  /** All harts execute what memory has now, as after `fence.i`. */
  flushCode(): void {
    for (const { hart } of this.#cpus) hart.code.settle();
  }

  /** A task is at the start of a program. */
  enter(task: Task, { pc, sp }: EntryPoint, path: string): void {
    task.regs.clear();
    task.regs.pc = pc;
    task.regs.setX(reg.sp, sp);
    task.comm = path.slice(path.lastIndexOf("/") + 1).slice(0, 15);
  }

  /** A number for a process or a thread. */
  allocatePid(): number {
    return ++this.lastPid;
  }

  /** An empty address space. Throws ENOMEM. */
  createMm(pid: number): UserMm {
    const asid = this.#nextAsid++;
    if (this.#nextAsid === mostAsids) {
      this.#nextAsid = 1;
      for (const { hart } of this.#cpus) hart.mmu.fence("all");
    }
    try {
      return new UserMm(`process ${pid}`, this.memory, this.mode, asid);
    } catch (error) {
      if (error instanceof RangeError) throw new LinuxError("ENOMEM");
      throw error;
    }
  }

  /** A task gives up its address space; the last one takes it apart. */
  releaseMm(mm: UserMm): void {
    if (--mm.users > 0) return;
    const isLast = this.#options.isForOneRun === true && this.#first?.threads.size === 0;
    if (isLast && !mm.sharesFiles) return;
    mm.destroy();
    for (const cpu of this.#cpus) cpu.forget(mm);
  }

  /** A task begins to be scheduled. */
  addTask(task: Task): void {
    this.tasks.set(task.tid, task);
    this.processes.set(task.process.pid, task.process);
    task.process.threads.add(task);
    this.scheduler.add(task);
  }

  /** Runs programs until the first process ends or something else is in the way. Can be called again to go on. */
  run(limits: UserLimits = {}): UserEnd {
    this.#stopped = false;
    const { maxInstructions = Number.POSITIVE_INFINITY, timeoutMs = Number.POSITIVE_INFINITY } = limits;
    const last = this.machine.instructions + maxInstructions;
    const deadline = performance.now() + timeoutMs;
    const turn = this.#cpus.length === 1 ? turnUndisturbed : turnShared;
    let waitsForInput = limits.withoutInput !== true;
    for (;;) {
      const left = last - this.machine.instructions;
      if (left <= 0) return { reason: "instructions" };
      if (performance.now() > deadline) return { reason: "timeout" };
      const until = this.#round + Math.min(turn, Math.ceil(left / this.#cpus.length));
      for (const cpu of this.#cpus) {
        this.#takeTurn(cpu, until);
        if (this.#first?.exit !== undefined) return { reason: "exit", exit: this.#first.exit };
        if (cpu.hart.stuck) return { reason: "stuck" };
        if (this.#stopped) return { reason: "stopped" };
      }
      this.#round = this.#cpus.length === 1 ? this.#current.hart.cycles : until;
      const end = this.#skipIdle(waitsForInput);
      if (end !== undefined) return end;
      waitsForInput = true;
    }
  }

  /** Ends the run that is going on, after the instruction or the system call at hand: for observers. */
  stop(): void {
    this.#stopped = true;
    this.#current.hart.requestStop();
  }

  /** The task that is on a hart, if any. */
  taskOn(hart: Hart): Task | undefined {
    return this.#cpus.find((cpu) => cpu.hart === hart)?.task;
  }

  /** One hart runs tasks up to a cycle count. */
  #takeTurn(cpu: Cpu, most: number): void {
    const { hart } = cpu;
    const { scheduler } = this;
    let until = most;
    this.#current = cpu;
    while (hart.cycles < until && this.#first?.exit === undefined && !this.#stopped) {
      if (scheduler.nextTimer <= this.now()) scheduler.fire(this.now());
      const task = this.#taskFor(cpu);
      if (task === undefined || scheduler.hasReady) until = Math.min(until, hart.cycles + turnAlone);
      const next = this.machine.clock.isReal ? until : Math.min(until, Math.max(scheduler.nextTimer, hart.cycles + 1));
      if (task === undefined) hart.idleUntil(next);
      else {
        this.#advance(cpu, task, next - hart.cycles);
        this.#faults.creditTo(task.used);
      }
    }
    if (scheduler.hasReady && cpu.task?.state === "running") {
      cpu.task.state = "ready";
      cpu.task.used.preemptions++;
      scheduler.add(cpu.task);
      cpu.task = undefined;
    }
  }

  /** The task that a hart is to run now. */
  #taskFor(cpu: Cpu): Task | undefined {
    if (cpu.task?.state === "running") return cpu.task;
    cpu.task = this.scheduler.take(this.#cpus.indexOf(cpu));
    if (cpu.task !== undefined) cpu.task.state = "running";
    return cpu.task;
  }

  /** A task goes on with what it was in: its system call, or its instructions. */
  #advance(cpu: Cpu, task: Task, fuel: number): void {
    if (task.call !== undefined) {
      this.dispatcher.again(task);
      if (task.state !== "running") return;
    }
    if (task.hasSignal) {
      deliverSignal(task);
      if (task.state !== "running") return;
    }
    const { onSample } = this.machine;
    if (onSample === undefined) cpu.run(task, fuel);
    else {
      cpu.run(task, Math.min(fuel, sampled - (cpu.hart.cycles % sampled)));
      if (cpu.hart.cycles % sampled === 0) onSample(cpu.hart);
    }
    if (cpu.cause === noTrap) return;
    if (cpu.cause === cause.ecall) this.dispatcher.begin(task);
    else this.#exception(task, cpu.cause, cpu.tval);
  }

  #exception(task: Task, number: number, tval: bigint): void {
    if (number === cause.fetchPage || number === cause.loadPage || number === cause.storePage) {
      takePageFault(task, tval, accessOf[number]);
    } else if (number === cause.illegal) forceSignal(task, signal.SIGILL, { code: 1, address: BigInt(task.regs.pc) });
    else if (number === cause.breakpoint) forceSignal(task, signal.SIGTRAP, { code: 1, address: BigInt(task.regs.pc) });
    else if (misaligned.has(number)) forceSignal(task, signal.SIGBUS, { code: 1, address: tval });
    else forceSignal(task, signal.SIGSEGV, { code: 2, address: tval });
  }

  /** Where nobody can run: time goes on to the next timer, or the run ends with what is waited for. */
  #skipIdle(waitsForInput: boolean): UserEnd | undefined {
    const { scheduler } = this;
    if (scheduler.hasReady || this.#cpus.some((cpu) => cpu.task?.state === "running")) return undefined;
    const { nextTimer } = scheduler;
    if (this.machine.clock.isReal && nextTimer < Number.POSITIVE_INFINITY) {
      const milliseconds = Math.max(0, (nextTimer - this.now()) / 1e6);
      return milliseconds === 0 ? undefined : { reason: "idle", milliseconds };
    }
    const milliseconds = Math.max(0, (nextTimer - this.#round) / 1e6);
    if (this.files.isInputAwaited && (waitsForInput || milliseconds === Number.POSITIVE_INFINITY)) {
      return { reason: "input", milliseconds };
    }
    if (nextTimer < Number.POSITIVE_INFINITY) {
      if (nextTimer <= this.#round) return undefined;
      for (const { hart } of this.#cpus) hart.idleUntil(nextTimer);
      this.#round = nextTimer;
      return undefined;
    }
    return { reason: "asleep" };
  }
}

function bit(letter: string): number {
  return 1 << (letter.charCodeAt(0) - 97);
}
