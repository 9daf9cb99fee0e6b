import { errno } from "../errno.ts";
import { type SocketFile, socketFamily, socketType } from "../files/socket.ts";
import type { Task } from "../task.ts";
import { socketOf } from "./socket.ts";
import { syscall } from "./syscall.ts";

const level = { IP: 0, SOCKET: 1, TCP: 6 } as const;
const option = {
  SO_REUSEADDR: 2,
  SO_TYPE: 3,
  SO_ERROR: 4,
  SO_BROADCAST: 6,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_KEEPALIVE: 9,
  SO_OOBINLINE: 10,
  SO_LINGER: 13,
  SO_REUSEPORT: 15,
  SO_PEERCRED: 17,
  SO_RCVLOWAT: 18,
  SO_RCVTIMEO: 20,
  SO_SNDTIMEO: 21,
  SO_ACCEPTCONN: 30,
  SO_PROTOCOL: 38,
  SO_DOMAIN: 39,
} as const;
const bufferBytes = 212_992;
/** More than any option has. */
const mostBytes = 256;

const keyOf = (at: number, name: number): string => `${at}:${name}`;

/** What options are that nobody has set: so many bytes of zeros, or a number. */
const defaults: ReadonlyMap<string, Uint8Array> = new Map([
  ...(
    [
      [option.SO_REUSEADDR, 0],
      [option.SO_BROADCAST, 0],
      [option.SO_KEEPALIVE, 0],
      [option.SO_OOBINLINE, 0],
      [option.SO_REUSEPORT, 0],
      [option.SO_RCVLOWAT, 1],
    ] as const
  ).map(([name, value]) => [keyOf(level.SOCKET, name), numberBytes(value)] as const),
  [keyOf(level.SOCKET, option.SO_LINGER), new Uint8Array(8)] as const,
  [keyOf(level.SOCKET, option.SO_RCVTIMEO), new Uint8Array(16)] as const,
  [keyOf(level.SOCKET, option.SO_SNDTIMEO), new Uint8Array(16)] as const,
  // TCP_NODELAY, IP_TOS, IP_TTL
  [keyOf(level.TCP, 1), numberBytes(0)] as const,
  [keyOf(level.IP, 1), numberBytes(0)] as const,
  [keyOf(level.IP, 2), numberBytes(64)] as const,
]);

function numberBytes(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** What a socket says of itself, whatever was set. */
function ownOption(socket: SocketFile, name: number): number | undefined {
  const { type, family, state } = socket;
  const isInet = family === socketFamily.AF_INET;
  if (name === option.SO_TYPE) return type;
  if (name === option.SO_ERROR) return socket.takeError();
  if (name === option.SO_DOMAIN) return family;
  if (name === option.SO_PROTOCOL) return isInet ? (type === socketType.SOCK_STREAM ? 6 : 17) : 0;
  if (name === option.SO_SNDBUF || name === option.SO_RCVBUF) return bufferBytes;
  if (name === option.SO_ACCEPTCONN) return Number(state === "listening");
  return undefined;
}

/** `struct ucred`: whose the other end is. */
function peerBytes(socket: SocketFile): Uint8Array {
  return new Uint8Array(Int32Array.of(socket.peer?.maker ?? 0, 0, 0).buffer);
}

function setsockopt(task: Task, fd: number, at: number, name: number, value: number, length: number): number {
  const socket = socketOf(task, fd);
  if (length > mostBytes) return -errno.EINVAL;
  const wanted = defaults.get(keyOf(at, name));
  if (wanted !== undefined && length < wanted.length) return -errno.EINVAL;
  socket.options.set(keyOf(at, name), task.memory.read(value, length));
  return 0;
}

function getsockopt(task: Task, fd: number, at: number, name: number, value: number, length: number): number {
  const socket = socketOf(task, fd);
  const { memory } = task;
  const room = memory.i32(length);
  if (at === level.SOCKET && name === option.SO_PEERCRED) {
    if (room < 12) return -errno.EINVAL;
    memory.write(value, peerBytes(socket));
    memory.setU32(length, 12);
    return 0;
  }
  const own = at === level.SOCKET ? ownOption(socket, name) : undefined;
  const key = keyOf(at, name);
  const isOther = at !== level.SOCKET && socket.family !== socketFamily.AF_INET;
  const bytes = own === undefined ? (socket.options.get(key) ?? defaults.get(key)) : numberBytes(own);
  if (bytes === undefined || isOther) return -errno.ENOPROTOOPT;
  if (room < 0 || (own !== undefined && room < 4)) return -errno.EINVAL;
  const part = bytes.subarray(0, room);
  memory.write(value, part);
  memory.setU32(length, part.length);
  return 0;
}

/** What can be said of sockets. */
export const socketOptionCalls = [
  syscall(208, "setsockopt(fd fd, socketLevel level, socketOption name, address value, uint length)", setsockopt),
  syscall(209, "getsockopt(fd fd, socketLevel level, socketOption name, address value, address length)", getsockopt),
];
