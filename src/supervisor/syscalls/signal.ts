import { errno, LinuxError } from "../errno.ts";
import type { Process } from "../process/process.ts";
import { changeBlocked, discard, sendToProcess, sendToTask } from "../process/send.ts";
import { returnFromSignal } from "../process/signal.ts";
import { isOnStack, readStack, setStack, writeStack } from "../process/signalFrame.ts";
import { encodeSignalInfo, type SignalInfo, signalCode, signalInfoBytes } from "../process/signalInfo.ts";
import { bitOf, lastSignal, type SignalSet, unblockable } from "../process/signalNumber.ts";
import { done, type Task } from "../task.ts";
import { syscall } from "./syscall.ts";
import { readTimespec } from "./timespec.ts";

/** Bytes of a `sigset_t` as the kernel has it. */
const setBytes = 8;

const isSignal = (number: number) => number >= 1 && number <= lastSignal;

/** Whom kill's number means: a process, the caller's group (0), a group (below -1), all but the caller and the first (-1). */
function targets({ process, system }: Task, pid: number): Process[] {
  const all = [...system.processes.values()];
  if (pid > 0) {
    const one = system.processes.get(pid) ?? system.tasks.get(pid)?.process;
    return one === undefined ? [] : [one];
  }
  if (pid === -1) return all.filter((other) => other !== process && other !== system.first);
  const group = pid === 0 ? process.pgid : -pid;
  return all.filter(({ pgid }) => pgid === group);
}

function kill(task: Task, pid: number, number: number): number {
  if (number < 0 || number > lastSignal) return -errno.EINVAL;
  const found = targets(task, pid);
  if (found.length === 0) return -errno.ESRCH;
  if (number === 0) return 0;
  const info: SignalInfo = { signal: number, code: signalCode.SI_USER, pid: task.process.pid };
  for (const process of found) if (process.exit === undefined) sendToProcess(process, info);
  return 0;
}

function tgkill(task: Task, tgid: number, tid: number, number: number): number {
  return tgid <= 0 ? -errno.EINVAL : tkill(task, tid, number, tgid);
}

function tkill(task: Task, tid: number, number: number, tgid = 0): number {
  if (tid <= 0 || number < 0 || number > lastSignal) return -errno.EINVAL;
  const target = task.system.tasks.get(tid);
  if (target === undefined || (tgid > 0 && target.process.pid !== tgid)) return -errno.ESRCH;
  if (number !== 0) sendToTask(target, { signal: number, code: signalCode.SI_TKILL, pid: task.process.pid });
  return 0;
}

/** The caller's own `siginfo_t`. Throws EPERM for one that only the kernel sends to others. */
function readInfo(task: Task, number: number, at: number, isOwn: boolean): SignalInfo {
  const raw = task.memory.read(at, signalInfoBytes);
  const view = new DataView(raw.buffer);
  view.setInt32(0, number, true);
  const code = view.getInt32(8, true);
  if (!isOwn && (code >= 0 || code === signalCode.SI_TKILL)) throw new LinuxError("EPERM");
  return { signal: number, code, raw };
}

function sigqueueinfo(task: Task, pid: number, number: number, at: number): number {
  if (!isSignal(number)) return -errno.EINVAL;
  const [process] = pid > 0 ? targets(task, pid) : [];
  if (process === undefined) return -errno.ESRCH;
  return sendToProcess(process, readInfo(task, number, at, process === task.process)) ? 0 : -errno.EAGAIN;
}

function tgsigqueueinfo(task: Task, tgid: number, tid: number, number: number, at: number): number {
  if (!isSignal(number)) return -errno.EINVAL;
  const target = task.system.tasks.get(tid);
  if (target === undefined || target.process.pid !== tgid) return -errno.ESRCH;
  return sendToTask(target, readInfo(task, number, at, target.process === task.process)) ? 0 : -errno.EAGAIN;
}

/** `struct sigaction` of RISC-V: handler, flags, mask. */
function sigaction(task: Task, number: number, fresh: number, old: number, size: number): number {
  const { memory, process } = task;
  if (size !== setBytes || !isSignal(number)) return -errno.EINVAL;
  if (fresh !== 0 && unblockable & bitOf(number)) return -errno.EINVAL;
  const next = fresh === 0 ? undefined : readAction(task, fresh);
  if (old !== 0) {
    const { handler, flags, mask } = process.actions.get(number);
    memory.setLong(old, handler);
    memory.setLong(old + 8, flags);
    memory.setU64(old + 16, mask);
  }
  if (next === undefined) return 0;
  process.actions.set(number, next);
  if (process.actions.ignores(number)) discard(process, bitOf(number));
  return 0;
}

function readAction({ memory }: Task, at: number) {
  const [handler, flags] = [memory.long(at), memory.long(at + 8)];
  return { handler, flags, mask: memory.u64(at + 16) & ~unblockable };
}

