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

/** The greatest signal number; real-time signals begin at 32. */
export const lastSignal = 64;
const firstRealTime = 32;

const names = new Map<number, string>(Object.entries(signal).map(([name, number]) => [number, name]));

/** `SIGSEGV` of 11, `SIGRT_2` of 34 as strace has it, else the number. */
export function signalName(number: number): string {
  if (number >= firstRealTime && number <= lastSignal) return `SIGRT_${number - firstRealTime}`;
  return names.get(number) ?? `${number}`;
}

/** A set of signals as Linux's `sigset_t`: signal n is bit n - 1. */
export type SignalSet = bigint;

const bits: readonly SignalSet[] = Array.from({ length: lastSignal + 1 }, (_, n) =>
  n === 0 ? 0n : 1n << BigInt(n - 1),
);

/** The set with one signal. */
export const bitOf = (number: number): SignalSet => bits[number];

const setOf = (...numbers: readonly number[]): SignalSet => numbers.reduce((set, number) => set | bitOf(number), 0n);

/** Every signal. */
export const everySignal: SignalSet = (1n << 64n) - 1n;
/** What cannot be blocked, ignored or handled. */
export const unblockable = setOf(signal.SIGKILL, signal.SIGSTOP);
/** Signals that stop a process by default. */
export const stopping = setOf(signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU);
/** Signals of an instruction's own: they are delivered before others. */
export const synchronous = setOf(
  signal.SIGSEGV,
  signal.SIGBUS,
  signal.SIGILL,
  signal.SIGTRAP,
  signal.SIGFPE,
  signal.SIGSYS,
);
const ignored = setOf(signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT);
const dumping = synchronous | setOf(signal.SIGQUIT, signal.SIGABRT, signal.SIGXCPU, signal.SIGXFSZ);

/** What a signal does to a process that has said nothing about it (`signal(7)`); `core` ends it, too. */
export type DefaultAction = "ignore" | "stop" | "terminate" | "core";

export function defaultAction(number: number): DefaultAction {
  const bit = bitOf(number);
  if (ignored & bit) return "ignore";
  if (stopping & bit) return "stop";
  return dumping & bit ? "core" : "terminate";
}
