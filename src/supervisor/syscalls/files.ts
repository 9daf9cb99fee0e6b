import { errno, LinuxError } from "../errno.ts";
import { type OpenFile, openFlag } from "../files/openFile.ts";
import { tellFile, watchEvent } from "../files/watch.ts";
import { pageBytes } from "../memory/page.ts";
import type { UserMemory } from "../memory/userMemory.ts";
import { roomBelowLimit } from "../process/fileSizeLimit.ts";
import { sendToTask } from "../process/send.ts";
import { signalCode } from "../process/signalInfo.ts";
import { signal } from "../process/signalNumber.ts";
import { blocked, type Task } from "../task.ts";
import { syscall } from "./syscall.ts";

/** As much as Linux transfers in one call. */
const mostBytes = 0x7fff_f000;
/** As much as is read or written at once, so that a program cannot ask for a huge buffer of the host's. */
const chunkBytes = 1 << 20;
const mostVectors = 1024;
/** Sv48's half of addresses that is the programs'. */
const userBytes = 2 ** 47;

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

const nothing = new Uint8Array();

/** A part of a program's memory. */
export interface Vector {
  readonly base: number;
  readonly length: number;
}

/** An offset in a file that can have one. */
function mustSeek(file: OpenFile, offset: number): void {
  if (offset < 0) throw new LinuxError("EINVAL");
  if (!file.isSeekable) throw new LinuxError("ESPIPE");
}

function pread64(task: Task, fd: number, buffer: number, count: number, offset: number): number {
  return preadVectors(task, fd, [{ base: buffer, length: clampCount(count) }], offset);
}

function pwrite64(task: Task, fd: number, buffer: number, count: number, offset: number): number {
  return pwriteVectors(task, fd, [{ base: buffer, length: clampCount(count) }], offset);
}

function preadVectors(task: Task, fd: number, vectors: readonly Vector[], offset: number): number {
  const file = task.files.get(fd);
  if (!file.canRead) return -errno.EBADF;
  mustSeek(file, offset);
  return readInto(task, file, vectors, offset);
}

function pwriteVectors(task: Task, fd: number, vectors: readonly Vector[], offset: number): number {
  const file = task.files.get(fd);
  if (!file.canWrite) return -errno.EBADF;
  mustSeek(file, offset);
  return writeFrom(task, file, vectors, offset);
}

/** RWF_ flags that have an effect on nothing here: all is written at once. */
const harmlessFlags = 0x1 | 0x2 | 0x4;

/** preadv2: an offset of -1 is the file's own position. The high half of the offset is in no use on 64 bits. */
function preadv2(task: Task, fd: number, vectors: number, count: number, offset: number, flags: number): number {
  if (flags & ~harmlessFlags) return -errno.EOPNOTSUPP;
  if (offset === -1) return readv(task, fd, vectors, count);
  return preadVectors(task, fd, readVectors(task, vectors, count), offset);
}

function pwritev2(task: Task, fd: number, vectors: number, count: number, offset: number, flags: number): number {
  if (flags & ~harmlessFlags) return -errno.EOPNOTSUPP;
  if (offset === -1) return writev(task, fd, vectors, count);
  return pwriteVectors(task, fd, readVectors(task, vectors, count), offset);
}

function lseek(task: Task, fd: number, offset: number, whence: number): number {
  return task.files.get(fd).seek(offset, whence);
}

function clampCount(count: number): number {
  if (count < 0) throw new LinuxError("EINVAL");
  // no program has so much memory, whatever it begins with (`access_ok`)
  if (count >= userBytes) throw new LinuxError("EFAULT");
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
  const count = readVectored(task, file, vectors, at);
  if (count !== blocked) task.used.hasRead(count);
  if (count > 0) tellFile(file, watchEvent.IN_ACCESS);
  return count;
}

function readVectored(task: Task, file: OpenFile, vectors: readonly Vector[], at: number | undefined): number {
  const admitted = file.admit(task, "read");
  if (admitted !== 0) return admitted;
  const length = lengthOf(vectors);
  if (length === 0 && file.hearsOfNothing) return waitOr(task, file, file.read(nothing), "readers");
  let total = 0;
  while (total < length) {
    const chunk = new Uint8Array(Math.min(chunkBytes, length - total));
    const count = file.read(chunk, at === undefined ? undefined : at + total);
    if (count <= 0) return total > 0 ? total : waitOr(task, file, count, "readers");
    const taken = put(task, file, vectors, total, count === chunk.length ? chunk : chunk.subarray(0, count));
    total += taken;
    if (taken < count) {
      if (at === undefined) file.putBack(chunk.subarray(taken, count));
      return orFault(total);
    }
    // short: there is no more for now
    if (count < chunk.length) return total;
  }
  return total;
}

