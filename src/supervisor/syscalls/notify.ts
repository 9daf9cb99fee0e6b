import { errno, LinuxError } from "../errno.ts";
import { openFlag } from "../files/openFile.ts";
import { ProcessFile } from "../files/processFile.ts";
import { SignalFile } from "../files/signalFile.ts";
import { TimerFile } from "../files/timerFile.ts";
import { sendToProcess } from "../process/send.ts";
import { signalCode } from "../process/signalInfo.ts";
import { lastSignal, unblockable } from "../process/signalNumber.ts";
import { IntervalTimer } from "../process/timers.ts";
import type { Task } from "../task.ts";
import { clockOf } from "./clock.ts";
import { syscall } from "./syscall.ts";
import { setTimer, writeTimer } from "./timer.ts";

const { O_CLOEXEC, O_NONBLOCK } = openFlag;
const setBytes = 8;

function signalfd4(task: Task, fd: number, set: number, size: number, flags: number): number {
  if (size !== setBytes || flags & ~(O_CLOEXEC | O_NONBLOCK)) return -errno.EINVAL;
  const wanted = task.memory.u64(set) & ~unblockable;
  if (fd === -1) {
    return task.files.add(new SignalFile(task.process, wanted, flags & O_NONBLOCK), (flags & O_CLOEXEC) !== 0);
  }
  const file = task.files.get(fd);
  if (!(file instanceof SignalFile)) return -errno.EINVAL;
  file.wanted = wanted;
  return fd;
}

function timerfdCreate(task: Task, clock: number, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK) || clock < 0) return -errno.EINVAL;
  const { system } = task;
  const count = clockOf(task, clock);
  const file = new TimerFile(
    clock,
    flags & O_NONBLOCK,
    (onFire) => new IntervalTimer(system.scheduler, () => system.now(), count, onFire),
  );
  return task.files.add(file, (flags & O_CLOEXEC) !== 0);
}

function timerFile(task: Task, fd: number): TimerFile {
  const file = task.files.get(fd);
  if (!(file instanceof TimerFile)) throw new LinuxError("EINVAL");
  return file;
}

const timer = { absolute: 1, cancelOnSet: 2 } as const;

function timerfdSettime(task: Task, fd: number, flags: number, value: number, old: number): number {
  const file = timerFile(task, fd);
  if (flags & ~(timer.absolute | timer.cancelOnSet)) return -errno.EINVAL;
  if (old !== 0) writeTimer(task, file.timer, old);
  setTimer(task, file.timer, file.clock, (flags & timer.absolute) !== 0, value);
  file.reset();
  return 0;
}

function timerfdGettime(task: Task, fd: number, into: number): number {
  writeTimer(task, timerFile(task, fd).timer, into);
  return 0;
}

function pidfdOpen(task: Task, pid: number, flags: number): number {
  if (pid <= 0 || flags & ~O_NONBLOCK) return -errno.EINVAL;
  const process = task.system.processes.get(pid);
  if (process === undefined) return -errno.ESRCH;
  return task.files.add(new ProcessFile(process, flags), true);
}

function pidfdSendSignal(task: Task, fd: number, number: number, _info: number, flags: number): number {
  const file = task.files.get(fd);
  if (!(file instanceof ProcessFile)) return -errno.EBADF;
  if (flags !== 0 || number < 0 || number > lastSignal) return -errno.EINVAL;
  const { process } = file;
  if (process.exit !== undefined && !task.system.processes.has(process.pid)) return -errno.ESRCH;
  if (number !== 0) sendToProcess(process, { signal: number, code: signalCode.SI_USER, pid: task.process.pid });
  return 0;
}

/** Descriptors for signals, timers and processes. */
export const notifyCalls = [
  syscall(74, "signalfd4(fd fd, sigset set, size size, descriptorFlags flags) fd", signalfd4),
  syscall(85, "timerfd_create(clock clock, descriptorFlags flags) fd", timerfdCreate),
  syscall(86, "timerfd_settime(fd fd, timerFlags flags, address value, address old)", timerfdSettime),
  syscall(87, "timerfd_gettime(fd fd, address value)", timerfdGettime),
  syscall(424, "pidfd_send_signal(fd fd, signal signal, address info, flags flags)", pidfdSendSignal),
  syscall(434, "pidfd_open(pid pid, descriptorFlags flags) fd", pidfdOpen),
];
