import { readSmaps } from "../../pagewalk/users/index.ts";
import { endProcess } from "../process/exit.ts";
import type { Process } from "../process/process.ts";
import { signal } from "../process/signal.ts";
import type { Task } from "../task.ts";
import type { UserMm } from "./userMm.ts";

/** Bytes of memory that an address space has in use. */
export function residentBytes({ mm }: UserMm): number {
  return mm.mmapLock.reading(() => readSmaps(mm).reduce((sum, { rss }) => sum + rss, 0));
}

/**
 * There are no frames left, and none to be had: the process with the most memory is killed (`out_of_memory`), and its
 * end says why. Others go on with what it leaves.
 */
export function freeMemory(task: Task): void {
  let victim: Process = task.process;
  let most = -1;
  for (const process of task.system.processes.values()) {
    const [thread] = process.threads;
    const bytes = thread === undefined ? -1 : residentBytes(thread.mm);
    if (bytes > most) {
      victim = process;
      most = bytes;
    }
  }
  const [{ comm }] = victim.threads;
  const kibibytes = Math.round(most / 1024);
  task.system.tell(
    `out of memory: killed process ${victim.pid} (${comm}), which had ${kibibytes} KiB: give more with -m`,
  );
  endProcess(victim, { kind: "killed", signal: signal.SIGKILL, core: false });
}
