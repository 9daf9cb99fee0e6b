import { errno, LinuxError } from "../errno.ts";
import { type OpenFile, openFlag } from "../files/openFile.ts";
import { makeSocketPair, SocketFile, socketType } from "../files/socket.ts";
import type { Task } from "../task.ts";
import { breakPipe, readVectors, type Vector, waitOr } from "./files.ts";
import { syscall } from "./syscall.ts";

const family = { AF_UNIX: 1 } as const;
const typeMask = 0xf;
const messageFlag = { MSG_PEEK: 2, MSG_CTRUNC: 8, MSG_TRUNC: 0x20, MSG_DONTWAIT: 0x40, MSG_NOSIGNAL: 0x4000 } as const;
const closeOnExecFlag = 0x4000_0000;
const mostBytes = 1 << 20;

const types: ReadonlySet<number> = new Set(Object.values(socketType));

/** There is no network, and no socket with a name: only pairs. */
function socket(_task: Task, domain: number): number {
  return domain === family.AF_UNIX ? -errno.EACCES : -errno.EAFNOSUPPORT;
}

function socketpair(task: Task, domain: number, type: number, protocol: number, into: number): number {
  if (domain !== family.AF_UNIX) return -errno.EAFNOSUPPORT;
  if (type & ~(typeMask | openFlag.O_NONBLOCK | openFlag.O_CLOEXEC)) return -errno.EINVAL;
  if (!types.has(type & typeMask)) return -errno.ESOCKTNOSUPPORT;
  if (protocol !== 0 && protocol !== family.AF_UNIX) return -errno.EPROTONOSUPPORT;
  task.files.mustHaveRoom(2);
  const closeOnExec = (type & openFlag.O_CLOEXEC) !== 0;
  const ends = makeSocketPair(type & typeMask, type & openFlag.O_NONBLOCK);
  const [one, other] = ends.map((end) => task.files.add(end, closeOnExec));
  task.memory.setU32(into, one);
  task.memory.setU32(into + 4, other);
  return 0;
}

function socketOf(task: Task, fd: number): SocketFile {
  const file = task.files.get(fd);
  if (!(file instanceof SocketFile)) throw new LinuxError("ENOTSOCK");
  return file;
}

/** Any call about a socket's address: there is none that could be named. */
function unnamed(answer: number): (task: Task, fd: number) => number {
  return (task, fd) => {
    socketOf(task, fd);
    return answer;
  };
}

/** The name of an unnamed socket is its family and nothing else. */
function getName(task: Task, fd: number, address: number, length: number): number {
  socketOf(task, fd);
  const room = task.memory.i32(length);
  if (room < 0) return -errno.EINVAL;
  if (room >= 2) task.memory.setU16(address, family.AF_UNIX);
  task.memory.setU32(length, 2);
  return 0;
}

function send(task: Task, file: SocketFile, bytes: Uint8Array, flags: number, files: readonly OpenFile[]): number {
  const sent = (task.call!.data as number | undefined) ?? 0;
  const answer = file.send(bytes.subarray(sent), sent === 0 ? files : [], (other) => task.files.discard(other));
  if (answer === -errno.EPIPE) {
    if ((flags & messageFlag.MSG_NOSIGNAL) === 0 && sent === 0) breakPipe(task);
    return sent > 0 ? sent : answer;
  }
  const dontWait = file.isNonBlocking || (flags & messageFlag.MSG_DONTWAIT) !== 0;
  const total = answer > 0 ? sent + answer : sent;
  if (answer >= 0 && total === bytes.length) return total;
  if (answer < 0 && answer !== -errno.EAGAIN) return answer;
  if (dontWait) return total > 0 ? total : answer;
  task.call!.data = total;
  return waitOr(task, file, -errno.EAGAIN, "writers", total > 0 ? total : undefined);
}

