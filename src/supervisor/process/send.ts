import type { Task } from "../task.ts";
import { resource, unlimited } from "./limits.ts";
import type { Process } from "./process.ts";
import type { SignalInfo } from "./signalInfo.ts";
import { signalCode } from "./signalInfo.ts";
import { bitOf, type SignalSet, signal, stopping, unblockable } from "./signalNumber.ts";
import { actionFlag } from "./signalState.ts";

/** Sends a signal to one thread (tgkill, a fault). False: there are as many already as there may be. */
export function sendToTask(task: Task, info: SignalInfo): boolean {
  if (task.state === "dead" || !prepare(task.process, info.signal, task)) return true;
  const isQueued = task.signals.pending.add(info, limitOf(task.process));
  task.process.signalled.wake();
  notify(task, info.signal);
  return isQueued;
}

/** Sends a signal to a process: the first thread that does not block it takes it. False as {@link sendToTask}. */
export function sendToProcess(process: Process, info: SignalInfo): boolean {
  const first = mainThread(process);
  if (first === undefined || !prepare(process, info.signal, first)) return true;
  const isQueued = process.pending.add(info, limitOf(process));
  process.signalled.wake();
  notifyAny(process, info.signal);
  return isQueued;
}

function limitOf({ limits }: Process): number | undefined {
  const { soft } = limits.get(resource.RLIMIT_SIGPENDING);
  return soft === unlimited ? undefined : soft;
}

function mainThread(process: Process): Task | undefined {
  for (const task of process.threads) return task;
  return undefined;
}

/** What sending does at once, whether or not the signal is blocked. False: it has no further effect. */
function prepare(process: Process, number: number, task: Task): boolean {
  const bit = bitOf(number);
  if (number === signal.SIGCONT || number === signal.SIGKILL) {
    if (number === signal.SIGCONT) discard(process, stopping);
    continueProcess(process, number === signal.SIGCONT);
  } else if (stopping & bit) discard(process, bitOf(signal.SIGCONT));
  if (unblockable & bit) return true;
  return !process.actions.ignores(number) || (task.signals.blocked & bit) !== 0n;
}

/** Forgets what is pending of a set of signals, in a process and its threads. */
export function discard(process: Process, unwanted: SignalSet): void {
  process.pending.discard(unwanted);
  for (const task of process.threads) task.signals.pending.discard(unwanted);
}

/** A signal is pending for a thread: it is to look at it unless it blocks it. */
function notify(task: Task, number: number): void {
  const bit = bitOf(number);
  if ((task.signals.blocked & ~task.signals.awaited & bit) !== 0n) return;
  if ((task.signals.blocked & bit) === 0n) task.hasSignal = true;
  task.wake();
}

function notifyAny(process: Process, number: number): void {
  const bit = bitOf(number);
  for (const task of process.threads) {
    if ((task.signals.blocked & ~task.signals.awaited & bit) !== 0n) continue;
    notify(task, number);
    return;
  }
}

/** After a thread has changed what it blocks, or ends: others take what it leaves, and it looks at what is new to it. */
export function changeBlocked(task: Task, blocked: SignalSet): void {
  const { signals, process } = task;
  const added = blocked & ~signals.blocked & ~unblockable;
  signals.blocked = blocked & ~unblockable;
  task.hasSignal = ((signals.pending.set | process.pending.set) & ~signals.blocked) !== 0n;
  const left = process.pending.set & added;
  if (left !== 0n) passOn(process, left);
}

/** Signals of a process that the thread for which they were meant does not take: another one does. */
export function passOn(process: Process, left: SignalSet): void {
  for (let number = 1; number <= 64; number++) if (left & bitOf(number)) notifyAny(process, number);
}

/** All threads of a process stop where they are, and its parent hears of it. */
export function stopProcess(process: Process, number: number): void {
  process.stopped = number;
  process.change = { kind: "stopped", signal: number };
  for (const task of process.threads) {
    task.stopWaiting();
    task.state = "stopped";
  }
  tellParent(process, signalCode.CLD_STOPPED, number);
}

function continueProcess(process: Process, tells: boolean): void {
  if (process.stopped === 0) return;
  process.stopped = 0;
  for (const task of process.threads) {
    if (task.state !== "stopped") continue;
    task.state = "ready";
    task.system.scheduler.add(task);
  }
  if (!tells) return;
  process.change = { kind: "continued" };
  tellParent(process, signalCode.CLD_CONTINUED, signal.SIGCONT);
}

/** SIGCHLD and a look for those who wait, for a process that has stopped or goes on. */
function tellParent(process: Process, code: number, status: number): void {
  const { parent } = process;
  if (parent === undefined) return;
  const { flags } = parent.actions.get(signal.SIGCHLD);
  if ((flags & actionFlag.SA_NOCLDSTOP) === 0) {
    sendToProcess(parent, { signal: signal.SIGCHLD, code, pid: process.pid, status });
  }
  parent.childChanged.wake();
}
