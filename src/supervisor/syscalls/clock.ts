import { LinuxError } from "../errno.ts";
import type { TimerClock } from "../process/timers.ts";
import type { Task } from "../task.ts";
import { billion } from "./timespec.ts";
import { processTime } from "./usage.ts";

/** CLOCK_ numbers, `linux/time.h`. */
export const clock = {
  CLOCK_REALTIME: 0,
  CLOCK_MONOTONIC: 1,
  CLOCK_PROCESS_CPUTIME_ID: 2,
  CLOCK_THREAD_CPUTIME_ID: 3,
  CLOCK_MONOTONIC_RAW: 4,
  CLOCK_REALTIME_COARSE: 5,
  CLOCK_MONOTONIC_COARSE: 6,
  CLOCK_BOOTTIME: 7,
  CLOCK_REALTIME_ALARM: 8,
  CLOCK_BOOTTIME_ALARM: 9,
  CLOCK_TAI: 11,
} as const;

const wallClocks: ReadonlySet<number> = new Set([
  clock.CLOCK_REALTIME,
  clock.CLOCK_REALTIME_COARSE,
  clock.CLOCK_REALTIME_ALARM,
  clock.CLOCK_TAI,
]);

/** Whether a clock tells the date. */
export const isWall = (id: number): boolean => wallClocks.has(id);

/** A clock of which negative numbers are made: the complement of a process or thread, its kind in the lower three bits. */
const dynamic = { kinds: 3, scheduled: 2, isThread: 4, shift: 3 } as const;

/**
 * A clock's nanoseconds; of one that tells the date those since the supervisor's start, `Supervisor.epoch`. Throws EINVAL
 * where there is no such clock.
 */
export function clockOf(task: Task, id: number): TimerClock {
  const { system, process } = task;
  if (id === clock.CLOCK_PROCESS_CPUTIME_ID) return () => processTime(process);
  if (id === clock.CLOCK_THREAD_CPUTIME_ID) return () => task.used.cycles;
  if (id >= 0) {
    if (id > clock.CLOCK_TAI || id === 10) throw new LinuxError("EINVAL");
    return () => system.now();
  }
  const number = ~(id >> dynamic.shift);
  if ((id & dynamic.kinds) > dynamic.scheduled) throw new LinuxError("EINVAL");
  if (id & dynamic.isThread) {
    const thread = number === 0 ? task : system.tasks.get(number);
    if (thread === undefined || thread.process !== process) throw new LinuxError("EINVAL");
    return () => thread.used.cycles;
  }
  const other = number === 0 ? process : system.processes.get(number);
  if (other === undefined) throw new LinuxError("EINVAL");
  return () => processTime(other);
}

/** The time of {@link Supervisor.now} of a moment on a clock that tells the date, or on one that does not. */
export function deadlineOf(task: Task, time: number, wall: boolean): number {
  return wall ? time - task.system.epoch * billion : time;
}
