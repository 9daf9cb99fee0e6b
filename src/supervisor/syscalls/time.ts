import { errno } from "../errno.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

/** The date at which virtual time begins: 2026-01-01, in seconds. */
const epochSeconds = Date.UTC(2026, 0, 1) / 1000;
const billion = 1e9;

const clock = {
  realtime: 0,
  monotonic: 1,
  processCpu: 2,
  threadCpu: 3,
  monotonicRaw: 4,
  realtimeCoarse: 5,
  tai: 11,
} as const;

const isWall = (id: number) => id === clock.realtime || id === clock.realtimeCoarse || id === clock.tai;

/** Reads a `struct timespec`. Nanoseconds, or -EINVAL as -1. */
function readTimespec(task: Task, address: number): number {
  const seconds = task.memory.long(address);
  const nanoseconds = task.memory.long(address + 8);
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= billion) return -1;
  return seconds * billion + nanoseconds;
}

function writeTimespec(task: Task, address: number, seconds: number, nanoseconds: number): void {
  task.memory.setLong(address, seconds);
  task.memory.setLong(address + 8, nanoseconds);
}

function clockGettime(task: Task, id: number, into: number): number {
  if (id < 0 || id > clock.tai) return -errno.EINVAL;
  const now = task.system.now();
  const seconds = Math.floor(now / billion);
  writeTimespec(task, into, seconds + (isWall(id) ? epochSeconds : 0), now - seconds * billion);
  return 0;
}

function gettimeofday(task: Task, into: number): number {
  const now = task.system.now();
  const seconds = Math.floor(now / billion);
  if (into !== 0) writeTimespec(task, into, seconds + epochSeconds, Math.floor((now - seconds * billion) / 1000));
  return 0;
}

function clockGetres(_task: Task, id: number, into: number): number {
  if (id < 0 || id > clock.tai) return -errno.EINVAL;
  if (into !== 0) writeTimespec(_task, into, 0, 1);
  return 0;
}

const timerAbsolute = 1;

function clockNanosleep(task: Task, id: number, flags: number, request: number): number {
  if (task.timedOut) return 0;
  const duration = readTimespec(task, request);
  if (duration < 0) return -errno.EINVAL;
  const now = task.system.now();
  const isAbsolute = (flags & timerAbsolute) !== 0;
  const deadline = isAbsolute ? duration - (isWall(id) ? epochSeconds * billion : 0) : now + duration;
  return deadline <= now ? 0 : task.block({ deadline });
}

/** Time. */
export const timeCalls = [
  syscall(101, "nanosleep(timespec request, address remaining)", (task, request) =>
    clockNanosleep(task, clock.monotonic, 0, request),
  ),
  syscall(113, "clock_gettime(int clock, address time)", clockGettime),
  syscall(114, "clock_getres(int clock, address resolution)", clockGetres),
  syscall(115, "clock_nanosleep(int clock, int flags, timespec request, address remaining)", clockNanosleep),
  syscall(169, "gettimeofday(address time, address zone)", gettimeofday),
];
