import { errno } from "../errno.ts";
import { anyBit, Futexes, type FutexKey, type FutexWait } from "../process/futexes.ts";
import { handOver, type Mutex, mutexBit } from "../process/mutexes.ts";
import type { Task } from "../task.ts";
import { deadlineOf } from "./clock.ts";
import { syscall } from "./syscall.ts";
import { readTimespec } from "./timespec.ts";

/** FUTEX_ operations, `linux/futex.h`. */
export const futexOp = {
  FUTEX_WAIT: 0,
  FUTEX_WAKE: 1,
  FUTEX_REQUEUE: 3,
  FUTEX_CMP_REQUEUE: 4,
  FUTEX_WAKE_OP: 5,
  FUTEX_LOCK_PI: 6,
  FUTEX_UNLOCK_PI: 7,
  FUTEX_TRYLOCK_PI: 8,
  FUTEX_WAIT_BITSET: 9,
  FUTEX_WAKE_BITSET: 10,
  FUTEX_WAIT_REQUEUE_PI: 11,
  FUTEX_CMP_REQUEUE_PI: 12,
  FUTEX_LOCK_PI2: 13,
} as const;

const opMask = 0x7f;
const privateFlag = 0x80;
const realtimeFlag = 0x100;
const most = 0x7fff_ffff;
/** Operations whose timeout may be of CLOCK_REALTIME. */
const realtimeOps: readonly number[] = [
  futexOp.FUTEX_WAIT,
  futexOp.FUTEX_WAIT_BITSET,
  futexOp.FUTEX_WAIT_REQUEUE_PI,
  futexOp.FUTEX_LOCK_PI2,
];

/** The operands of a futex call, as its operation names them. */
interface FutexCall {
  readonly task: Task;
  readonly address: number;
  readonly isPrivate: boolean;
  readonly isRealtime: boolean;
  readonly value: number;
  /** Address of a timeout, or a second number. */
  readonly timeout: number;
  readonly address2: number;
  readonly value3: number;
}

function keyOf({ task, isPrivate }: FutexCall, address: number): FutexKey {
  return Futexes.find(task, address, isPrivate);
}

function futex(
  task: Task,
  address: number,
  op: number,
  value: number,
  timeout: number,
  address2: number,
  value3: number,
): number {
  if (address % 4 !== 0) return -errno.EINVAL;
  const isPrivate = (op & privateFlag) !== 0;
  const isRealtime = (op & realtimeFlag) !== 0;
  if (isRealtime && !realtimeOps.includes(op & opMask)) return -errno.ENOSYS;
  const call: FutexCall = { task, address, isPrivate, isRealtime, value, timeout, address2, value3 };
  const { futexes } = task.system;
  switch (op & opMask) {
    case futexOp.FUTEX_WAIT:
      return wait(call, anyBit, false);
    case futexOp.FUTEX_WAIT_BITSET:
      return value3 === 0 ? -errno.EINVAL : wait(call, value3, true);
    case futexOp.FUTEX_WAKE:
      return futexes.wake(keyOf(call, address), Math.max(1, value));
    case futexOp.FUTEX_WAKE_BITSET:
      return value3 === 0 ? -errno.EINVAL : futexes.wake(keyOf(call, address), Math.max(1, value), value3);
    case futexOp.FUTEX_REQUEUE:
      return requeue(call);
    case futexOp.FUTEX_CMP_REQUEUE:
      return task.memory.i32(address) === value3 ? requeue(call) : -errno.EAGAIN;
    case futexOp.FUTEX_WAKE_OP:
      return wakeOp(call);
    case futexOp.FUTEX_WAIT_REQUEUE_PI:
      if (address === address2) return -errno.EINVAL;
      return wait(call, anyBit, true, () => ({ address: address2, key: keyOf(call, address2) }));
    case futexOp.FUTEX_CMP_REQUEUE_PI:
      return requeuePi(call);
    case futexOp.FUTEX_LOCK_PI:
      return lockPi({ ...call, isRealtime: true });
    case futexOp.FUTEX_LOCK_PI2:
      return lockPi(call);
    case futexOp.FUTEX_TRYLOCK_PI:
      return tryPi(call);
    case futexOp.FUTEX_UNLOCK_PI:
      return unlockPi(call);
    default:
      return -errno.ENOSYS;
  }
}

/** The wait of the call at hand, if this is not its first try. */
export function waitOf(task: Task): FutexWait | undefined {
  return task.call!.data as FutexWait | undefined;
}

/** What a call that waits is told at a later try: where it was woken, or that it is late; undefined: neither. */
export function outcome(task: Task, wait: FutexWait): number | undefined {
  if (wait.wokenAt !== undefined) return wait.wokenAt;
  if (!task.timedOut) return undefined;
  task.system.futexes.remove(wait);
  return -errno.ETIMEDOUT;
}

function wait(call: FutexCall, bitset: number, isAbsolute: boolean, mutex?: () => Mutex): number {
  const { task, timeout } = call;
  const earlier = waitOf(task);
  if (earlier !== undefined) return outcome(task, earlier) ?? task.block(howToWait(timeout));
  const deadline = timeout === 0 ? undefined : futexDeadline(call, isAbsolute);
  if (task.memory.i32(call.address) !== call.value) return -errno.EAGAIN;
  queue(task, [keyOf(call, call.address)], bitset, mutex?.());
  return task.block({ ...howToWait(timeout), deadline });
}

