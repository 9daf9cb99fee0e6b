import { errno } from "../errno.ts";
import type { Task } from "../task.ts";
import { clock, clockOf, deadlineOf, isWall } from "./clock.ts";
import { syscall } from "./syscall.ts";
import { billion, readTimespec, writeNanoseconds, writeTimespec } from "./timespec.ts";

function clockGettime(task: Task, id: number, into: number): number {
  const now = clockOf(task, id)();
  const seconds = Math.floor(now / billion);
  writeTimespec(task, into, seconds + (isWall(id) ? task.system.epoch : 0), now - seconds * billion);
  return 0;
}

function gettimeofday(task: Task, into: number, zone: number): number {
  const now = task.system.now();
  const seconds = Math.floor(now / billion);
  if (into !== 0) {
    writeTimespec(task, into, seconds + task.system.epoch, Math.floor((now - seconds * billion) / 1000));
  }
  if (zone !== 0) task.memory.clear(zone, 8);
  return 0;
}

function clockGetres(task: Task, id: number, into: number): number {
  clockOf(task, id);
  if (into !== 0) writeTimespec(task, into, 0, 1);
  return 0;
}

/** The time is not the program's to set, and only one clock's time could be. */
function clockSettime(_task: Task, id: number): number {
  return id === clock.CLOCK_REALTIME ? -errno.EPERM : -errno.EINVAL;
}

const timerAbsolute = 1;

function clockNanosleep(task: Task, id: number, flags: number, request: number): number {
  clockOf(task, id);
  const time = readTimespec(task, request);
  const isAbsolute = (flags & timerAbsolute) !== 0;
  const deadline = isAbsolute ? deadlineOf(task, time, isWall(id)) : task.system.now() + time;
  return sleepUntil(task, deadline, isAbsolute ? "restart" : "interrupt");
}

function sleepUntil(task: Task, deadline: number, signal: "interrupt" | "restart"): number {
  if (task.timedOut || deadline <= task.system.now()) return 0;
  return task.block({ deadline, signal });
}

/** A call that sleeps, with the rest of its time written where a signal ends it. */
function sleepAndTell(task: Task, id: number, flags: number, request: number, remaining: number): number {
  const answer = clockNanosleep(task, id, flags, request);
  const call = task.call!;
  if (task.state === "blocked" && remaining !== 0 && (flags & timerAbsolute) === 0) {
    call.onInterrupt = () => writeNanoseconds(task, remaining, Math.max(0, call.deadline! - task.system.now()));
  }
  return answer;
}

/** `struct timex` of 208 bytes: nothing is adjusted, and nothing can be. */
function clockAdjtime(task: Task, id: number, timex: number): number {
  const modes = task.memory.u32(timex);
  clockOf(task, id);
  if (id !== clock.CLOCK_REALTIME) return -errno.EOPNOTSUPP;
  if (modes !== 0) return -errno.EPERM;
  const now = task.system.now();
  const seconds = Math.floor(now / billion);
  const { memory } = task;
  memory.clear(timex, 208);
  memory.setLong(timex + 88, 10_000);
  writeTimespec(task, timex + 72, seconds + task.system.epoch, Math.floor((now - seconds * billion) / 1000));
  return 0;
}

/** Time. */
export const timeCalls = [
  syscall(101, "nanosleep(timespec request, address remaining)", (task, request, remaining) =>
    sleepAndTell(task, 1, 0, request, remaining),
  ),
  syscall(112, "clock_settime(clock clock, timespec time)", clockSettime),
  syscall(113, "clock_gettime(clock clock, timespecOut time)", clockGettime),
  syscall(114, "clock_getres(clock clock, timespecOut resolution)", clockGetres),
  syscall(115, "clock_nanosleep(clock clock, timerFlags flags, timespec request, address remaining)", sleepAndTell),
  syscall(169, "gettimeofday(address time, address zone)", gettimeofday),
  syscall(171, "adjtimex(address timex)", (task, timex) => clockAdjtime(task, 0, timex)),
  syscall(266, "clock_adjtime(clock clock, address timex)", clockAdjtime),
  syscall(170, "settimeofday(address time, address zone)", () => -errno.EPERM),
];
