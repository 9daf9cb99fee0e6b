import { errno, LinuxError } from "../errno.ts";
import { type OpenFile, openFlag } from "../files/openFile.ts";
import { PipeEnd } from "../files/pipe.ts";
import { OpenRegular } from "../files/regularFile.ts";
import { tellFile, watchEvent } from "../files/watch.ts";
import { blocked, type Task } from "../task.ts";
import { breakPipe, waitOr } from "./files.ts";
import { syscall } from "./syscall.ts";

/** As much as is moved at once, and by one call. */
const chunkBytes = 1 << 16;
const mostBytes = 0x7fff_f000;

/** A file and where in it to begin; undefined: at its position. */
interface End {
  readonly file: OpenFile;
  readonly at: number | undefined;
}

/**
 * Moves bytes from one file to another: until the source has no more for now, or the target takes no more. What was read
 * and not taken is given back to a source that can seek; others are only read as far as the target has room.
 */
function transfer(task: Task, from: End, to: End, count: number): number {
  const moved = move(task, from, to, count);
  if (moved > 0) {
    tellFile(from.file, watchEvent.IN_ACCESS);
    tellFile(to.file, watchEvent.IN_MODIFY);
  }
  return moved;
}

function move(task: Task, from: End, to: End, count: number): number {
  let total = 0;
  while (total < count) {
    const room = roomOf(to.file, Math.min(chunkBytes, count - total));
    if (room <= 0) return total > 0 ? total : refused(task, to.file, room);
    const chunk = new Uint8Array(room);
    const got = from.file.read(chunk, from.at === undefined ? undefined : from.at + total);
    if (got <= 0) return total > 0 ? total : waitOr(task, from.file, got, "readers");
    const put = to.file.write(chunk.subarray(0, got), to.at === undefined ? undefined : to.at + total);
    if (put < got && from.at === undefined && from.file.isSeekable) from.file.position -= got - Math.max(0, put);
    if (put < 0) return total > 0 ? total : refused(task, to.file, put);
    total += put;
    // what can be sought in has its end where it gives nothing; what was written may have made it longer
    if ((got < room && !from.file.isSeekable) || put < got) break;
  }
  return total;
}

/** How much a file takes now, at most `wanted`; -EAGAIN or -EPIPE of a pipe that takes nothing. */
function roomOf(file: OpenFile, wanted: number): number {
  if (!(file instanceof PipeEnd)) return wanted;
  if (file.pipe.readerCount === 0) return -errno.EPIPE;
  return file.pipe.room === 0 ? -errno.EAGAIN : Math.min(wanted, file.pipe.room);
}

function refused(task: Task, file: OpenFile, answer: number): number {
  if (answer === -errno.EPIPE) breakPipe(task);
  return waitOr(task, file, answer, "writers");
}

function source(task: Task, fd: number): OpenFile {
  const file = task.files.get(fd);
  if (!file.canRead) throw new LinuxError("EBADF");
  return file;
}

function target(task: Task, fd: number): OpenFile {
  const file = task.files.get(fd);
  if (!file.canWrite) throw new LinuxError("EBADF");
  return file;
}

/** An offset that a pointer leads to, and that moves along with what was moved. */
function withOffset(task: Task, pointer: number, file: OpenFile, move: (at: number | undefined) => number): number {
  if (pointer === 0) return move(undefined);
  if (!file.isSeekable) throw new LinuxError("ESPIPE");
  const at = task.memory.long(pointer);
  if (at < 0) throw new LinuxError("EINVAL");
  const moved = move(at);
  if (moved > 0 && Number.isFinite(moved)) task.memory.setLong(pointer, at + moved);
  return moved;
}

/** What was moved so counts as read and as written. */
function counted({ used }: Task, moved: number): number {
  if (moved !== blocked) {
    used.hasRead(moved);
    used.hasWritten(moved);
  }
  return moved;
}