function sendto(task: Task, fd: number, buffer: number, size: number, flags: number, address: number): number {
  const file = socketOf(task, fd);
  if (address !== 0) return -errno.EISCONN;
  if (file.isTooLong(size)) return -errno.EMSGSIZE;
  return send(task, file, task.memory.read(buffer, Math.min(size, mostBytes)), flags, []);
}

function recvfrom(
  task: Task,
  fd: number,
  buffer: number,
  size: number,
  flags: number,
  _address: number,
  length: number,
): number {
  const file = socketOf(task, fd);
  const into = new Uint8Array(Math.min(size, mostBytes));
  const received = file.receive(into, (flags & messageFlag.MSG_PEEK) !== 0);
  if (typeof received === "number")
    return flags & messageFlag.MSG_DONTWAIT ? received : waitOr(task, file, received, "readers");
  for (const other of received.files) task.files.discard(other);
  task.memory.write(buffer, into.subarray(0, received.count));
  if (length !== 0) task.memory.setU32(length, 0);
  return flags & messageFlag.MSG_TRUNC ? received.length : received.count;
}

/** `struct msghdr`: name, its length, vectors, their number, control, its length, flags. */
interface MessageHead {
  readonly vectors: readonly Vector[];
  readonly control: number;
  readonly controlLength: number;
}

function readHead(task: Task, at: number): MessageHead {
  const { memory } = task;
  const vectors = readVectors(task, memory.long(at + 16), memory.long(at + 24));
  return { vectors, control: memory.long(at + 32), controlLength: memory.long(at + 40) };
}

const control = { headBytes: 16, SOL_SOCKET: 1, SCM_RIGHTS: 1, mostFiles: 253 } as const;

/** Files that are sent along: `struct cmsghdr` {length, level, type} and descriptors. */
function filesSent(task: Task, { control: at, controlLength }: MessageHead): OpenFile[] {
  const { memory, files } = task;
  const found: OpenFile[] = [];
  for (let offset = 0; at !== 0 && offset + control.headBytes <= controlLength; ) {
    const length = memory.long(at + offset);
    if (length < control.headBytes || offset + length > controlLength) throw new LinuxError("EINVAL");
    const isRights =
      memory.i32(at + offset + 8) === control.SOL_SOCKET && memory.i32(at + offset + 12) === control.SCM_RIGHTS;
    for (let part = control.headBytes; isRights && part + 4 <= length; part += 4) {
      found.push(files.get(memory.i32(at + offset + part)));
    }
    offset += Math.ceil(length / 8) * 8;
  }
  if (found.length > control.mostFiles) throw new LinuxError("EINVAL");
  return found;
}

function sendmsg(task: Task, fd: number, message: number, flags: number): number {
  const file = socketOf(task, fd);
  const head = readHead(task, message);
  if (file.isTooLong(head.vectors.reduce((sum, { length }) => sum + length, 0))) return -errno.EMSGSIZE;
  const parts = head.vectors.map(({ base, length }) => task.memory.read(base, Math.min(length, mostBytes)));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return send(task, file, bytes, flags, filesSent(task, head));
}

function recvmsg(task: Task, fd: number, message: number, flags: number): number {
  const { memory } = task;
  const file = socketOf(task, fd);
  const head = readHead(task, message);
  const size = head.vectors.reduce((sum, { length }) => sum + length, 0);
  const into = new Uint8Array(Math.min(size, mostBytes));
  const received = file.receive(into, (flags & messageFlag.MSG_PEEK) !== 0);
  if (typeof received === "number") {
    return flags & messageFlag.MSG_DONTWAIT ? received : waitOr(task, file, received, "readers");
  }
  let at = 0;
  for (const { base, length } of head.vectors) {
    const part = into.subarray(at, Math.min(at + length, received.count));
    memory.write(base, part);
    at += part.length;
  }
  const truncated = received.length > received.count ? messageFlag.MSG_TRUNC : 0;
  memory.setU32(message + 8, 0);
  memory.setU32(message + 48, truncated | receiveFiles(task, message, head, received.files, flags));
  return flags & messageFlag.MSG_TRUNC ? received.length : received.count;
}

