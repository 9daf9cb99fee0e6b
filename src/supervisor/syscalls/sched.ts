import { errno, LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

function taskOf(task: Task, tid: number): Task {
  if (tid < 0) throw new LinuxError("EINVAL");
  const found = tid === 0 ? task : task.system.tasks.get(tid);
  if (found === undefined) throw new LinuxError("ESRCH");
  return found;
}

/** The harts as a `cpu_set_t` of eight bytes: bit n is hart n. */
function allHarts({ system }: Task): bigint {
  return (1n << BigInt(system.machine.harts.length)) - 1n;
}

const setBytes = 8;

function getaffinity(task: Task, tid: number, size: number, mask: number): number {
  const of = taskOf(task, tid);
  if (size < setBytes || size % setBytes !== 0) return -errno.EINVAL;
  task.memory.setU64(mask, of.affinity & allHarts(task));
  return setBytes;
}

function setaffinity(task: Task, tid: number, size: number, mask: number): number {
  const of = taskOf(task, tid);
  const bytes = new Uint8Array(setBytes);
  if (size < 0) return -errno.EINVAL;
  bytes.set(task.memory.read(mask, Math.min(size, setBytes)));
  const wanted = new DataView(bytes.buffer).getBigUint64(0, true) & allHarts(task);
  if (wanted === 0n) return -errno.EINVAL;
  of.affinity = wanted;
  return 0;
}

/** SCHED_ policies; of them those with priorities. */
const policy = { other: 0, fifo: 1, roundRobin: 2, batch: 3, idle: 5 } as const;
const isRealTime = (number: number) => number === policy.fifo || number === policy.roundRobin;
const isPolicy = (number: number) => Object.values<number>(policy).includes(number);
const resetOnFork = 0x4000_0000;

/** Policies and priorities are kept and told; the scheduler goes in turns whatever they are. */
function setscheduler(task: Task, tid: number, number: number, parameter: number): number {
  const of = taskOf(task, tid);
  const wanted = number & ~resetOnFork;
  const priority = task.memory.i32(parameter);
  if (!isPolicy(wanted) || !fits(wanted, priority)) return -errno.EINVAL;
  of.policy = { ...of.policy, number, priority };
  return 0;
}

function fits(number: number, priority: number): boolean {
  return isRealTime(number) ? priority >= 1 && priority <= 99 : priority === 0;
}

function setparam(task: Task, tid: number, parameter: number): number {
  const of = taskOf(task, tid);
  return setscheduler(task, tid, of.policy.number, parameter);
}

function getparam(task: Task, tid: number, parameter: number): number {
  task.memory.setU32(parameter, taskOf(task, tid).policy.priority);
  return 0;
}

function priorityBound(bound: number): (task: Task, number: number) => number {
  return (_task, number) => {
    if (!isPolicy(number)) return -errno.EINVAL;
    return isRealTime(number) ? bound : 0;
  };
}

function rrInterval(task: Task, tid: number, into: number): number {
  taskOf(task, tid);
  task.memory.setLong(into, 0);
  task.memory.setLong(into + 8, 100_000);
  return 0;
}

function schedYield(task: Task): number {
  task.system.yieldTurn(task);
  return 0;
}

const attributeBytes = 48;

/** `struct sched_attr`: size, policy, flags, nice, priority. */
function getattr(task: Task, tid: number, into: number, size: number): number {
  const { policy: current } = taskOf(task, tid);
  if (size < attributeBytes) return -errno.EINVAL;
  task.memory.clear(into, attributeBytes);
  task.memory.setU32(into, attributeBytes);
  task.memory.setU32(into + 4, current.number);
  task.memory.setU32(into + 16, isRealTime(current.number) ? 0 : current.nice);
  task.memory.setU32(into + 20, current.priority);
  return 0;
}

/** `struct sched_attr` as {@link getattr} has it. */
function setattr(task: Task, tid: number, from: number, flags: number): number {
  const of = taskOf(task, tid);
  if (flags !== 0) return -errno.EINVAL;
  const [number, priority] = [task.memory.i32(from + 4), task.memory.i32(from + 20)];
  if (!isPolicy(number) || !fits(number, priority)) return -errno.EINVAL;
  of.policy = { number, priority, nice: isRealTime(number) ? of.policy.nice : niceValue(task.memory.i32(from + 16)) };
  return 0;
}

/** Whom setpriority and getpriority are about. */
const which = { process: 0, group: 1, user: 2 } as const;

/** All threads that a number names; 0 is the caller's. Throws EINVAL, or ESRCH where there are none. */
function whom(task: Task, kind: number, who: number): Task[] {
  const all = [...task.system.tasks.values()];
  const { pgid } = task.process;
  if (kind === which.process) return [taskOf(task, who)];
  const found = all.filter(({ process }) =>
    kind === which.group ? process.pgid === (who === 0 ? pgid : who) : kind === which.user && who === 0,
  );
  if (kind !== which.group && kind !== which.user) throw new LinuxError("EINVAL");
  if (found.length === 0) throw new LinuxError("ESRCH");
  return found;
}

const niceValue = (value: number) => Math.max(-20, Math.min(19, value));

function setpriority(task: Task, kind: number, who: number, value: number): number {
  for (const of of whom(task, kind, who)) of.policy = { ...of.policy, nice: niceValue(value) };
  return 0;
}

/** 20 less the nice value: the least nice of all that are meant. */
function getpriority(task: Task, kind: number, who: number): number {
  return Math.max(...whom(task, kind, who).map(({ policy }) => 20 - policy.nice));
}

/** IOPRIO_CLASS_BE, level 4: what everybody has. */
const ioPriority = (2 << 13) | 4;

/** Scheduling. */
export const schedCalls = [
  syscall(118, "sched_setparam(pid tid, address parameter)", setparam),
  syscall(119, "sched_setscheduler(pid tid, policy policy, address parameter)", setscheduler),
  syscall(120, "sched_getscheduler(pid tid)", (task, tid) => taskOf(task, tid).policy.number),
  syscall(121, "sched_getparam(pid tid, address parameter)", getparam),
  syscall(122, "sched_setaffinity(pid tid, size size, address mask)", setaffinity),
  syscall(123, "sched_getaffinity(pid tid, size size, address mask)", getaffinity),
  syscall(124, "sched_yield()", schedYield),
  syscall(125, "sched_get_priority_max(policy policy)", priorityBound(99)),
  syscall(126, "sched_get_priority_min(policy policy)", priorityBound(1)),
  syscall(127, "sched_rr_get_interval(pid tid, timespecOut interval)", rrInterval),
  syscall(140, "setpriority(priorityOf which, int who, int nice)", setpriority),
  syscall(141, "getpriority(priorityOf which, int who)", getpriority),
  syscall(30, "ioprio_set(int which, int who, int priority)", () => 0),
  syscall(31, "ioprio_get(int which, int who)", () => ioPriority),
  syscall(274, "sched_setattr(pid tid, address attributes, flags flags)", setattr),
  syscall(275, "sched_getattr(pid tid, address attributes, size size, flags flags)", getattr),
];
