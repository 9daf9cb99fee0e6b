import { errno, LinuxError } from "../errno.ts";
import type { Exit } from "../process/process.ts";
import { changeBlocked } from "../process/send.ts";
import { deliverSignal } from "../process/signal.ts";
import type { SignalInfo } from "../process/signalInfo.ts";
import { bitOf, signal } from "../process/signalNumber.ts";
import { reg } from "../registers.ts";
import { blocked, done, type Task } from "../task.ts";
import type { Syscall } from "./syscall.ts";

/**
 * Hears of each system call: before it is tried first, and with its answer; `done`: it has none, as the task has ended or
 * goes on elsewhere; {@link restarted}: it will be made again after a signal's handler.
 */
export interface SyscallObserver {
  onCall?(task: Task, call: Syscall | undefined, number: number): void;
  onAnswer?(task: Task, call: Syscall | undefined, number: number, answer: number): void;
  /** A signal is delivered. */
  onSignal?(task: Task, info: SignalInfo): void;
  /** A thread has ended. */
  onEnd?(task: Task, exit: Exit): void;
}

/** ERESTARTSYS, which programs never see. */
export const restarted = -512;

const a0 = 2 * reg.a0;
const a7 = 2 * reg.a7;
const two32 = 2 ** 32;

/** Carries out system calls: registers in, an answer out. */
export class Dispatcher {
  readonly #table: (Syscall | undefined)[];
  /** Who looks on (--strace, a library's user), if anybody. */
  observer: SyscallObserver | undefined;

  constructor(table: readonly (Syscall | undefined)[]) {
    this.#table = [...table];
  }

  /** From now on a system call is carried out by another handler. Returns what there was, for the new one to call. */
  replace(call: Syscall): Syscall | undefined {
    const before = this.#table[call.number];
    this.#table[call.number] = call;
    return before;
  }

  /** The task has executed an `ecall`: pc is on it, and behind it afterwards. */
  begin(task: Task): void {
    const { regs } = task;
    const number = regs.words[a7];
    const call = regs.words[a7 + 1] === 0 ? this.#table[number] : undefined;
    regs.pc += 4;
    task.originalA0 = regs.x(reg.a0);
    this.observer?.onCall?.(task, call, number);
    if (call === undefined) {
      this.#answer(task, undefined, number, -errno.ENOSYS);
      return;
    }
    this.#try(task, call);
  }

  /** The task was woken in a system call: it tries again. */
  again(task: Task): void {
    this.#try(task, task.call!.syscall);
  }

  /** Ends a task's system call with an answer: EINTR, or as its observer wants it. */
  finish(task: Task, answer: number): void {
    const { syscall } = task.call!;
    this.#answer(task, syscall, syscall.number, answer);
  }

  /** A task's system call will be made again, after a signal's handler. */
  restart(task: Task): void {
    const { syscall } = task.call!;
    task.call = undefined;
    this.observer?.onAnswer?.(task, syscall, syscall.number, restarted);
  }

  #try(task: Task, call: Syscall): void {
    task.call ??= {
      syscall: call,
      deadline: undefined,
      onSignal: "restart",
      interrupted: undefined,
      onInterrupt: undefined,
      release: undefined,
      timedOut: false,
      data: undefined,
    };
    const answer = this.#run(task, call);
    if (answer !== blocked) this.#answer(task, call, call.number, answer);
    else if (task.hasSignal) this.#interrupt(task);
  }

  /** A task that waits has a signal, which may end its wait, stop or end it, or mean nothing. */
  #interrupt(task: Task): void {
    const { signals, process } = task;
    const isKilled = ((signals.pending.set | process.pending.set) & bitOf(signal.SIGKILL)) !== 0n;
    if (task.call?.onSignal !== "never" || isKilled) deliverSignal(task);
  }

  #run(task: Task, call: Syscall): number {
    const { words } = task.regs;
    const { intMask, uintMask } = call;
    const argument = (index: number): number => {
      const lo = words[a0 + 2 * index];
      if ((intMask >> index) & 1) return lo;
      if ((uintMask >> index) & 1) return lo >>> 0;
      return words[a0 + 2 * index + 1] * two32 + (lo >>> 0);
    };
    try {
      return call.run(task, argument(0), argument(1), argument(2), argument(3), argument(4), argument(5));
    } catch (error) {
      if (error instanceof LinuxError) return -error.number;
      throw error;
    }
  }

  #answer(task: Task, call: Syscall | undefined, number: number, answer: number): void {
    task.call = undefined;
    if (answer !== done) task.regs.setX(reg.a0, answer);
    const { signals } = task;
    if (signals.saved !== undefined) {
      changeBlocked(task, signals.saved);
      signals.saved = undefined;
    }
    this.observer?.onAnswer?.(task, call, number, answer);
  }
}
