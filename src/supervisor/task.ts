import type { DescriptorTable } from "./files/descriptorTable.ts";
import type { Place } from "./files/place.ts";
import type { UserMemory } from "./memory/userMemory.ts";
import type { UserMm } from "./memory/userMm.ts";
import { rootCapabilities } from "./process/capabilities.ts";
import type { Process } from "./process/process.ts";
import { TaskSignals } from "./process/signalState.ts";
import { Usage } from "./process/usage.ts";
import { Registers } from "./registers.ts";
import type { Timer } from "./scheduler.ts";
import type { Supervisor } from "./supervisor.ts";
import type { Syscall } from "./syscalls/syscall.ts";
import type { WaitQueue } from "./waitQueue.ts";

/** A handler's answer: the task waits, and the handler is called again when it was woken. See {@link Task.block}. */
export const blocked = Number.NEGATIVE_INFINITY;
/** A handler's answer: the registers are as they are to be (exec, sigreturn), or the task has ended. */
export const done = Number.POSITIVE_INFINITY;

/**
 * What a task is about: `ready` to run, `running` on a hart, `blocked` in a system call, `stopped` by a signal, `dead`.
 */
export type TaskState = "ready" | "running" | "blocked" | "stopped" | "dead";

/** What a system call waits for. */
export interface Wait {
  /** Whoever wakes one of these wakes the task. */
  readonly on?: readonly WaitQueue[];
  /** Nanoseconds of {@link Supervisor.now} at which to wake it anyway; counted from the call's first try. */
  readonly deadline?: number | undefined;
  /**
   * What a signal handler makes of the call: EINTR always (`interrupt`), or the call again if the handler has SA_RESTART
   * (`restart`, the default); `never`: no handler runs before the call has answered. A signal without a handler has no
   * effect on the call in any case.
   */
  readonly signal?: "interrupt" | "restart" | "never" | undefined;
  /** What the call answers in place of EINTR, or of being made again: bytes that it has written so far. */
  readonly interrupted?: number | undefined;
}

/** A system call that has not answered yet. */
export interface PendingCall {
  readonly syscall: Syscall;
  deadline: number | undefined;
  onSignal: "interrupt" | "restart" | "never";
  interrupted: number | undefined;
  /** Called when a signal's handler ends the wait, before the call answers. */
  onInterrupt: (() => void) | undefined;
  /** Gives back what the call holds, when its wait ends by a signal's handler or with the task. */
  release: (() => void) | undefined;
  /** The deadline has passed. */
  timedOut: boolean;
  /** Whatever the handler wants to find again at its next try. */
  data: unknown;
}

const allHarts = (1n << 64n) - 1n;

/** What a task shares with others or has by itself. */
export interface TaskParts {
  readonly tid: number;
  readonly process: Process;
  readonly mm: UserMm;
  readonly files: DescriptorTable;
  readonly place: Place;
}

/** A thread, as Linux has it: registers, and what it shares with other threads and processes. */
export class Task {
  readonly system: Supervisor;
  /** Its number; exec gives the thread that called it the process's. */
  tid: number;
  process: Process;
  /** Its memory; {@link Supervisor.setMm} changes it. */
  mm: UserMm;
  files: DescriptorTable;
  /** Root, working directory, umask. */
  place: Place;
  readonly regs = new Registers();
  state: TaskState = "ready";
  /** The system call that it is in, while it is blocked or about to try again. */
  call: PendingCall | undefined;
  /** First argument of the system call at hand, as a signal that restarts it needs it. */
  originalA0 = 0;
  /** A signal may be deliverable: `deliverSignal` looks before it goes on in user code. */
  hasSignal = false;
  /** Where `set_tid_address` and CLONE_CHILD_CLEARTID want a zero and a futex wake when it ends; 0: nowhere. */
  clearChildTid = 0;
  /** `set_robust_list`. */
  robustList = 0;
  /** Up to 15 bytes, `PR_SET_NAME`. */
  comm = "";
  readonly signals: TaskSignals;
  /** What it has used. */
  readonly used = new Usage();
  /** Harts that it may run on: bit n is hart n. */
  affinity = allHarts;
  capabilities = rootCapabilities;
  /** SCHED_ policy, real-time priority and nice value, which change nothing. */
  policy = { number: 0, priority: 0, nice: 0 };
  /** Called once, when it does not use its memory any more because of exec or its end: vfork waits for that. */
  onRelease: (() => void) | undefined;
  #timer: Timer | undefined;
  #waiting: readonly WaitQueue[] = [];

  constructor(system: Supervisor, parts: TaskParts) {
    this.system = system;
    this.tid = parts.tid;
    this.process = parts.process;
    this.signals = new TaskSignals(parts.process.pending.budget);
    this.mm = parts.mm;
    this.files = parts.files;
    this.place = parts.place;
  }

  /** Its memory, for system calls to read and write. */
  get memory(): UserMemory {
    return this.mm.user;
  }

  /** Whether the system call at hand has waited up to its deadline. */
  get timedOut(): boolean {
    return this.call?.timedOut ?? false;
  }

  /** Makes the task wait: `return task.block({ on: [queue] })`. Only a handler may, and at once returns what this does. */
  block(wait: Wait): number {
    const call = this.call!;
    call.deadline ??= wait.deadline;
    call.onSignal = wait.signal ?? "restart";
    call.interrupted = wait.interrupted;
    this.#waiting = wait.on ?? [];
    for (const queue of this.#waiting) queue.add(this);
    this.state = "blocked";
    this.used.waits++;
    if (call.deadline !== undefined) {
      this.#timer = this.system.scheduler.setTimer(call.deadline, () => {
        call.timedOut = true;
        this.wake();
      });
    }
    return blocked;
  }

  /** Ends its wait: it tries its call again. Nothing, if it does not wait. */
  wake(): void {
    if (this.state !== "blocked") return;
    this.stopWaiting();
    this.state = "ready";
    this.system.scheduler.add(this);
  }

  /** It waits for nothing any more. */
  stopWaiting(): void {
    for (const queue of this.#waiting) queue.remove(this);
    this.#waiting = [];
    if (this.#timer !== undefined) this.system.scheduler.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
