import { readSmaps } from "../../pagewalk/users/index.ts";
import { endProcess } from "../process/exit.ts";
import type { Process } from "../process/process.ts";
import { signal } from "../process/signal.ts";
import type { Supervisor } from "../supervisor.ts";
import type { Task } from "../task.ts";
import { pageBytes } from "./page.ts";
import type { UserMm } from "./userMm.ts";

/** Bytes of memory that an address space has in use. */
export function residentBytes({ mm }: UserMm): number {
  return mm.mmapLock.reading(() => readSmaps(mm).reduce((sum, { rss }) => sum + rss, 0));
}

const mostAdjustment = 1000;

/** Bytes of memory and swap space. */
const allBytes = ({ memory }: Supervisor) => (memory.frames.frames + memory.swap.slots) * pageBytes;

/** How much is won by killing a process (`oom_badness`), in bytes; undefined: it is not to be. */
function badness(system: Supervisor, process: Process): number | undefined {
  const [thread] = process.threads;
  const { outOfMemory } = process.kept;
  if (thread === undefined || outOfMemory === -mostAdjustment) return undefined;
  return residentBytes(thread.mm) + (outOfMemory * allBytes(system)) / mostAdjustment;
}

/** `/proc/PID/oom_score`: 666 for one that has little memory, and is adjusted by nothing; at most 2,000. */
export function badnessScore({ system, process }: Task): number {
  const bytes = badness(system, process);
  if (bytes === undefined) return 0;
  return Math.max(0, Math.floor(((mostAdjustment + (bytes * mostAdjustment) / allBytes(system)) * 2) / 3));
}

/**
 * There are no frames left, and none to be had: the process with the most memory is killed (`out_of_memory`), and its
 * end says why. Others go on with what it leaves.
 */
export function freeMemory(task: Task): void {
  let victim: Process = task.process;
  let most = Number.NEGATIVE_INFINITY;
  for (const process of task.system.processes.values()) {
    const bytes = badness(task.system, process) ?? Number.NEGATIVE_INFINITY;
    if (bytes > most) {
      victim = process;
      most = bytes;
    }
  }
  const [{ comm, mm }] = victim.threads;
  const kibibytes = Math.round(residentBytes(mm) / 1024);
  task.system.tell(
    `out of memory: killed process ${victim.pid} (${comm}), which had ${kibibytes} KiB: give more with -m`,
  );
  endProcess(victim, { kind: "killed", signal: signal.SIGKILL, core: false });
}
