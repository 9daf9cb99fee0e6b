import { errno } from "../errno.ts";
import type { Process } from "../process/process.ts";
import { sendToProcess } from "../process/send.ts";
import { signalCode } from "../process/signalInfo.ts";
import { bitOf, signal } from "../process/signalNumber.ts";
import { ignoreHandler } from "../process/signalState.ts";
import type { Supervisor } from "../supervisor.ts";
import type { Task } from "../task.ts";
import type { Terminal } from "./terminal.ts";

/** Sends a signal to all processes of a group. */
export function signalGroup(system: Supervisor, group: number, number: number): void {
  for (const process of [...system.processes.values()]) {
    if (process.pgid !== group || process.exit !== undefined) continue;
    sendToProcess(process, { signal: number, code: signalCode.SI_KERNEL });
  }
}

/** Processes that have stopped are told that nobody will let them go on, and go on: SIGHUP, SIGCONT. */
export function hangUpGroup(system: Supervisor, group: number): void {
  for (const number of [signal.SIGHUP, signal.SIGCONT]) signalGroup(system, group, number);
}

/**
 * Whether a task may use the terminal that controls its session (`__tty_check_change`): from the background its process
 * group gets SIGTTIN for reading or SIGTTOU for changing it, and it tries again when it goes on. 0: it may; -EIO: there
 * is nobody who could let it go on; or `blocked`.
 */
export function checkForeground(task: Task, terminal: Terminal, number: 21 | 22): number {
  const { process, signals } = task;
  const { session, foreground } = terminal;
  if (session !== process.sid || foreground === 0 || foreground === process.pgid) return 0;
  const isDeaf = (signals.blocked & bitOf(number)) !== 0n || process.actions.get(number).handler === ignoreHandler;
  if (isDeaf) return number === signal.SIGTTIN ? -errno.EIO : 0;
  if (isOrphaned(task.system, process)) return -errno.EIO;
  signalGroup(task.system, process.pgid, number);
  return task.block({ on: [terminal.readers] });
}

/**
 * Whether no member of a process's group has a parent in another group of the session (`will_become_orphaned_pgrp`). The
 * first process has one outside: the shell that has started it.
 */
export function isOrphaned(system: Supervisor, { pgid, sid }: Process): boolean {
  for (const process of system.processes.values()) {
    const { parent, exit } = process;
    if (process.pgid !== pgid || exit !== undefined) continue;
    if (process === system.first && process.sid === process.pid) return false;
    if (parent !== undefined && parent.pgid !== pgid && parent.sid === sid) return false;
  }
  return true;
}

/**
 * A process's group has lost what a parent was to it, by the end of the one or the other (`kill_orphaned_pgrp`): if it was
 * the last that could let those go on that have stopped, they hear of it.
 */
export function leaveGroup(system: Supervisor, process: Process, parent: Process | undefined): void {
  const { pgid, sid } = process;
  if (parent === undefined || parent.pgid === pgid || parent.sid !== sid || !isOrphaned(system, process)) return;
  for (const { pgid: group, stopped, exit } of system.processes.values()) {
    if (group !== pgid || stopped === 0 || exit !== undefined) continue;
    hangUpGroup(system, pgid);
    return;
  }
}
