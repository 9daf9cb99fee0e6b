import { errno, LinuxError } from "../errno.ts";
import { reg } from "../registers.ts";
import { blocked, done, type Task } from "../task.ts";
import type { Syscall } from "./syscall.ts";

/** Hears of each system call: before it is tried first, and with its answer (undefined: the task has ended in it). */
export interface SyscallObserver {
  onCall?(task: Task, call: Syscall | undefined, number: number): void;
  onAnswer?(task: Task, call: Syscall | undefined, number: number, answer: number): void;
}

const a0 = 2 * reg.a0;
const a7 = 2 * reg.a7;
const two32 = 2 ** 32;

/** Carries out system calls: registers in, an answer out. */
export class Dispatcher {
  readonly #table: readonly (Syscall | undefined)[];
  /** Who looks on (--strace, a library's user), if anybody. */
  observer: SyscallObserver | undefined;

  constructor(table: readonly (Syscall | undefined)[]) {
    this.#table = table;
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

  #try(task: Task, call: Syscall): void {
    task.call ??= { syscall: call, deadline: undefined, onSignal: "restart", timedOut: false, data: undefined };
    const answer = this.#run(task, call);
    if (answer !== blocked) this.#answer(task, call, call.number, answer);
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
    this.observer?.onAnswer?.(task, call, number, answer);
  }
}