const how = { block: 0, unblock: 1, set: 2 } as const;

function sigprocmask(task: Task, change: number, set: number, old: number, size: number): number {
  const { memory, signals } = task;
  if (size !== setBytes) return -errno.EINVAL;
  const { blocked } = signals;
  const given = set === 0 ? 0n : memory.u64(set);
  if (set !== 0 && (change < how.block || change > how.set)) return -errno.EINVAL;
  if (old !== 0) memory.setU64(old, blocked);
  if (set === 0) return 0;
  if (change === how.block) changeBlocked(task, blocked | given);
  else changeBlocked(task, change === how.unblock ? blocked & ~given : given);
  return 0;
}

/**
 * For calls that block other signals while they last (ppoll, pselect, epoll_pwait): at each try, before anything else. An
 * address of 0 changes nothing. Throws EINVAL for another size.
 */
export function blockDuringCall(task: Task, set: number, size: number): void {
  if (set === 0 || task.signals.saved !== undefined) return;
  if (size !== setBytes) throw new LinuxError("EINVAL");
  blockUntilHandled(task, task.memory.u64(set));
}

function blockUntilHandled(task: Task, set: SignalSet): void {
  const { blocked } = task.signals;
  changeBlocked(task, set);
  task.signals.saved = blocked;
}

function sigsuspend(task: Task, set: number, size: number): number {
  if (size !== setBytes) return -errno.EINVAL;
  blockDuringCall(task, set, size);
  return task.block({ signal: "interrupt" });
}

function sigpending(task: Task, set: number, size: number): number {
  if (size > setBytes) return -errno.EINVAL;
  const { signals, process } = task;
  task.memory.setU64(set, (signals.pending.set | process.pending.set) & signals.blocked);
  return 0;
}

function sigtimedwait(task: Task, set: number, info: number, timeout: number, size: number): number {
  if (size !== setBytes) return -errno.EINVAL;
  const { signals, process, memory } = task;
  const wanted = memory.u64(set) & ~unblockable;
  signals.awaited = 0n;
  const found = signals.pending.take(wanted) ?? process.pending.take(wanted);
  if (found !== undefined) {
    changeBlocked(task, signals.blocked);
    if (info !== 0) memory.write(info, encodeSignalInfo(found));
    return found.signal;
  }
  const time = timeout === 0 ? undefined : readTimespec(task, timeout);
  if (task.timedOut || time === 0) return -errno.EAGAIN;
  signals.awaited = wanted;
  const deadline = time === undefined ? undefined : task.system.now() + time;
  return task.block({ deadline, signal: "interrupt" });
}

const stackBytes = 24;

function sigaltstack(task: Task, fresh: number, old: number): number {
  const { memory, signals } = task;
  const next = fresh === 0 ? undefined : readStack(new DataView(memory.read(fresh, stackBytes).buffer), 0);
  const isOn = isOnStack(task);
  const before = new DataView(new ArrayBuffer(stackBytes));
  writeStack(before, 0, signals.stack, isOn);
  if (next !== undefined) {
    if (isOn) return -errno.EPERM;
    setStack(task, next);
  }
  if (old !== 0) memory.write(old, new Uint8Array(before.buffer));
  return 0;
}

function sigreturn(task: Task): number {
  returnFromSignal(task);
  return done;
}

/** Calls that go on after a stop do so by themselves: there is never one to be restarted. */
const restartSyscall = () => -errno.EINTR;

/** Signals. */
export const signalCalls = [
  syscall(128, "restart_syscall()", restartSyscall),
  syscall(129, "kill(pid pid, signal signal)", kill),
  syscall(130, "tkill(pid tid, signal signal)", (task, tid, number) => tkill(task, tid, number)),
  syscall(131, "tgkill(pid tgid, pid tid, signal signal)", tgkill),
  syscall(132, "sigaltstack(stack new, stackOut old)", sigaltstack),
  syscall(133, "rt_sigsuspend(sigset set, size size)", sigsuspend),
  syscall(134, "rt_sigaction(signal signal, sigaction new, sigactionOut old, size size)", sigaction),
  syscall(135, "rt_sigprocmask(sigHow how, sigset set, sigsetOut old, size size)", sigprocmask),
  syscall(136, "rt_sigpending(sigsetOut set, size size)", sigpending),
  syscall(137, "rt_sigtimedwait(sigset set, address info, timespec timeout, size size) signal", sigtimedwait),
  syscall(138, "rt_sigqueueinfo(pid pid, signal signal, address info)", sigqueueinfo),
  syscall(139, "rt_sigreturn()", sigreturn),
  syscall(240, "rt_tgsigqueueinfo(pid tgid, pid tid, signal signal, address info)", tgsigqueueinfo),
];
