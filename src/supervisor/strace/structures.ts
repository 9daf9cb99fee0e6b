import { fileType } from "../files/inode.ts";
import type { Task } from "../task.ts";
import { pollBits, socketFlags, socketTypes, valueNames } from "./constants.ts";
import { bitNames, nameOf, ofMemory, quote } from "./text.ts";

const mostShown = 16;

/** Several of them between brackets, those behind the first few left out. */
function list(count: number, one: (index: number) => string): string {
  const parts = Array.from({ length: Math.min(count, mostShown) }, (_, index) => one(index));
  return `[${[...parts, ...(count > mostShown ? ["..."] : [])].join(", ")}]`;
}

/** Type and permissions of `struct stat`, and what else matters most. */
export function stat(task: Task, at: number): string {
  const { memory } = task;
  return ofMemory(task, at, () => {
    const mode = memory.u32(at + 16);
    const type = nameOf(mode & fileType.S_IFMT, fileType);
    return `{st_mode=${type}|0${(mode & 0o7777).toString(8)}, st_size=${memory.long(at + 48)}, ...}`;
  });
}

/** `struct pollfd []`: what is asked, and once it is answered what has happened. */
export function pollfds(task: Task, at: number, count: number): string {
  const { memory } = task;
  return ofMemory(task, at, () =>
    list(count, (index) => {
      const one = at + 8 * index;
      const happened = memory.u16(one + 6);
      const events = `{fd=${memory.i32(one)}, events=${bitNames(memory.u16(one + 4), pollBits)}`;
      return happened === 0 ? `${events}}` : `${events}, revents=${bitNames(happened, pollBits)}}`;
    }),
  );
}

/** `struct epoll_event`. */
export function epollEvent(task: Task, at: number): string {
  const { memory } = task;
  return ofMemory(task, at, () => {
    const data = memory.u64(at + 8).toString(16);
    return `{events=${bitNames(memory.u32(at), epollBits)}, data=0x${data}}`;
  });
}

/** As many of them as there are. */
export function epollEvents(task: Task, at: number, count: number): string {
  return ofMemory(task, at, () => list(count, (index) => epollEvent(task, at + 16 * index)));
}

const epollBits = {
  ...Object.fromEntries(Object.entries(pollBits).map(([name, bit]) => [`E${name}`, bit])),
  EPOLLEXCLUSIVE: 2 ** 28,
  EPOLLWAKEUP: 2 ** 29,
  EPOLLONESHOT: 2 ** 30,
  EPOLLET: 2 ** 31,
};

/** `struct sockaddr` of so many bytes: a name of AF_UNIX, port and address of AF_INET, of others the family. */
export function socketAddress(task: Task, at: number, length: number): string {
  return ofMemory(task, at, () => {
    const bytes = task.memory.read(at, Math.max(2, Math.min(length, 128)));
    const family = nameOf(bytes[0] | (bytes[1] << 8), valueNames.socketDomain);
    if (family === "AF_INET" && bytes.length >= 8) {
      const port = bytes[2] * 256 + bytes[3];
      return `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("${bytes.subarray(4, 8).join(".")}")}`;
    }
    if (family !== "AF_UNIX") return `{sa_family=${family}, ...}`;
    const name = bytes.subarray(2);
    const end = name.indexOf(0);
    const text =
      name[0] === 0 && name.length > 1 ? `@${quote(name.subarray(1))}` : quote(name.subarray(0, end < 0 ? 108 : end));
    return `{sa_family=AF_UNIX, sun_path=${text}}`;
  });
}

/** A kind of socket with its flags. */
export function socketType(value: number): string {
  const flags = value & (socketFlags.SOCK_NONBLOCK | socketFlags.SOCK_CLOEXEC);
  const type = nameOf(value - flags, socketTypes);
  return flags === 0 ? type : `${type}|${bitNames(flags, socketFlags)}`;
}

/** `struct rlimit`. */
export function limit(task: Task, at: number): string {
  const text = (value: number) => (value === -1 ? "RLIM_INFINITY" : `${value}`);
  return ofMemory(task, at, () => {
    const { memory } = task;
    return `{rlim_cur=${text(memory.long(at))}, rlim_max=${text(memory.long(at + 8))}}`;
  });
}

/** Two descriptors. */
export function pair(task: Task, at: number): string {
  return ofMemory(task, at, () => `[${task.memory.i32(at)}, ${task.memory.i32(at + 4)}]`);
}
