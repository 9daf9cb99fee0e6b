import { errno } from "../errno.ts";
import { anyBit, Futexes, type FutexKey, type FutexWait } from "../process/futexes.ts";
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
const owner = { tidMask: 0x3fff_ffff, died: 0x4000_0000, waiters: 0x8000_0000 } as const;

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
  return Futexes.keyOf(task, address, isPrivate);
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
      return address === address2 ? -errno.EINVAL : wait(call, anyBit, true);
    case futexOp.FUTEX_CMP_REQUEUE_PI:
      return requeuePi(call);
    case futexOp.FUTEX_LOCK_PI:
      return lockPi({ ...call, isRealtime: true });
    case futexOp.FUTEX_LOCK_PI2:
      return lockPi(call);
    case futexOp.FUTEX_TRYLOCK_PI:
      return takePi(call) ? 0 : -errno.EAGAIN;
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

function wait(call: FutexCall, bitset: number, isAbsolute: boolean): number {
  const { task, timeout } = call;
  const earlier = waitOf(task);
  if (earlier !== undefined) return outcome(task, earlier) ?? task.block(howToWait(timeout));
  const deadline = timeout === 0 ? undefined : futexDeadline(call, isAbsolute);
  if (task.memory.i32(call.address) !== call.value) return -errno.EAGAIN;
  queue(task, [keyOf(call, call.address)], bitset);
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

/** The call at hand waits at a futex from now on, or at several. */
export function queue(task: Task, keys: readonly FutexKey[], bitset: number): void {
  const wait: FutexWait = { task, waiters: [], wokenAt: undefined };
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
  const from = keyOf(call, address);
  const woken = task.system.futexes.wake(from, value);
  return woken + task.system.futexes.requeue(from, keyOf(call, address2), Math.min(count, most));
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

/** Takes a mutex with priority inheritance if nobody has it. */
function takePi({ task, address }: FutexCall): boolean {
  const value = task.memory.u32(address);
  if ((value & owner.tidMask) !== 0) return false;
  task.memory.setU32(address, (value | task.tid) >>> 0);
  return true;
}

function lockPi(call: FutexCall): number {
  const { task, address, timeout } = call;
  const earlier = waitOf(task);
  if (earlier !== undefined) return outcome(task, earlier) ?? task.block({});
  if ((task.memory.u32(address) & owner.tidMask) === task.tid) return -errno.EDEADLK;
  if (takePi(call)) return 0;
  task.memory.setU32(address, (task.memory.u32(address) | owner.waiters) >>> 0);
  const deadline = timeout === 0 ? undefined : futexDeadline(call, true);
  queue(task, [keyOf(call, address)], anyBit);
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
  const isFree = (mutex & owner.tidMask) === 0;
  if (isFree) memory.setU32(address2, (mutex | first.tid) >>> 0);
  const woken = isFree ? futexes.wake(from, 1) : 0;
  const moved = futexes.requeue(from, keyOf(call, address2), Math.min(count, most) + 1 - woken);
  if (moved > 0) memory.setU32(address2, (memory.u32(address2) | owner.waiters) >>> 0);
  return woken + moved;
}

/** The first of those who wait gets the mutex. */
function unlockPi(call: FutexCall): number {
  const { task, address } = call;
  if ((task.memory.u32(address) & owner.tidMask) !== task.tid) return -errno.EPERM;
  const { futexes } = task.system;
  const key = keyOf(call, address);
  const next = futexes.first(key);
  futexes.wake(key, 1);
  const waiters = futexes.first(key) === undefined ? 0 : owner.waiters;
  task.memory.setU32(address, next === undefined ? 0 : (next.tid | waiters) >>> 0);
  return 0;
}

/** Futexes. */
export const futexCalls = [
  syscall(98, "futex(address address, futexOp op, int value, address timeout, address address2, int value3)", futex),
];
