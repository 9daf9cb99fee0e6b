import { errno, LinuxError } from "../errno.ts";
import { InetDatagram } from "../files/inetDatagram.ts";
import { anyAddress, inetName, portOf } from "../files/inetNames.ts";
import { type OpenFile, openFlag } from "../files/openFile.ts";
import { makeSocket, makeSocketPair, SocketFile, socketFamily, socketType } from "../files/socket.ts";
import type { Task } from "../task.ts";
import { breakPipe, readVectors, type Vector, waitOr } from "./files.ts";
import { isUnspecified, readName, writeName } from "./socketAddress.ts";
import { syscall } from "./syscall.ts";

const typeMask = 0xf;
const messageFlag = {
  MSG_PEEK: 2,
  MSG_CTRUNC: 8,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_WAITALL: 0x100,
  MSG_NOSIGNAL: 0x4000,
} as const;
const closeOnExecFlag = 0x4000_0000;
const mostBytes = 1 << 20;
/** `net.core.somaxconn`. */
const mostBacklog = 4096;

const types: ReadonlySet<number> = new Set(Object.values(socketType));
/** Protocols of the network, by the type of socket: TCP and UDP. */
const protocols: ReadonlyMap<number, number> = new Map([
  [socketType.SOCK_STREAM, 6],
  [socketType.SOCK_DGRAM, 17],
]);

/** Whether there can be such a socket: 0 or -errno. The only network is that of the machine with itself. */
function checkKind(domain: number, type: number, protocol: number): number {
  if (domain !== socketFamily.AF_UNIX && domain !== socketFamily.AF_INET) return -errno.EAFNOSUPPORT;
  if (type & ~(typeMask | openFlag.O_NONBLOCK | openFlag.O_CLOEXEC)) return -errno.EINVAL;
  if (!types.has(type & typeMask)) return -errno.ESOCKTNOSUPPORT;
  if (domain === socketFamily.AF_UNIX)
    return protocol !== 0 && protocol !== socketFamily.AF_UNIX ? -errno.EPROTONOSUPPORT : 0;
  const usual = protocols.get(type & typeMask);
  if (usual === undefined) return -errno.ESOCKTNOSUPPORT;
  return protocol !== 0 && protocol !== usual ? -errno.EPROTONOSUPPORT : 0;
}

function socket(task: Task, domain: number, type: number, protocol: number): number {
  const refused = checkKind(domain, type, protocol);
  if (refused !== 0) return refused;
  const kind = { type: type & typeMask, flags: type & openFlag.O_NONBLOCK, family: domain };
  const isDatagram = domain === socketFamily.AF_INET && kind.type === socketType.SOCK_DGRAM;
  const made = isDatagram ? new InetDatagram(kind, task.system.files.network) : makeSocket(kind);
  made.maker = task.process.pid;
  return task.files.add(made, (type & openFlag.O_CLOEXEC) !== 0);
}

function socketpair(task: Task, domain: number, type: number, protocol: number, into: number): number {
  const refused = checkKind(domain, type, protocol);
  if (refused !== 0) return refused;
  if (domain !== socketFamily.AF_UNIX) return -errno.EOPNOTSUPP;
  task.files.mustHaveRoom(2);
  const closeOnExec = (type & openFlag.O_CLOEXEC) !== 0;
  const ends = makeSocketPair(type & typeMask, type & openFlag.O_NONBLOCK);
  for (const end of ends) end.maker = task.process.pid;
  const [one, other] = ends.map((end) => task.files.add(end, closeOnExec));
  task.memory.setU32(into, one);
  task.memory.setU32(into + 4, other);
  return 0;
}

export function socketOf(task: Task, fd: number): SocketFile {
  const file = task.files.get(fd);
  if (!(file instanceof SocketFile)) throw new LinuxError("ENOTSOCK");
  return file;
}

const isInet = ({ family }: SocketFile): boolean => family === socketFamily.AF_INET;

function bind(task: Task, fd: number, address: number, length: number): number {
  const file = socketOf(task, fd);
  const { sockets, network } = task.system.files;
  const name = readName(task, file, address, length);
  if (isInet(file)) {
    if (file.name.length > 0) return -errno.EINVAL;
    if (file instanceof InetDatagram) file.bindTo(name);
    else network.bind(file, name);
    return 0;
  }
  if (file.name.length > 0) return sockets.isTaken(task, name) ? -errno.EADDRINUSE : -errno.EINVAL;
  sockets.bind(task, file, name.length === 0 ? sockets.freeName(file.type) : name);
  return 0;
}