/** Gives the program descriptors of files that came along, as far as it has room. MSG_CTRUNC where it has not. */
function receiveFiles(
  task: Task,
  message: number,
  { control: at, controlLength }: MessageHead,
  files: readonly OpenFile[],
  flags: number,
): number {
  const { memory } = task;
  const room = at === 0 ? 0 : Math.max(0, Math.floor((controlLength - control.headBytes) / 4));
  let count = 0;
  let truncated = 0;
  for (const file of files) {
    try {
      if (count >= room) throw new LinuxError("EMFILE");
      const fd = task.files.add(file, (flags & closeOnExecFlag) !== 0);
      memory.setU32(at + control.headBytes + 4 * count++, fd);
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      truncated = messageFlag.MSG_CTRUNC;
    }
    task.files.discard(file);
  }
  const length = control.headBytes + 4 * count;
  if (count > 0) {
    memory.setLong(at, length);
    memory.setU32(at + 8, control.SOL_SOCKET);
    memory.setU32(at + 12, control.SCM_RIGHTS);
  }
  memory.setLong(message + 40, count > 0 ? Math.ceil(length / 8) * 8 : 0);
  return truncated;
}

function shutdown(task: Task, fd: number, how: number): number {
  const file = socketOf(task, fd);
  if (how < 0 || how > 2) return -errno.EINVAL;
  file.shutdown(how);
  return 0;
}

const option = { SO_TYPE: 3, SO_ERROR: 4, SO_DOMAIN: 39 } as const;

function getsockopt(task: Task, fd: number, level: number, name: number, value: number, length: number): number {
  const socket = socketOf(task, fd);
  const known = new Map<number, () => number>([
    [option.SO_TYPE, () => socket.type],
    [option.SO_ERROR, () => socket.takeError()],
    [option.SO_DOMAIN, () => family.AF_UNIX],
  ]);
  const found = level === control.SOL_SOCKET ? known.get(name) : undefined;
  if (found === undefined) return -errno.ENOPROTOOPT;
  if (task.memory.i32(length) < 4) return -errno.EINVAL;
  task.memory.setU32(value, found());
  task.memory.setU32(length, 4);
  return 0;
}

/** Pairs of sockets. */
export const socketCalls = [
  syscall(198, "socket(int domain, int type, int protocol) fd", socket),
  syscall(199, "socketpair(int domain, int type, int protocol, address fds)", socketpair),
  syscall(200, "bind(fd fd, address address, uint length)", unnamed(-errno.EINVAL)),
  syscall(201, "listen(fd fd, int backlog)", unnamed(-errno.EINVAL)),
  syscall(202, "accept(fd fd, address address, address length) fd", unnamed(-errno.EINVAL)),
  syscall(203, "connect(fd fd, address address, uint length)", unnamed(-errno.EISCONN)),
  syscall(204, "getsockname(fd fd, address address, address length)", getName),
  syscall(205, "getpeername(fd fd, address address, address length)", getName),
  syscall(206, "sendto(fd fd, input buffer, size size, flags flags, address address, uint length) size", sendto),
  syscall(
    207,
    "recvfrom(fd fd, output buffer, size size, flags flags, address address, address length) size",
    recvfrom,
  ),
  syscall(208, "setsockopt(fd fd, int level, int name, address value, uint length)", unnamed(0)),
  syscall(209, "getsockopt(fd fd, int level, int name, address value, address length)", getsockopt),
  syscall(210, "shutdown(fd fd, int how)", shutdown),
  syscall(211, "sendmsg(fd fd, address message, flags flags) size", sendmsg),
  syscall(212, "recvmsg(fd fd, address message, flags flags) size", recvmsg),
  syscall(242, "accept4(fd fd, address address, address length, flags flags) fd", unnamed(-errno.EINVAL)),
];
