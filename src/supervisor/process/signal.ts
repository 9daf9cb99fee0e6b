import { errno, LinuxError } from "../errno.ts";
import { isOrphaned } from "../files/jobControl.ts";
import { reg } from "../registers.ts";
import type { Task } from "../task.ts";
import { endProcess } from "./exit.ts";
import { changeBlocked, sendToTask, stopProcess } from "./send.ts";
import { popFrame, pushFrame } from "./signalFrame.ts";
import { type SignalInfo, signalCode } from "./signalInfo.ts";
import { bitOf, defaultAction, type SignalSet, signal } from "./signalNumber.ts";
import { actionFlag, defaultHandler, ignoreHandler, type SignalAction } from "./signalState.ts";

export { signal } from "./signalNumber.ts";

/** What a handler is told of a fault. */
export interface FaultInfo {
  /** `si_code` and `si_addr`. */
  readonly code: number;
  readonly address: bigint;
}

/** A fault of the task's own instruction: its signal cannot be blocked or ignored. */
export function forceSignal(task: Task, number: number, info: FaultInfo): void {
  const { signals, process } = task;
  const bit = bitOf(number);
  const isBlocked = (signals.blocked & bit) !== 0n;
  if (isBlocked || process.actions.get(number).handler === ignoreHandler) process.actions.reset(number);
  if (isBlocked) changeBlocked(task, signals.blocked & ~bit);
  sendToTask(task, { signal: number, ...info });
}

/** Acts on the signals that the task has, until there are none or it does not run any more. */
export function deliverSignal(task: Task): void {
  const { signals, process } = task;
  while (task.hasSignal) {
    const wanted = ~signals.blocked;
    const info = signals.pending.take(wanted) ?? process.pending.take(wanted);
    task.hasSignal = ((signals.pending.set | process.pending.set) & wanted) !== 0n;
    if (info === undefined) return;
    const action = process.actions.get(info.signal);
    const isHandled = action.handler !== ignoreHandler && action.handler !== defaultHandler;
    const mask = signals.saved ?? signals.blocked;
    if (isHandled) leaveCall(task, action);
    task.system.dispatcher.observer?.onSignal?.(task, info);
    if (isHandled) handle(task, action, info, mask);
    else if (action.handler === defaultHandler) takeDefault(task, info.signal);
    if (task.state === "stopped" || task.state === "dead") return;
  }
}

function takeDefault(task: Task, number: number): void {
  const action = defaultAction(number);
  if (action === "ignore") return;
  if (action === "stop") {
    // nobody could let it go on: only SIGSTOP stops it
    if (number === signal.SIGSTOP || !isOrphaned(task.system, task.process)) stopProcess(task.process, number);
    return;
  }
  endProcess(task.process, { kind: "killed", signal: number, core: action === "core" });
}

function handle(task: Task, action: SignalAction, info: SignalInfo, mask: SignalSet): void {
  const { signals, process } = task;
  try {
    pushFrame(task, action, info, mask);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    if (info.signal === signal.SIGSEGV) process.actions.reset(signal.SIGSEGV);
    forceSignal(task, signal.SIGSEGV, { code: signalCode.SI_KERNEL, address: 0n });
    return;
  }
  if (action.flags & actionFlag.SA_RESETHAND) process.actions.reset(info.signal);
  const own = action.flags & actionFlag.SA_NODEFER ? 0n : bitOf(info.signal);
  changeBlocked(task, signals.blocked | action.mask | own);
}

/** A handler ends the system call in which the task waits, if any: it is made again afterwards, or has failed. */
function leaveCall(task: Task, action: SignalAction): void {
  const { call } = task;
  task.signals.saved = undefined;
  if (call === undefined) return;
  task.stopWaiting();
  task.state = "running";
  task.signals.awaited = 0n;
  call.onInterrupt?.();
  call.release?.();
  if (call.interrupted !== undefined) task.system.dispatcher.finish(task, call.interrupted);
  else if (call.onSignal === "restart" && (action.flags & actionFlag.SA_RESTART) !== 0) {
    task.system.dispatcher.restart(task);
    task.regs.pc -= 4;
    task.regs.setX(reg.a0, task.originalA0);
  } else task.system.dispatcher.finish(task, -errno.EINTR);
}

/** `rt_sigreturn`: the task goes on where the handler's signal had found it; SIGSEGV where there is no frame. */
export function returnFromSignal(task: Task): void {
  try {
    changeBlocked(task, popFrame(task));
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    forceSignal(task, signal.SIGSEGV, { code: signalCode.SI_KERNEL, address: 0n });
  }
}