function listen(task: Task, fd: number, backlog: number): number {
  const file = socketOf(task, fd);
  const isStream = file.type === socketType.SOCK_STREAM;
  if (isInet(file) && isStream && file.name.length === 0) task.system.files.network.bind(file, anyAddress);
  return file.listen(Math.min(Math.max(0, backlog), mostBacklog));
}

function connect(task: Task, fd: number, address: number, length: number): number {
  const file = socketOf(task, fd);
  if (file instanceof InetDatagram) {
    file.connectTo(isUnspecified(task, address, length) ? undefined : readName(task, file, address, length));
    return 0;
  }
  const name = readName(task, file, address, length);
  if (isInet(file)) return connectStream(task, file, name);
  if (name.length === 0) return -errno.EINVAL;
  const to = task.system.files.sockets.find(task, file.type, name);
  const answer = file.connect(to);
  if (answer !== -errno.EAGAIN || file.isNonBlocking) return answer;
  return task.block({ on: [to.writers] });
}

/** Over the network: a socket that has no name gets one. */
function connectStream(task: Task, file: SocketFile, name: Uint8Array): number {
  const { network } = task.system.files;
  if (file.state === "connected") return -errno.EISCONN;
  const to = network.find(file.type, name);
  if (to === undefined) return -errno.ECONNREFUSED;
  if (file.name.length === 0) network.bind(file, inetName(0, anyAddress));
  const answer = file.connect(to, inetName(portOf(name), name));
  return answer === -errno.EAGAIN ? task.block({ on: [to.writers] }) : answer;
}

function accept4(task: Task, fd: number, address: number, length: number, flags: number): number {
  const file = socketOf(task, fd);
  if (flags & ~(openFlag.O_NONBLOCK | openFlag.O_CLOEXEC)) return -errno.EINVAL;
  task.files.mustHaveRoom(1);
  const accepted = file.accept();
  if (typeof accepted === "number") return waitOr(task, file, accepted, "readers");
  accepted.flags |= flags & openFlag.O_NONBLOCK;
  const descriptor = task.files.add(accepted, (flags & openFlag.O_CLOEXEC) !== 0);
  if (address !== 0) writeName(task, accepted, accepted.peerName, address, length);
  return descriptor;
}

function getsockname(task: Task, fd: number, address: number, length: number): number {
  const file = socketOf(task, fd);
  return writeName(task, file, file.name, address, length);
}