/** Writes from memory; a blocking file takes all of it, in as many tries as it needs. */
export function writeFrom(task: Task, file: OpenFile, vectors: readonly Vector[], at?: number): number {
  const isEmpty = vectors.every(({ length }) => length === 0);
  const room = isEmpty ? 0 : roomBelowLimit(task, file, at);
  const count = writeVectored(task, file, vectors, at, room);
  if (count !== blocked) task.used.hasWritten(count);
  if (count > 0) tellFile(file, watchEvent.IN_MODIFY);
  return count;
}

function writeVectored(
  task: Task,
  file: OpenFile,
  vectors: readonly Vector[],
  at: number | undefined,
  room: number,
): number {
  const admitted = file.admit(task, "write");
  if (admitted !== 0) return admitted;
  const length = lengthOf(vectors);
  if (length === 0 && file.hearsOfNothing) return stopWriting(task, file, tryToWrite(file, nothing), 0);
  // what earlier tries of this call have written
  let total = (task.call!.data as number | undefined) ?? 0;
  while (total < length) {
    const wanted = Math.min(chunkBytes, length - total, room - total);
    if (wanted <= 0) return total;
    const chunk = take(task, file, vectors, total, wanted);
    if (chunk.length === 0) return orFault(total);
    const count = tryToWrite(file, chunk, at === undefined ? undefined : at + total);
    if (count < 0) return stopWriting(task, file, count, total);
    total += count;
    if (chunk.length < wanted && count === chunk.length) return total;
  }
  return total;
}

/** An error is an answer: what was written before counts. */
function tryToWrite(file: OpenFile, bytes: Uint8Array, at?: number): number {
  try {
    return file.write(bytes, at);
  } catch (error) {
    if (error instanceof LinuxError) return -error.number;
    throw error;
  }
}

/** What was transferred before memory came that is not there. */
const orFault = (total: number): number => (total > 0 ? total : -errno.EFAULT);

const lengthOf = (vectors: readonly Vector[]): number =>
  vectors.length === 1 ? vectors[0].length : vectors.reduce((sum, { length }) => sum + length, 0);

/** The parts of memory that bytes [from, from + length) of vectors are. */
function partsOf(vectors: readonly Vector[], from: number, length: number): readonly Vector[] {
  const parts: Vector[] = [];
  let skip = from;
  let left = length;
  for (const vector of vectors) {
    const start = Math.min(skip, vector.length);
    const part = Math.min(left, vector.length - start);
    if (part > 0) parts.push({ base: vector.base + start, length: part });
    skip -= start;
    left -= part;
  }
  return parts;
}

/** Bytes of memory for a file: all of them, or as many as can be read in the units that it takes. */
function take({ memory }: Task, file: OpenFile, vectors: readonly Vector[], from: number, length: number): Uint8Array {
  if (vectors.length === 1) {
    const bytes = readable(memory, vectors[0].base + from, length);
    return bytes.length === length ? bytes : bytes.subarray(0, inUnits(file, bytes.length));
  }
  const all = new Uint8Array(length);
  let done = 0;
  for (const part of partsOf(vectors, from, length)) {
    const bytes = readable(memory, part.base, part.length);
    all.set(bytes, done);
    done += bytes.length;
    if (bytes.length < part.length) return all.subarray(0, inUnits(file, done));
  }
  return all;
}

/** Bytes of a file go to memory: all of them, or as many as can be written in the units that it gives. How many. */
function put({ memory }: Task, file: OpenFile, vectors: readonly Vector[], from: number, bytes: Uint8Array): number {
  if (vectors.length === 1) {
    const written = writeReachable(memory, vectors[0].base + from, bytes);
    return written === bytes.length ? written : inUnits(file, written);
  }
  let done = 0;
  for (const { base, length } of partsOf(vectors, from, bytes.length)) {
    const written = writeReachable(memory, base, bytes.subarray(done, done + length));
    done += written;
    if (written < length) return inUnits(file, done);
  }
  return done;
}

/** Bytes go to memory as far as that can be written. How many. */
function writeReachable(memory: UserMemory, base: number, bytes: Uint8Array): number {
  try {
    memory.write(base, bytes);
    return bytes.length;
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return pagesBefore(base, bytes.length, (at) => memory.hostOf(at, true));
  }
}

const inUnits = ({ unit }: OpenFile, length: number): number => Math.floor(length / unit) * unit || 0;

/** A part of memory as far as it can be read. */
function readable(memory: UserMemory, base: number, length: number): Uint8Array {
  try {
    return memory.read(base, length);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return memory.read(
      base,
      pagesBefore(base, length, (at) => memory.u8(at)),
    );
  }
}

/** Bytes of [address, address + length) before the first page where an access fails. */
function pagesBefore(address: number, length: number, access: (at: number) => void): number {
  for (let done = 0; done < length; done += pageBytes - ((address + done) % pageBytes)) {
    try {
      access(address + done);
    } catch (error) {
      if (error instanceof LinuxError) return done;
      throw error;
    }
  }
  return length;
}

