import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";

/** Nanoseconds of a second. */
export const billion = 1e9;

/** Reads a `struct timespec`. Nanoseconds. Throws EINVAL for what is none. */
export function readTimespec({ memory }: Task, address: number): number {
  const seconds = memory.long(address);
  const nanoseconds = memory.long(address + 8);
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= billion) throw new LinuxError("EINVAL");
  return seconds * billion + nanoseconds;
}

/** Writes a `struct timespec`. */
export function writeTimespec({ memory }: Task, address: number, seconds: number, nanoseconds: number): void {
  memory.setLong(address, seconds);
  memory.setLong(address + 8, nanoseconds);
}

/** Writes nanoseconds as a `struct timespec`. */
export function writeNanoseconds(task: Task, address: number, nanoseconds: number): void {
  const seconds = Math.floor(nanoseconds / billion);
  writeTimespec(task, address, seconds, nanoseconds - seconds * billion);
}

/** Reads a `struct timeval`. Nanoseconds. Throws EINVAL for what is none. */
export function readTimeval({ memory }: Task, address: number): number {
  const seconds = memory.long(address);
  const microseconds = memory.long(address + 8);
  if (seconds < 0 || microseconds < 0 || microseconds >= 1e6) throw new LinuxError("EINVAL");
  return seconds * billion + microseconds * 1000;
}

/** Writes nanoseconds as a `struct timeval`. */
export function writeTimeval({ memory }: Task, address: number, nanoseconds: number): void {
  const microseconds = Math.ceil(nanoseconds / 1000);
  memory.setLong(address, Math.floor(microseconds / 1e6));
  memory.setLong(address + 8, microseconds % 1e6);
}
