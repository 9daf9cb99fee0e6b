import { errno, LinuxError } from "../errno.ts";
import { sendToProcess, sendToTask } from "../process/send.ts";
import { type SignalInfo, signalCode } from "../process/signalInfo.ts";
import { lastSignal, signal } from "../process/signalNumber.ts";
import { type CreatedTimer, IntervalTimer } from "../process/timers.ts";
import type { Task } from "../task.ts";
import { clockOf, deadlineOf, isWall } from "./clock.ts";
import { syscall } from "./syscall.ts";
import { readTimespec, readTimeval, writeNanoseconds, writeTimeval } from "./timespec.ts";
import { processTime } from "./usage.ts";

/** ITIMER_ numbers: by the supervisor's time, or by the process's own. */
const itimer = { real: 0, virtual: 1, profiling: 2 } as const;
const itimerSignals = [signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF] as const;

function intervalTimer({ process, system }: Task, which: number): IntervalTimer {
  const found = process.timers.interval.get(which);
  if (found !== undefined) return found;
  const now = () => system.now();
  const used = () => processTime(process);
  const number = itimerSignals[which];
  const timer = new IntervalTimer(system.scheduler, now, which === itimer.real ? now : used, () =>
    sendToProcess(process, { signal: number, code: signalCode.SI_KERNEL }),
  );
  process.timers.interval.set(which, timer);
  return timer;
}

function setitimer(task: Task, which: number, value: number, old: number): number {
  if (which < 0 || which > itimer.profiling) return -errno.EINVAL;
  const interval = value === 0 ? 0 : readTimeval(task, value);
  const first = value === 0 ? 0 : readTimeval(task, value + 16);
  const timer = intervalTimer(task, which);
  if (old !== 0) writeItimer(task, timer, old);
  const now = which === itimer.real ? task.system.now() : processTime(task.process);
  if (first === 0) timer.stop();
  else timer.set(now + first, interval);
  return 0;
}

function getitimer(task: Task, which: number, value: number): number {
  if (which < 0 || which > itimer.profiling) return -errno.EINVAL;
  writeItimer(task, intervalTimer(task, which), value);
  return 0;
}

/** `struct itimerval`: interval, time left. */
function writeItimer(task: Task, { interval, remaining }: IntervalTimer, at: number): void {
  writeTimeval(task, at, remaining === 0 ? 0 : interval);
  writeTimeval(task, at + 16, remaining);
}

/** SIGEV_ numbers of `struct sigevent`. */
const notify = { signal: 0, none: 1, thread: 2, threadId: 4 } as const;

interface TimerEvent {
  readonly kind: number;
  readonly signal: number;
  readonly value: bigint | undefined;
  readonly thread: Task | undefined;
}

/** `struct sigevent`: value, signal, kind, thread. Throws EINVAL. */
function readEvent(task: Task, at: number): TimerEvent {
  if (at === 0) return { kind: notify.signal, signal: signal.SIGALRM, value: undefined, thread: undefined };
  const { memory } = task;
  const kind = memory.i32(at + 12);
  const number = memory.i32(at + 8);
  const thread = kind === notify.threadId ? task.system.tasks.get(memory.i32(at + 16)) : undefined;
  const isStranger = kind === notify.threadId && thread?.process !== task.process;
  const isKnown = kind === notify.signal || kind === notify.none || kind === notify.threadId;
  if (!isKnown || isStranger) throw new LinuxError("EINVAL");
  if (kind !== notify.none && (number < 1 || number > lastSignal)) throw new LinuxError("EINVAL");
  return { kind, signal: number, value: memory.u64(at), thread };
}

function timerCreate(task: Task, clock: number, event: number, into: number): number {
  const { process, system } = task;
  const count = clockOf(task, clock);
  const { kind, signal: number, value, thread } = readEvent(task, event);
  const id = process.timers.allocate();
  const fire = (times: number) => {
    if (kind === notify.none) return;
    const info: SignalInfo = {
      signal: number,
      code: signalCode.SI_TIMER,
      timer: id,
      overrun: times - 1,
      onTaken: (overrun) => {
        created.overrun = overrun;
      },
      value: value ?? BigInt(id),
    };
    if (thread !== undefined) sendToTask(thread, info);
    else sendToProcess(process, info);
  };
  const timer = new IntervalTimer(system.scheduler, () => system.now(), count, fire);
  const created: CreatedTimer = { clock, timer, overrun: 0 };
  process.timers.created.set(id, created);
  task.memory.setU32(into, id);
  return 0;
}

function createdTimer({ process }: Task, id: number): CreatedTimer {
  const timer = process.timers.created.get(id);
  if (timer === undefined) throw new LinuxError("EINVAL");
  return timer;
}

const timerAbsolute = 1;

/** Sets a timer by a `struct itimerspec`; timerfd's is the same. */
export function setTimer(task: Task, timer: IntervalTimer, clock: number, isAbsolute: boolean, value: number): void {
  const interval = readTimespec(task, value);
  const first = readTimespec(task, value + 16);
  if (first === 0) {
    timer.stop();
    return;
  }
  const expiry = isAbsolute ? deadlineOf(task, first, isWall(clock)) : clockOf(task, clock)() + first;
  timer.set(expiry, interval);
}

/** Writes a timer as a `struct itimerspec`. */
export function writeTimer(task: Task, timer: IntervalTimer, at: number): void {
  writeNanoseconds(task, at, timer.remaining === 0 ? 0 : timer.interval);
  writeNanoseconds(task, at + 16, timer.remaining);
}

function timerSettime(task: Task, id: number, flags: number, value: number, old: number): number {
  const { timer, clock } = createdTimer(task, id);
  if (old !== 0) writeTimer(task, timer, old);
  setTimer(task, timer, clock, (flags & timerAbsolute) !== 0, value);
  return 0;
}

function timerGettime(task: Task, id: number, into: number): number {
  writeTimer(task, createdTimer(task, id).timer, into);
  return 0;
}

function timerDelete(task: Task, id: number): number {
  createdTimer(task, id);
  task.process.timers.end(id);
  return 0;
}

/** Timers that send signals. */
export const timerCalls = [
  syscall(102, "getitimer(itimer which, address value)", getitimer),
  syscall(103, "setitimer(itimer which, address value, address old)", setitimer),
  syscall(107, "timer_create(clock clock, address event, address id)", timerCreate),
  syscall(108, "timer_gettime(int id, address value)", timerGettime),
  syscall(109, "timer_getoverrun(int id)", (task, id) => createdTimer(task, id).overrun),
  syscall(110, "timer_settime(int id, timerFlags flags, address value, address old)", timerSettime),
  syscall(111, "timer_delete(int id)", timerDelete),
];