/** A file takes no more: an error, or the task waits until it does. */
function stopWriting(task: Task, file: OpenFile, answer: number, total: number): number {
  if (answer === -errno.EPIPE) breakPipe(task);
  if (answer !== -errno.EAGAIN) return total > 0 ? total : answer;
  if (total > 0 && file.isNonBlocking) return total;
  task.call!.data = total;
  return waitOr(task, file, answer, "writers", total > 0 ? total : undefined);
}

/** Nobody reads what a task writes. */
export function breakPipe(task: Task): void {
  sendToTask(task, { signal: signal.SIGPIPE, code: signalCode.SI_USER, pid: task.process.pid });
}

/** An answer of a file; for EAGAIN of one that blocks, the task waits. */
export function waitOr(
  task: Task,
  file: OpenFile,
  answer: number,
  queue: "readers" | "writers",
  interrupted?: number,
): number {
  const on = file[queue];
  if (answer !== -errno.EAGAIN || file.isNonBlocking || on === undefined) return answer;
  if (task.timedOut) return file.timeoutAnswer;
  const timeout = queue === "readers" ? file.readTimeout : undefined;
  const deadline = timeout === undefined ? undefined : task.system.now() + timeout;
  return task.block({ on: [on], interrupted, deadline });
}

function close(task: Task, fd: number): number {
  task.files.close(fd);
  return 0;
}

/** ioctls that every file has. */
const fileIoctl = { FIOCLEX: 0x5451, FIONCLEX: 0x5450, FIONBIO: 0x5421, FIOASYNC: 0x5452 } as const;

function ioctl(task: Task, fd: number, request: number, argument: number): number {
  const file = task.files.get(fd);
  if (file.isPath) return -errno.EBADF;
  if (request === fileIoctl.FIOCLEX || request === fileIoctl.FIONCLEX) {
    task.files.setCloseOnExec(fd, request === fileIoctl.FIOCLEX);
    return 0;
  }
  if (request === fileIoctl.FIONBIO) {
    const isOn = task.memory.u32(argument) !== 0;
    file.flags = isOn ? file.flags | openFlag.O_NONBLOCK : file.flags & ~openFlag.O_NONBLOCK;
    return 0;
  }
  if (request === fileIoctl.FIOASYNC && file.queues.length > 0) {
    const isOn = task.memory.u32(argument) !== 0;
    file.flags = isOn ? file.flags | openFlag.O_ASYNC : file.flags & ~openFlag.O_ASYNC;
    return 0;
  }
  return file.ioctl(task, request, argument);
}

function fsync(task: Task, fd: number): number {
  const file = task.files.get(fd);
  return file.isPath ? -errno.EBADF : file.sync();
}

function fadvise64(task: Task, fd: number): number {
  return task.files.get(fd).isSeekable ? 0 : -errno.ESPIPE;
}

/** Files and descriptors. */
export const fileCalls = [
  syscall(29, "ioctl(fd fd, ioctlOp request, address argument)", ioctl),
  syscall(57, "close(fd fd)", close),
  syscall(62, "lseek(fd fd, offset offset, whence whence) offset", lseek),
  syscall(63, "read(fd fd, output buffer, size count) size", read),
  syscall(64, "write(fd fd, input buffer, size count) size", write),
  syscall(65, "readv(fd fd, iovec vectors, int count) size", readv),
  syscall(66, "writev(fd fd, iovec vectors, int count) size", writev),
  syscall(67, "pread64(fd fd, output buffer, size count, offset offset) size", pread64),
  syscall(68, "pwrite64(fd fd, input buffer, size count, offset offset) size", pwrite64),
  syscall(69, "preadv(fd fd, iovec vectors, int count, offset offset) size", (task, fd, vectors, count, offset) =>
    preadVectors(task, fd, readVectors(task, vectors, count), offset),
  ),
  syscall(70, "pwritev(fd fd, iovec vectors, int count, offset offset) size", (task, fd, vectors, count, offset) =>
    pwriteVectors(task, fd, readVectors(task, vectors, count), offset),
  ),
  syscall(81, "sync()", () => 0),
  syscall(82, "fsync(fd fd)", fsync),
  syscall(83, "fdatasync(fd fd)", fsync),
  syscall(84, "sync_file_range(fd fd, offset offset, size length, flags flags)", fsync),
  syscall(213, "readahead(fd fd, offset offset, size count)", fadvise64),
  syscall(223, "fadvise64(fd fd, offset offset, size length, fileAdvice advice)", fadvise64),
  syscall(267, "syncfs(fd fd)", fsync),
  syscall(
    286,
    "preadv2(fd fd, iovec vectors, int count, offset offset, long high, flags flags) size",
    (task, fd, vectors, count, offset, _high, flags) => preadv2(task, fd, vectors, count, offset, flags),
  ),
  syscall(
    287,
    "pwritev2(fd fd, iovec vectors, int count, offset offset, long high, flags flags) size",
    (task, fd, vectors, count, offset, _high, flags) => pwritev2(task, fd, vectors, count, offset, flags),
  ),
];
