import { LinuxError } from "../errno.ts";
import { leaveGroup } from "../files/jobControl.ts";
import type { Supervisor } from "../supervisor.ts";
import type { Task } from "../task.ts";
import { Futexes } from "./futexes.ts";
import { leaveMutexes, mutexBit } from "./mutexes.ts";
import type { Exit, Process } from "./process.ts";
import { passOn, sendToProcess } from "./send.ts";
import { signalCode } from "./signalInfo.ts";
import { everySignal, signal } from "./signalNumber.ts";
import { actionFlag, ignoreHandler } from "./signalState.ts";

/** `exit_group`, or a fatal signal: all threads of a process end. */
export function endProcess(process: Process, exit: Exit): void {
  process.groupExit ??= exit;
  for (const task of [...process.threads]) endTask(task, exit);
}

/** `exit`: one thread ends, and with the last one the process. */
export function endTask(task: Task, exit: Exit): void {
  if (task.state === "dead") return;
  const { process, system, files, mm } = task;
  task.stopWaiting();
  task.call?.release?.();
  task.state = "dead";
  leaveMemory(task);
  task.regs.save();
  system.tasks.delete(task.tid);
  process.threads.delete(task);
  task.signals.pending.discard(everySignal);
  process.used.add(task.used);
  system.dispatcher.observer?.onEnd?.(task, process.groupExit ?? exit);
  if (--files.users === 0) files.closeAll();
  system.releaseMm(mm);
  if (process.threads.size > 0) {
    if (task.hasSignal) passOn(process, process.pending.set & ~task.signals.blocked);
    return;
  }
  process.exit = process.groupExit ?? exit;
  process.remains = task;
  leaveFamily(system, process);
}

/** Before a task gives up its memory, by its end or by exec: those who wait for that hear of it. */
export function leaveMemory(task: Task): void {
  task.used.sawResident(task.mm.mm.peakResident);
  try {
    leaveMutexes(task);
    releaseRobustFutexes(task);
    if (task.clearChildTid !== 0 && task.mm.users > 1) {
      task.memory.setU32(task.clearChildTid, 0);
      task.system.futexes.wake(Futexes.keyOf(task, task.clearChildTid, false), 1);
    }
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
  }
  task.clearChildTid = 0;
  task.robustList = 0;
  task.onRelease?.();
  task.onRelease = undefined;
}

/** A list of mutexes is not followed any further. */
const mostRobust = 2048;

/** Mutexes that the task holds, as its `struct robust_list_head` {next, futex offset, pending} lists them. */
function releaseRobustFutexes(task: Task): void {
  const { memory, robustList: head } = task;
  if (head === 0) return;
  const offset = memory.long(head + 8);
  const pending = memory.long(head + 16);
  // bit 0 of a pointer says that the mutex is of the kind with priority inheritance
  const plain = (pointer: number) => pointer - (pointer % 2);
  let entry = memory.long(head);
  for (let count = 0; entry !== head && count < mostRobust; count++) {
    const next = memory.long(plain(entry));
    if (plain(entry) !== plain(pending)) releaseRobust(task, plain(entry) + offset);
    entry = next;
  }
  if (pending !== 0) releaseRobust(task, plain(pending) + offset);
}

function releaseRobust(task: Task, address: number): void {
  const value = task.memory.u32(address);
  if ((value & mutexBit.tidMask) !== task.tid) return;
  task.memory.setU32(address, ((value & mutexBit.waiters) | mutexBit.ownerDied) >>> 0);
  if (value & mutexBit.waiters) task.system.futexes.wake(Futexes.keyOf(task, address, false), 1);
}

/** A process that has ended: its children have no parent any more, its parent gets to know. */
function leaveFamily(system: Supervisor, process: Process): void {
  const subreaper = subreaperOf(process);
  for (const child of [...process.children]) {
    process.children.delete(child);
    child.parent = subreaper;
    subreaper?.children.add(child);
    leaveGroup(system, child, process);
    const { parentDeathSignal } = child;
    if (parentDeathSignal !== 0) sendToProcess(child, { signal: parentDeathSignal, code: signalCode.SI_USER });
    if (child.exit !== undefined) tellParent(system, child);
  }
  if (process.pid === process.sid && process !== system.first) system.files.terminals.giveUp(system, process);
  leaveGroup(system, process, process.parent);
  process.timers.endAll();
  process.pending.discard(everySignal);
  process.ended.wake();
  tellParent(system, process);
}

/** The nearest of its ancestors that takes the children of those that end. */
function subreaperOf(process: Process): Process | undefined {
  let { parent } = process;
  while (parent !== undefined && (!parent.isSubreaper || parent.exit !== undefined)) parent = parent.parent;
  return parent;
}

/** A parent hears that a child has ended; one that nobody hears of is forgotten. */
function tellParent(system: Supervisor, process: Process): void {
  const { parent } = process;
  if (parent === undefined || parent.exit !== undefined) {
    reap(system, process);
    return;
  }
  const { handler, flags } = parent.actions.get(signal.SIGCHLD);
  const isForgotten = handler === ignoreHandler || (flags & actionFlag.SA_NOCLDWAIT) !== 0;
  if (process.exitSignal !== 0) sendToProcess(parent, { signal: process.exitSignal, ...endInfo(process) });
  if (isForgotten && process.exitSignal === signal.SIGCHLD) reap(system, process);
  parent.childChanged.wake();
}

function endInfo({ pid, exit }: Process): { code: number; pid: number; status: number } {
  if (exit?.kind === "killed") {
    return { code: exit.core ? signalCode.CLD_DUMPED : signalCode.CLD_KILLED, pid, status: exit.signal };
  }
  return { code: signalCode.CLD_EXITED, pid, status: exit?.code ?? 0 };
}

/** A process that has ended is forgotten: its parent has waited for it, or nobody will. */
export function reap(system: Supervisor, process: Process): void {
  const { parent } = process;
  system.processes.delete(process.pid);
  if (parent === undefined) return;
  parent.children.delete(process);
  parent.usedByChildren.add(process.used);
  parent.usedByChildren.add(process.usedByChildren);
}
