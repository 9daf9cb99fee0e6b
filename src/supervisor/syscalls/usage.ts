import { errno } from "../errno.ts";
import { pageBytes } from "../memory/page.ts";
import type { Process } from "../process/process.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

const billion = 1e9;
const usageBytes = 144;
/** ru_maxrss, in KiB, and ru_majflt. */
const maxResidentAt = 32;
const majorFaultsAt = 72;
/** Clock ticks a second of times(2). */
const tickNanoseconds = billion / 100;

/** Nanoseconds of processor time that a process has used, all its threads together. */
export function processTime({ times, threads }: Process): number {
  let cycles = times.own;
  for (const { cycles: more } of threads) cycles += more;
  return cycles;
}

/** `struct rusage`, of which only the time in user code is counted. */
export function writeUsage({ memory }: Task, at: number, nanoseconds: number): void {
  memory.clear(at, usageBytes);
  memory.setLong(at, Math.floor(nanoseconds / billion));
  memory.setLong(at + 8, Math.floor((nanoseconds % billion) / 1000));
}

const who = { self: 0, children: -1, thread: 1 } as const;

function getrusage(task: Task, of: number, at: number): number {
  const { process } = task;
  if (of === who.self) {
    writeUsage(task, at, processTime(process));
    task.memory.setLong(at + maxResidentAt, (task.mm.mm.peakResident * pageBytes) / 1024);
    task.memory.setLong(at + majorFaultsAt, task.system.memory.events.pgmajfault);
  } else if (of === who.children) writeUsage(task, at, process.times.children);
  else if (of === who.thread) writeUsage(task, at, task.cycles);
  else return -errno.EINVAL;
  return 0;
}

/** `struct tms`: user and system time, the children's. Answers the time since the start. */
function times(task: Task, at: number): number {
  const { process, system, memory } = task;
  const ticks = (nanoseconds: number) => Math.floor(nanoseconds / tickNanoseconds);
  if (at !== 0) {
    memory.clear(at, 32);
    memory.setLong(at, ticks(processTime(process)));
    memory.setLong(at + 16, ticks(process.times.children));
  }
  return ticks(system.now());
}

/** What processes have used. */
export const usageCalls = [
  syscall(153, "times(address times) long", times),
  syscall(165, "getrusage(int who, address usage)", getrusage),
];