function getpeername(task: Task, fd: number, address: number, length: number): number {
  const file = socketOf(task, fd);
  if (file.state !== "connected") return -errno.ENOTCONN;
  return writeName(task, file, file.peerName, address, length);
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

/** A datagram for a socket with a name. */
function sendTo(
  task: Task,
  file: SocketFile,
  bytes: Uint8Array,
  flags: number,
  name: Uint8Array,
  files: readonly OpenFile[],
): number {
  if (file instanceof InetDatagram) return file.sendToName(name, bytes);
  // a stream has its other end, whatever it is told
  if (isInet(file)) return send(task, file, bytes, flags, files);
  if (file.type !== socketType.SOCK_DGRAM) return file.state === "connected" ? -errno.EISCONN : -errno.EOPNOTSUPP;
  const to = task.system.files.sockets.find(task, file.type, name);
  const answer = file.sendTo(to, bytes, files, (other) => task.files.discard(other));
  if (answer !== -errno.EAGAIN || file.isNonBlocking || flags & messageFlag.MSG_DONTWAIT) return answer;
  return task.block({ on: [to.incoming] });
}

function sendto(
  task: Task,
  fd: number,
  buffer: number,
  size: number,
  flags: number,
  address: number,
  length: number,
): number {
  const file = socketOf(task, fd);
  if (file.isTooLong(size)) return -errno.EMSGSIZE;
  if (address !== 0)
    return sendTo(task, file, task.memory.read(buffer, size), flags, readName(task, file, address, length), []);
  return send(task, file, task.memory.read(buffer, Math.min(size, mostBytes)), flags, []);
}

function recvfrom(
  task: Task,
  fd: number,
  buffer: number,
  size: number,
  flags: number,
  address: number,
  length: number,
): number {
  const file = socketOf(task, fd);
  const peeks = (flags & messageFlag.MSG_PEEK) !== 0;
  if (flags & messageFlag.MSG_WAITALL && !peeks && file.type === socketType.SOCK_STREAM) {
    return receiveAll(task, file, buffer, size, flags);
  }
  const into = new Uint8Array(Math.min(size, mostBytes));
  const received = file.receive(into, peeks);
  if (typeof received === "number")
    return flags & messageFlag.MSG_DONTWAIT ? received : waitOr(task, file, received, "readers");
  for (const other of received.files) task.files.discard(other);
  task.memory.write(buffer, into.subarray(0, received.count));
  if (address !== 0 && received.from.length > 0) writeName(task, file, received.from, address, length);
  else if (length !== 0) task.memory.setU32(length, 0);
  return flags & messageFlag.MSG_TRUNC ? received.length : received.count;
}

/** MSG_WAITALL: what was received by earlier tries is in memory, and how much that is in the call. */
function receiveAll(task: Task, file: SocketFile, buffer: number, size: number, flags: number): number {
  let total = (task.call!.data as number | undefined) ?? 0;
  while (total < size) {
    const into = new Uint8Array(Math.min(size - total, mostBytes));
    const received = file.receive(into);
    if (typeof received === "number") {
      const waits = received === -errno.EAGAIN && !file.isNonBlocking && (flags & messageFlag.MSG_DONTWAIT) === 0;
      if (!waits || task.timedOut) return total > 0 ? total : received;
      task.call!.data = total;
      return waitOr(task, file, received, "readers", total > 0 ? total : undefined);
    }
    for (const other of received.files) task.files.discard(other);
    if (received.count === 0) break;
    task.memory.write(buffer + total, into.subarray(0, received.count));
    total += received.count;
  }
  return total;
}

/** `struct msghdr`: name, its length, vectors, their number, control, its length, flags. */
interface MessageHead {
  readonly name: number;
  readonly nameLength: number;
  readonly vectors: readonly Vector[];
  readonly control: number;
  readonly controlLength: number;
}

function readHead(task: Task, at: number): MessageHead {
  const { memory } = task;
  const vectors = readVectors(task, memory.long(at + 16), memory.long(at + 24));
  const [name, nameLength] = [memory.long(at), memory.i32(at + 8)];
  return { name, nameLength, vectors, control: memory.long(at + 32), controlLength: memory.long(at + 40) };
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
  task.system.files.carried.sending(found);
  return found;
}

export function sendmsg(task: Task, fd: number, message: number, flags: number): number {
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
  if (head.name === 0 || head.nameLength === 0) return send(task, file, bytes, flags, filesSent(task, head));
  const name = readName(task, file, head.name, head.nameLength);
  return sendTo(task, file, bytes, flags, name, filesSent(task, head));
}

export function recvmsg(task: Task, fd: number, message: number, flags: number): number {
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
  if (head.name !== 0 && received.from.length > 0) writeName(task, file, received.from, head.name, message + 8);
  else memory.setU32(message + 8, 0);
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

/** Sockets of one machine: AF_UNIX, and AF_INET as far as that reaches. */
export const socketCalls = [
  syscall(198, "socket(socketDomain domain, socketType type, int protocol) fd", socket),
  syscall(199, "socketpair(socketDomain domain, socketType type, int protocol, pairOut fds)", socketpair),
  syscall(200, "bind(fd fd, socketAddress address, uint length)", bind),
  syscall(201, "listen(fd fd, int backlog)", listen),
  syscall(202, "accept(fd fd, address address, address length) fd", (task, fd, address, length) =>
    accept4(task, fd, address, length, 0),
  ),
  syscall(203, "connect(fd fd, socketAddress address, uint length)", connect),
  syscall(204, "getsockname(fd fd, address address, address length)", getsockname),
  syscall(205, "getpeername(fd fd, address address, address length)", getpeername),
  syscall(
    206,
    "sendto(fd fd, input buffer, size size, messageFlags flags, socketAddress address, uint length) size",
    sendto,
  ),
  syscall(
    207,
    "recvfrom(fd fd, output buffer, size size, messageFlags flags, address address, address length) size",
    recvfrom,
  ),
  syscall(210, "shutdown(fd fd, shutdownHow how)", shutdown),
  syscall(211, "sendmsg(fd fd, address message, messageFlags flags) size", sendmsg),
  syscall(212, "recvmsg(fd fd, address message, messageFlags flags) size", recvmsg),
  syscall(242, "accept4(fd fd, address address, address length, descriptorFlags flags) fd", accept4),
];
