import { errno, LinuxError } from "../errno.ts";
import { anyBit, Futexes, type FutexKey } from "../process/futexes.ts";
import type { Task } from "../task.ts";
import { clock, deadlineOf } from "./clock.ts";
import { howToWait, outcome, queue, waitOf } from "./futex.ts";
import { syscall } from "./syscall.ts";
import { readTimespec } from "./timespec.ts";

/** FUTEX2_ flags: size in the lower two bits, of which 32 bits are the only one there is. */
const flag = { sizeMask: 3, size32: 2, isPrivate: 128 } as const;
const mostFutexes = 128;
/** `struct futex_waitv`: value, address (64 bits each), flags, nothing. */
const waiterBytes = 24;

/** A futex that a call names, with the value that it is to have. */
interface NamedFutex {
  readonly key: FutexKey;
  readonly address: number;
  readonly value: number;
}

function named(task: Task, address: number, value: number, flags: number): NamedFutex {
  if ((flags & flag.sizeMask) !== flag.size32 || flags & ~(flag.sizeMask | flag.isPrivate))
    throw new LinuxError("EINVAL");
  if (address % 4 !== 0) throw new LinuxError("EINVAL");
  return { key: Futexes.find(task, address, (flags & flag.isPrivate) !== 0), address, value: value | 0 };
}

/** Waits while all futexes have their values. Answers which one was woken. */
function waitAt(task: Task, name: () => NamedFutex[], timeout: number, clockId: number, bitset: number): number {
  const earlier = waitOf(task);
  if (earlier !== undefined) return outcome(task, earlier) ?? task.block(howToWait(timeout));
  if (timeout !== 0 && clockId !== clock.CLOCK_MONOTONIC && clockId !== clock.CLOCK_REALTIME) return -errno.EINVAL;
  const time = timeout === 0 ? undefined : readTimespec(task, timeout);
  const deadline = time === undefined ? undefined : deadlineOf(task, time, clockId === clock.CLOCK_REALTIME);
  const futexes = name();
  for (const { address, value } of futexes) if (task.memory.i32(address) !== value) return -errno.EAGAIN;
  const keys = futexes.map(({ key }) => key);
  queue(task, keys, bitset);
  return task.block({ ...howToWait(timeout), deadline });
}

function readWaiters(task: Task, waiters: number, count: number): NamedFutex[] {
  const { memory } = task;
  return Array.from({ length: count }, (_, index) => {
    const at = waiters + waiterBytes * index;
    if (memory.u32(at + 20) !== 0) throw new LinuxError("EINVAL");
    return named(task, memory.long(at + 8), memory.i32(at), memory.u32(at + 16));
  });
}

function futexWaitv(task: Task, waiters: number, count: number, flags: number, timeout: number, id: number): number {
  if (flags !== 0 || count < 1 || count > mostFutexes) return -errno.EINVAL;
  return waitAt(task, () => readWaiters(task, waiters, count), timeout, id, anyBit);
}

function futexWait(
  task: Task,
  address: number,
  value: number,
  mask: number,
  flags: number,
  timeout: number,
  id: number,
): number {
  if ((mask | 0) === 0) return -errno.EINVAL;
  return waitAt(task, () => [named(task, address, value, flags)], timeout, id, mask | 0);
}

function futexWake(task: Task, address: number, mask: number, count: number, flags: number): number {
  if ((mask | 0) === 0) return -errno.EINVAL;
  return task.system.futexes.wake(named(task, address, 0, flags).key, count, mask | 0);
}

function futexRequeue(task: Task, waiters: number, flags: number, wakes: number, requeues: number): number {
  if (flags !== 0 || wakes < 0 || requeues < 0) return -errno.EINVAL;
  const [from, to] = readWaiters(task, waiters, 2);
  if (task.memory.i32(from.address) !== from.value) return -errno.EAGAIN;
  const { futexes } = task.system;
  return futexes.wake(from.key, wakes) + futexes.requeue(from.key, to.key, requeues);
}

/** The futex calls that took the place of one with operations. */
export const futex2Calls = [
  syscall(449, "futex_waitv(address waiters, uint count, flags flags, timespec timeout, clock clock)", futexWaitv),
  syscall(454, "futex_wake(address address, long mask, int count, flags flags)", futexWake),
  syscall(
    455,
    "futex_wait(address address, long value, long mask, flags flags, timespec timeout, clock clock)",
    futexWait,
  ),
  syscall(456, "futex_requeue(address waiters, flags flags, int wakes, int requeues)", futexRequeue),
];
