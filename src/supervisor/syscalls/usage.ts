import { errno } from "../errno.ts";
import { pageBytes } from "../memory/page.ts";
import type { Process } from "../process/process.ts";
import { Usage } from "../process/usage.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

const billion = 1e9;
/** `struct rusage`: 16 longs, after two times of two. */
const usageBytes = 144;
const usageAt = { ru_maxrss: 32, ru_minflt: 64, ru_majflt: 72, ru_nvcsw: 128, ru_nivcsw: 136 } as const;
/** Clock ticks a second of times(2). */
const tickNanoseconds = billion / 100;

/** What a process has used, all its threads together. */
export function usageOf(process: Process): Usage {
  const all = new Usage();
  all.add(process.used);
  for (const { used, mm } of process.threads) {
    all.add(used);
    all.sawResident(mm.mm.peakResident);
  }
  return all;
}

/** Nanoseconds of processor time that a process has used. */
export function processTime(process: Process): number {
  return usageOf(process).cycles;
}

/** What a process that has ended has used, with its children: `wait4`. */
export function withChildren({ used, usedByChildren }: Process): Usage {
  const all = new Usage();
  all.add(used);
  all.add(usedByChildren);
  return all;
}

/** `struct rusage`. */
export function writeUsage({ memory }: Task, at: number, used: Usage): void {
  memory.clear(at, usageBytes);
  memory.setLong(at, Math.floor(used.cycles / billion));
  memory.setLong(at + 8, Math.floor((used.cycles % billion) / 1000));
  memory.setLong(at + usageAt.ru_maxrss, (used.peakResident * pageBytes) / 1024);
  memory.setLong(at + usageAt.ru_minflt, used.minorFaults);
  memory.setLong(at + usageAt.ru_majflt, used.majorFaults);
  memory.setLong(at + usageAt.ru_nvcsw, used.waits);
  memory.setLong(at + usageAt.ru_nivcsw, used.preemptions);
}

const who = { self: 0, children: -1, thread: 1 } as const;

function getrusage(task: Task, of: number, at: number): number {
  const { process, used } = task;
  if (of === who.self) writeUsage(task, at, usageOf(process));
  else if (of === who.children) writeUsage(task, at, process.usedByChildren);
  else if (of === who.thread) {
    used.sawResident(task.mm.mm.peakResident);
    writeUsage(task, at, used);
  } else return -errno.EINVAL;
  return 0;
}

/** `struct tms`: user and system time, the children's. Answers the time since the start. */
function times(task: Task, at: number): number {
  const { process, system, memory } = task;
  const ticks = (nanoseconds: number) => Math.floor(nanoseconds / tickNanoseconds);
  if (at !== 0) {
    memory.clear(at, 32);
    memory.setLong(at, ticks(processTime(process)));
    memory.setLong(at + 16, ticks(process.usedByChildren.cycles));
  }
  return ticks(system.now());
}

/** What processes have used. */
export const usageCalls = [
  syscall(153, "times(address times) long", times),
  syscall(165, "getrusage(usageOf who, address usage)", getrusage),
];
