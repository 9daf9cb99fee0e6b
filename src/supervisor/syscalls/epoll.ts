import { errno, LinuxError } from "../errno.ts";
import { EpollFile } from "../files/epollFile.ts";
import { openFlag } from "../files/openFile.ts";
import type { Task } from "../task.ts";
import { waitForFiles } from "./poll.ts";
import { blockDuringCall } from "./signal.ts";
import { syscall } from "./syscall.ts";
import { readTimespec } from "./timespec.ts";

const control = { add: 1, remove: 2, modify: 3 } as const;
/** `struct epoll_event`: events (32 bits), nothing (32), data (64). */
const eventBytes = 16;
const mostEvents = Math.floor(0x7fff_ffff / eventBytes);

function epollCreate1(task: Task, flags: number): number {
  if (flags & ~openFlag.O_CLOEXEC) return -errno.EINVAL;
  return task.files.add(new EpollFile(), flags !== 0);
}

function setOf(task: Task, fd: number): EpollFile {
  const set = task.files.get(fd);
  if (!(set instanceof EpollFile)) throw new LinuxError("EINVAL");
  return set;
}

function epollCtl(task: Task, epfd: number, operation: number, fd: number, event: number): number {
  const { memory, files } = task;
  const [events, data] = operation === control.remove ? [0, 0n] : [memory.i32(event), memory.u64(event + 8)];
  files.get(epfd);
  const file = files.get(fd);
  const set = setOf(task, epfd);
  if ((file as unknown) === set) return -errno.EINVAL;
  if (operation === control.add) set.add(fd, file, events, data);
  else if (operation === control.modify) set.modify(fd, file, events, data);
  else if (operation === control.remove) set.remove(fd, file);
  else return -errno.EINVAL;
  return 0;
}

interface EpollWait {
  readonly most: number;
  /** Nanoseconds; undefined: for ever. */
  readonly timeout: number | undefined;
}

function wait(task: Task, epfd: number, into: number, { most, timeout }: EpollWait): number {
  if (most <= 0 || most > mostEvents) return -errno.EINVAL;
  const set = setOf(task, epfd);
  const { memory } = task;
  const told = set.take(most);
  told.forEach(({ events, data }, index) => {
    memory.setU32(into + eventBytes * index, events);
    memory.setU64(into + eventBytes * index + 8, data);
  });
  return told.length > 0 ? told.length : waitForFiles(task, { files: [set], timeout });
}

function epollPwait(task: Task, epfd: number, into: number, most: number, milliseconds: number, mask: number): number {
  blockDuringCall(task, mask, 8);
  return wait(task, epfd, into, { most, timeout: milliseconds < 0 ? undefined : milliseconds * 1e6 });
}

function epollPwait2(task: Task, epfd: number, into: number, most: number, time: number, mask: number): number {
  const timeout = time === 0 ? undefined : readTimespec(task, time);
  blockDuringCall(task, mask, 8);
  return wait(task, epfd, into, { most, timeout });
}

/** Sets of files that are waited for. */
export const epollCalls = [
  syscall(20, "epoll_create1(epollFlags flags) fd", epollCreate1),
  syscall(21, "epoll_ctl(fd epfd, epollOp operation, fd fd, epollEvent event)", epollCtl),
  syscall(
    22,
    "epoll_pwait(fd epfd, epollEvents events, int most, int milliseconds, address sigmask, size size)",
    epollPwait,
  ),
  syscall(
    441,
    "epoll_pwait2(fd epfd, epollEvents events, int most, timespec timeout, address sigmask, size size)",
    epollPwait2,
  ),
];