/** From one position of a file that there is only one of: what is read is written where it was. */
function sendToItself(task: Task, file: OpenFile, count: number): number {
  const at = file.position;
  const moved = counted(task, transfer(task, { file, at }, { file, at }, count));
  if (moved > 0) file.position = at + moved;
  return moved;
}

function sendfile(task: Task, outFd: number, inFd: number, offset: number, count: number): number {
  const from = source(task, inFd);
  const to = target(task, outFd);
  if (!(from instanceof OpenRegular) || to.flags & openFlag.O_APPEND) return -errno.EINVAL;
  if (count < 0) return -errno.EINVAL;
  if (from === to && offset === 0) return sendToItself(task, from, Math.min(count, mostBytes));
  return withOffset(task, offset, from, (at) =>
    counted(task, transfer(task, { file: from, at }, { file: to, at: undefined }, Math.min(count, mostBytes))),
  );
}

function copyFileRange(task: Task, ...given: readonly number[]): number {
  const [inFd, inAt, outFd, outAt, count, flags] = given;
  const files = [inFd, outFd].map((fd) => task.files.get(fd));
  if (files.some(({ isPath }) => isPath)) return -errno.EBADF;
  if (files.some(({ dentry }) => dentry?.inode.isDirectory)) return -errno.EISDIR;
  const from = source(task, inFd);
  const to = target(task, outFd);
  if (flags !== 0 || count < 0) return -errno.EINVAL;
  if (!(from instanceof OpenRegular) || !(to instanceof OpenRegular)) return -errno.EINVAL;
  if (to.flags & openFlag.O_APPEND) return -errno.EBADF;
  return withOffset(task, inAt, from, (fromAt) =>
    withOffset(task, outAt, to, (at) => {
      const [start, end] = [fromAt ?? from.position, at ?? to.position];
      // more than there is cannot be in the way
      const there = Math.min(count, mostBytes, Math.max(0, from.inode.size - start));
      if (from.inode === to.inode && start < end + there && end < start + there) throw new LinuxError("EINVAL");
      return counted(task, transfer(task, { file: from, at: fromAt }, { file: to, at }, there));
    }),
  );
}

function splice(task: Task, ...given: readonly number[]): number {
  const [inFd, inAt, outFd, outAt, count] = given;
  const from = source(task, inFd);
  const to = target(task, outFd);
  if (count < 0 || (!(from instanceof PipeEnd) && !(to instanceof PipeEnd))) return -errno.EINVAL;
  if (from instanceof PipeEnd && to instanceof PipeEnd && from.pipe === to.pipe) return -errno.EINVAL;
  return withOffset(task, inAt, from, (fromAt) =>
    withOffset(task, outAt, to, (at) => transfer(task, { file: from, at: fromAt }, { file: to, at }, count)),
  );
}

function tee(task: Task, inFd: number, outFd: number, count: number): number {
  const from = source(task, inFd);
  const to = target(task, outFd);
  if (!(from instanceof PipeEnd) || !(to instanceof PipeEnd) || from.pipe === to.pipe) return -errno.EINVAL;
  const room = roomOf(to, Math.min(count, chunkBytes));
  if (room < 0) return refused(task, to, room);
  const chunk = new Uint8Array(room);
  const got = from.pipe.peek(chunk);
  if (got === 0) return from.pipe.writerCount === 0 ? 0 : waitOr(task, from, -errno.EAGAIN, "readers");
  return to.write(chunk.subarray(0, got));
}

/** From one file to another. */
export const transferCalls = [
  syscall(71, "sendfile(fd out, fd in, address offset, size count) size", sendfile),
  syscall(76, "splice(fd in, address inOffset, fd out, address outOffset, size count, flags flags) size", splice),
  syscall(77, "tee(fd in, fd out, size count, flags flags) size", tee),
  syscall(
    285,
    "copy_file_range(fd in, address inOffset, fd out, address outOffset, size count, flags flags) size",
    copyFileRange,
  ),
];
