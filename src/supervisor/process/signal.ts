import type { Task } from "../task.ts";
import { endProcess } from "./exit.ts";

/** Linux's signals on RISC-V (`asm-generic/signal.h`). */
export const signal = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

/** What a handler is told of a fault. */
export interface FaultInfo {
  /** `si_code` and `si_addr`. */
  readonly code: number;
  readonly address: bigint;
}

/** A fault of the task's own instruction: its signal cannot be blocked or ignored. */
export function forceSignal(task: Task, number: number, _info: FaultInfo): void {
  endProcess(task.process, { kind: "killed", signal: number, core: true });
}

/** Acts on the signals that the task has: a handler's frame is built, or the process ends or stops. */
export function deliverSignal(task: Task): void {
  task.hasSignal = false;
}
