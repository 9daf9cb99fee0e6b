import { errno, LinuxError } from "../errno.ts";
import { type SocketFile, socketFamily } from "../files/socket.ts";
import type { Task } from "../task.ts";

/** Bytes of `struct sockaddr_un`, and of `struct sockaddr_in`. */
const mostAddress = 110;
const inetBytes = 16;
const familyOf = (bytes: Uint8Array): number => bytes[0] | (bytes[1] << 8);

/**
 * A socket's address: a family and, of AF_UNIX, a name of at most 108 bytes, which is a path up to its zero, or begins with
 * one; of AF_INET a port and four bytes.
 */
export function readName(task: Task, { family }: SocketFile, address: number, length: number): Uint8Array {
  if (length < 2 || length > mostAddress) throw new LinuxError("EINVAL");
  const bytes = task.memory.read(address, length);
  if (family === socketFamily.AF_INET) return readInetName(bytes);
  if (familyOf(bytes) !== socketFamily.AF_UNIX) throw new LinuxError("EINVAL");
  const name = bytes.subarray(2);
  const end = name.indexOf(0);
  return end <= 0 ? name : name.subarray(0, end);
}

function readInetName(bytes: Uint8Array): Uint8Array {
  if (bytes.length < inetBytes) throw new LinuxError("EINVAL");
  if (familyOf(bytes) !== socketFamily.AF_INET) throw new LinuxError("EAFNOSUPPORT");
  return bytes.slice(2, 8);
}

/** Whether an address names nobody: AF_UNSPEC. */
export function isUnspecified({ memory }: Task, address: number, length: number): boolean {
  return length >= 2 && memory.u16(address) === 0;
}

/** What a socket is called, for the program: as much as it has room for, and how much there is. */
export function writeName(
  task: Task,
  { family }: SocketFile,
  name: Uint8Array,
  address: number,
  length: number,
): number {
  const { memory } = task;
  const room = memory.i32(length);
  if (room < 0) return -errno.EINVAL;
  const isPath = name.length > 0 && name[0] !== 0;
  const size = family === socketFamily.AF_INET ? inetBytes : 2 + name.length + (isPath ? 1 : 0);
  const bytes = new Uint8Array(size);
  bytes[0] = family;
  bytes.set(name, 2);
  memory.write(address, bytes.subarray(0, room));
  memory.setU32(length, bytes.length);
  return 0;
}
