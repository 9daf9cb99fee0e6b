import { errno, LinuxError } from "../errno.ts";
import type { OpenFile } from "../files/openFile.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

/** As much as Linux transfers in one call. */
const mostBytes = 0x7fff_f000;
/** As much as is read or written at once, so that a program cannot ask for a huge buffer of the host's. */
const chunkBytes = 1 << 20;
const mostVectors = 1024;

function read(task: Task, fd: number, buffer: number, count: number): number {
  const file = task.files.get(fd);
  if (!file.canRead) return -errno.EBADF;
  return readInto(task, file, [{ base: buffer, length: clampCount(count) }]);
}

function write(task: Task, fd: number, buffer: number, count: number): number {
  const file = task.files.get(fd);
  if (!file.canWrite) return -errno.EBADF;
  return writeFrom(task, file, [{ base: buffer, length: clampCount(count) }]);
}

function readv(task: Task, fd: number, vectors: number, count: number): number {
  const file = task.files.get(fd);
  if (!file.canRead) return -errno.EBADF;
  return readInto(task, file, readVectors(task, vectors, count));
}

function writev(task: Task, fd: number, vectors: number, count: number): number {
  const file = task.files.get(fd);
  if (!file.canWrite) return -errno.EBADF;
  return writeFrom(task, file, readVectors(task, vectors, count));
}

/** A part of a program's memory. */
export interface Vector {
  readonly base: number;
  readonly length: number;
}

function clampCount(count: number): number {
  if (count < 0) throw new LinuxError("EINVAL");
  return Math.min(count, mostBytes);
}

/** `struct iovec []`. Throws EINVAL for more than IOV_MAX or a length below 0. */
export function readVectors(task: Task, address: number, count: number): Vector[] {
  if (count < 0 || count > mostVectors) throw new LinuxError("EINVAL");
  const vectors: Vector[] = [];
  for (let i = 0; i < count; i++) {
    const at = address + 16 * i;
    vectors.push({ base: task.memory.long(at), length: clampCount(task.memory.long(at + 8)) });
  }
  return vectors;
}

/** Reads into memory until the file has no more for now; waits while there is nothing at all. */
export function readInto(task: Task, file: OpenFile, vectors: readonly Vector[], at?: number): number {
  let total = 0;
  for (const { base, length } of vectors) {
    for (let done = 0; done < length; ) {
      const chunk = new Uint8Array(Math.min(chunkBytes, length - done));
      const count = file.read(chunk, at === undefined ? undefined : at + total);
      if (count <= 0) return total > 0 ? total : waitOr(task, file, count, "readers");
      task.memory.write(base + done, count === chunk.length ? chunk : chunk.subarray(0, count));
      done += count;
      total += count;
      if (count < chunk.length) return total;
    }
  }
  return total;
}

/** Writes from memory; a blocking file takes all of it, in as many tries as it needs. */
export function writeFrom(task: Task, file: OpenFile, vectors: readonly Vector[], at?: number): number {
  // what earlier tries of this call have written
  let skip = (task.call!.data as number | undefined) ?? 0;
  let total = skip;
  for (const { base, length } of vectors) {
    const from = Math.min(skip, length);
    skip -= from;
    for (let done = from; done < length; ) {
      const chunk = task.memory.read(base + done, Math.min(chunkBytes, length - done));
      const count = file.write(chunk, at === undefined ? undefined : at + total);
      if (count < 0) {
        if (count !== -errno.EAGAIN) return total > 0 ? total : count;
        if (total > 0 && file.isNonBlocking) return total;
        task.call!.data = total;
        return waitOr(task, file, count, "writers");
      }
      done += count;
      total += count;
    }
  }
  return total;
}

/** An answer of a file; for EAGAIN of one that blocks, the task waits. */
function waitOr(task: Task, file: OpenFile, answer: number, queue: "readers" | "writers"): number {
  const on = file[queue];
  if (answer !== -errno.EAGAIN || file.isNonBlocking || on === undefined) return answer;
  return task.block({ on: [on] });
}

function close(task: Task, fd: number): number {
  task.files.close(fd);
  return 0;
}

function ioctl(task: Task, fd: number, request: number, argument: number): number {
  return task.files.get(fd).ioctl(task, request, argument);
}

function fstat(task: Task, fd: number, into: number): number {
  task.files.get(fd);
  const { memory } = task;
  memory.clear(into, 128);
  // a character device, with the size of block that makes stdio use a buffer of 1 KiB
  memory.setU32(into + 16, 0o20620);
  memory.setU32(into + 20, 1);
  memory.setLong(into + 32, 0x8800 + fd);
  memory.setU32(into + 56, 1024);
  return 0;
}

/** Files and descriptors. */
export const fileCalls = [
  syscall(29, "ioctl(fd fd, uint request, address argument)", ioctl),
  syscall(57, "close(fd fd)", close),
  syscall(63, "read(fd fd, output buffer, size count) size", read),
  syscall(64, "write(fd fd, input buffer, size count) size", write),
  syscall(65, "readv(fd fd, iovec vectors, int count) size", readv),
  syscall(66, "writev(fd fd, iovec vectors, int count) size", writev),
  syscall(78, "readlinkat(dirfd dirfd, path path, output buffer, int size)", () => -errno.ENOENT),
  syscall(80, "fstat(fd fd, address stat)", fstat),
];
