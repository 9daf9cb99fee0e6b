import { errno, LinuxError } from "../errno.ts";
import { type OpenFile, pollBit } from "../files/openFile.ts";
import type { Task } from "../task.ts";
import type { WaitQueue } from "../waitQueue.ts";
import { blockDuringCall } from "./signal.ts";
import { syscall } from "./syscall.ts";
import { readTimespec, writeNanoseconds } from "./timespec.ts";

/** The other names of readable and writable, which are always said along with the first ones. */
const readNormal = 0x40;
const writeNormal = 0x100;

/** All that a file says, under all names that poll has for it. */
export function fullPoll(file: OpenFile): number {
  const bits = file.poll();
  return bits | (bits & pollBit.POLLIN ? readNormal : 0) | (bits & pollBit.POLLOUT ? writeNormal : 0);
}

/** What a call has to wait for, and until when. */
export interface PollWait {
  readonly files: readonly OpenFile[];
  /** Nanoseconds, 0: not at all; undefined: for ever. */
  readonly timeout: number | undefined;
}

/** Nothing is ready: the task waits until a file may be, or the time has passed, and then the answer is 0. */
export function waitForFiles(task: Task, { files, timeout }: PollWait): number {
  if (timeout === 0 || task.timedOut) return 0;
  const on = new Set<WaitQueue>(files.flatMap((file) => file.queues));
  const deadline = timeout === undefined ? undefined : task.system.now() + timeout;
  return task.block({ on: [...on], deadline, signal: "interrupt" });
}

const pollfdBytes = 8;

/** `struct pollfd []`: fd, events, what has happened. */
function ppoll(task: Task, fds: number, count: number, time: number, mask: number, maskBytes: number): number {
  if (count > task.files.limit) return -errno.EINVAL;
  const timeout = time === 0 ? undefined : readTimespec(task, time);
  blockDuringCall(task, mask, maskBytes);
  const { memory } = task;
  const files: OpenFile[] = [];
  let ready = 0;
  for (let at = fds; at < fds + count * pollfdBytes; at += pollfdBytes) {
    const fd = memory.i32(at);
    const happened = fd < 0 ? 0 : pollOne(task, fd, memory.u16(at + 4), files);
    memory.setU16(at + 6, happened);
    if (happened !== 0) ready++;
  }
  return ready > 0 ? ready : leaveTime(task, time, waitForFiles(task, { files, timeout }));
}

function pollOne(task: Task, fd: number, events: number, files: OpenFile[]): number {
  const file = task.files.find(fd);
  if (file === undefined || file.isPath) return pollBit.POLLNVAL;
  files.push(file);
  return fullPoll(file) & (events | pollBit.POLLERR | pollBit.POLLHUP);
}

/** Linux writes back what is left of the time; of a call that answers without waiting, all. */
function leaveTime(task: Task, time: number, answer: number): number {
  if (time !== 0 && answer === 0 && task.timedOut) writeNanoseconds(task, time, 0);
  return answer;
}

/** What each of select's sets asks for, in its order: readable, writable, exceptional. */
const selectBits = [
  pollBit.POLLIN | pollBit.POLLHUP | pollBit.POLLERR,
  pollBit.POLLOUT | pollBit.POLLERR,
  pollBit.POLLPRI,
] as const;
const mostSelected = 1024;

/** The sixth argument is a pointer to the mask's address and its size. */
function pselect6(task: Task, ...given: readonly number[]): number {
  const [wanted, read, write, except, time, sigmask] = given;
  if (wanted < 0) return -errno.EINVAL;
  const { memory, files } = task;
  const count = Math.min(wanted, mostSelected);
  const timeout = time === 0 ? undefined : readTimespec(task, time);
  if (sigmask !== 0) blockDuringCall(task, memory.long(sigmask), memory.long(sigmask + 8));
  const words = Math.ceil(count / 64);
  const sets = [read, write, except].map((at) => (at === 0 ? undefined : memory.read(at, 8 * words)));
  const results = sets.map((set) => set && new Uint8Array(set.length));
  const watched: OpenFile[] = [];
  let ready = 0;
  for (let fd = 0; fd < count; fd++) {
    const [byte, bit] = [fd >> 3, 1 << (fd & 7)];
    if (!sets.some((set) => set !== undefined && (set[byte] & bit) !== 0)) continue;
    const file = files.find(fd);
    if (file === undefined) throw new LinuxError("EBADF");
    watched.push(file);
    const bits = file.poll();
    sets.forEach((set, index) => {
      if (set === undefined || (set[byte] & bit) === 0 || (bits & selectBits[index]) === 0) return;
      results[index]![byte] |= bit;
      ready++;
    });
  }
  const answer = ready > 0 ? ready : waitForFiles(task, { files: watched, timeout });
  if (answer < 0) return answer;
  [read, write, except].forEach((at, index) => {
    if (at !== 0) memory.write(at, results[index]!);
  });
  return leaveTime(task, time, answer);
}

/** Waiting for files. */
export const pollCalls = [
  syscall(
    72,
    "pselect6(int count, address read, address write, address except, timespec timeout, address sigmask)",
    pselect6,
  ),
  syscall(73, "ppoll(pollfds fds, uint count, timespec timeout, address sigmask, size size)", ppoll),
];