/** With a timeout a signal's handler ends the wait for good: Linux restarts those with what is left, and here nobody asks. */
export function howToWait(timeout: number): { signal: "interrupt" | "restart" } {
  return { signal: timeout === 0 ? "restart" : "interrupt" };
}

function futexDeadline({ task, timeout, isRealtime }: FutexCall, isAbsolute: boolean): number {
  const time = readTimespec(task, timeout);
  return isAbsolute ? deadlineOf(task, time, isRealtime) : task.system.now() + time;
}

/** The call at hand waits at a futex from now on, or at several; perhaps for a mutex with priority inheritance. */
export function queue(task: Task, keys: readonly FutexKey[], bitset: number, mutex?: Mutex): void {
  const wait: FutexWait = { task, waiters: [], mutex, wokenAt: undefined };
  task.call!.data = wait;
  keys.forEach((key, index) => {
    const waiter = { wait, index, bitset, key };
    wait.waiters.push(waiter);
    task.system.futexes.add(waiter);
  });
}

/** Wakes `value` waiters and lets as many as the second number wait elsewhere. */
function requeue(call: FutexCall): number {
  const { task, address, address2, value } = call;
  // the register of the timeout has a number
  const count = call.timeout | 0;
  if (value < 0 || count < 0) return -errno.EINVAL;
  const [from, to] = [keyOf(call, address), keyOf(call, address2)];
  const woken = task.system.futexes.wake(from, value);
  return woken + task.system.futexes.requeue(from, to, Math.min(count, most));
}

/** FUTEX_WAKE_OP: the second word changes, and its waiters are woken if its old value compares. */
function wakeOp(call: FutexCall): number {
  const { task, address2, value3 } = call;
  const sign = (value: number) => (value << 20) >> 20;
  const shift = (value3 >>> 31) & 1;
  const operand = shift ? 1 << (sign(value3 >> 12) & 31) : sign(value3 >> 12);
  const old = task.memory.i32(address2);
  const results = [operand, (old + operand) | 0, old | operand, old & ~operand, old ^ operand];
  const result = results[(value3 >>> 28) & 7];
  if (result === undefined) return -errno.ENOSYS;
  task.memory.setU32(address2, result >>> 0);
  const than = sign(value3);
  const holds = [old === than, old !== than, old < than, old <= than, old > than, old >= than][(value3 >>> 24) & 15];
  if (holds === undefined) return -errno.ENOSYS;
  const woken = task.system.futexes.wake(keyOf(call, call.address), Math.max(1, call.value));
  if (!holds) return woken;
  return woken + task.system.futexes.wake(keyOf(call, address2), Math.max(1, call.timeout | 0));
}

/** Takes a mutex with priority inheritance. 0; EAGAIN: somebody has it; EDEADLK: oneself; ESRCH: who has it is gone. */
function tryPi({ task, address }: FutexCall): number {
  const value = task.memory.u32(address);
  const tid = value & mutexBit.tidMask;
  if (tid === task.tid) return -errno.EDEADLK;
  if (tid !== 0) return task.system.tasks.has(tid) ? -errno.EAGAIN : -errno.ESRCH;
  task.memory.setU32(address, (value | task.tid) >>> 0);
  return 0;
}

function lockPi(call: FutexCall): number {
  const { task, address, timeout } = call;
  const earlier = waitOf(task);
  if (earlier !== undefined) return outcome(task, earlier) ?? task.block({});
  const deadline = timeout === 0 ? undefined : futexDeadline(call, true);
  const key = keyOf(call, address);
  const answer = tryPi(call);
  if (answer !== -errno.EAGAIN) return answer;
  task.memory.setU32(address, (task.memory.u32(address) | mutexBit.waiters) >>> 0);
  queue(task, [key], anyBit, { address, key });
  return task.block({ deadline });
}

/**
 * FUTEX_CMP_REQUEUE_PI: the first of those who wait gets a mutex with priority inheritance if it is free, others wait for
 * it from now on: at most the second number, and one. How many it was about.
 */
function requeuePi(call: FutexCall): number {
  const { task, address, address2, value, value3 } = call;
  const { memory, system } = task;
  // the register of the timeout has a number
  const count = call.timeout | 0;
  if (value !== 1 || count < 0 || address === address2) return -errno.EINVAL;
  if (memory.i32(address) !== value3) return -errno.EAGAIN;
  const { futexes } = system;
  const from = keyOf(call, address);
  const first = futexes.first(from);
  if (first === undefined) return 0;
  const mutex = memory.u32(address2);
  const isFree = (mutex & mutexBit.tidMask) === 0;
  if (isFree) memory.setU32(address2, (mutex | first.tid) >>> 0);
  const woken = isFree ? futexes.wake(from, 1) : 0;
  const moved = futexes.requeue(from, keyOf(call, address2), Math.min(count, most) + 1 - woken);
  if (moved > 0) memory.setU32(address2, (memory.u32(address2) | mutexBit.waiters) >>> 0);
  return woken + moved;
}

/** The first of those who wait gets the mutex. */
function unlockPi(call: FutexCall): number {
  const { task, address } = call;
  if ((task.memory.u32(address) & mutexBit.tidMask) !== task.tid) return -errno.EPERM;
  if (!handOver(task, { address, key: keyOf(call, address) }, task.memory)) task.memory.setU32(address, 0);
  return 0;
}

/** Futexes. */
export const futexCalls = [
  syscall(98, "futex(address address, futexOp op, int value, address timeout, address address2, int value3)", futex),
];
