import { errno } from "../errno.ts";
import { sendToProcess } from "../process/send.ts";
import { signalCode } from "../process/signalInfo.ts";
import { bitOf, signal } from "../process/signalNumber.ts";
import { ignoreHandler } from "../process/signalState.ts";
import type { Task } from "../task.ts";
import type { Terminal } from "./terminal.ts";

/** Sends a signal to all processes of a group. */
export function signalGroup(task: Task, group: number, number: number): void {
  for (const process of [...task.system.processes.values()]) {
    if (process.pgid !== group || process.exit !== undefined) continue;
    sendToProcess(process, { signal: number, code: signalCode.SI_KERNEL });
  }
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
  if (isOrphaned(task)) return -errno.EIO;
  signalGroup(task, process.pgid, number);
  return task.block({ on: [terminal.readers] });
}

/** Whether no member of a task's process group has a parent in another group of the session. */
function isOrphaned({ system, process: { pgid, sid } }: Task): boolean {
  for (const { pgid: group, parent, exit } of system.processes.values()) {
    if (group !== pgid || exit !== undefined || parent === undefined) continue;
    if (parent.pgid !== pgid && parent.sid === sid) return false;
  }
  return true;
}
