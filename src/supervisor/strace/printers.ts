import { watchFlag } from "../files/inotifyFile.ts";
import { openFlag } from "../files/openFile.ts";
import { watchEvent } from "../files/watch.ts";
import { cloneFlag } from "../process/clone.ts";
import { resource } from "../process/limits.ts";
import { bitOf, lastSignal, type SignalSet, signalName } from "../process/signalNumber.ts";
import { actionFlag, stackFlag } from "../process/signalState.ts";
import { clock } from "../syscalls/clock.ts";
import { futexOp } from "../syscalls/futex.ts";
import { mapFlag } from "../syscalls/memory.ts";
import type { ArgumentKind } from "../syscalls/syscall.ts";
import { prctlOp } from "../syscalls/thread.ts";
import type { Task } from "../task.ts";
import { bitsOf, valueNames } from "./constants.ts";
import { epollEvent, epollEvents, limit, pair, pollfds, socketAddress, socketType, stat } from "./structures.ts";
import { bitNames, nameOf, ofMemory, pointer, quote, unsigned } from "./text.ts";

/** How an argument is printed: its value, the one after it, and the call's answer once it is there. */
export interface Printer {
  /** The call writes what this prints: it is printed with the answer. */
  readonly isOutput?: true;
  readonly print: (task: Task, value: number, next: number, answer: number) => string;
}

const prot = { PROT_READ: 1, PROT_WRITE: 2, PROT_EXEC: 4 } as const;
const atFlag = {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_REMOVEDIR: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
} as const;
const currentDirectory = -100;
const shownVectors = 16;
const mostShown = 32;
const dontNameLeft = { signalMask: 0xff, futexMask: 0x7f, futexPrivate: 0x80, futexRealtime: 0x100 } as const;

const hex: Printer = { print: (_task, value) => (value === 0 ? "0" : `0x${unsigned(value)}`) };
const address: Printer = { print: (_task, value) => pointer(value) };
const text: Printer = {
  print: (task, value) => ofMemory(task, value, (at) => quote(task.memory.cBytes(at))),
};

/** A set of signals: `[HUP INT]`, or `~[KILL]` where most are in it. */
export function signalSet(set: SignalSet): string {
  const name = (number: number) => signalName(number).replace("SIG", "");
  const members = Array.from({ length: lastSignal }, (_, index) => index + 1);
  const inside = members.filter((number) => set & bitOf(number));
  const outside = members.filter((number) => !(set & bitOf(number)));
  return inside.length > lastSignal / 2 ? `~[${outside.map(name).join(" ")}]` : `[${inside.map(name).join(" ")}]`;
}

function bytes(task: Task, at: number, length: number): string {
  const shown = Math.max(0, Math.min(length, mostShown));
  return ofMemory(task, at, () => quote(task.memory.read(at, shown), length));
}

function timespec(task: Task, at: number): string {
  const { memory } = task;
  return ofMemory(task, at, () => `{tv_sec=${memory.long(at)}, tv_nsec=${memory.long(at + 8)}}`);
}

function sigset(task: Task, at: number): string {
  return ofMemory(task, at, () => signalSet(task.memory.u64(at)));
}

function sigaction(task: Task, at: number): string {
  const { memory } = task;
  return ofMemory(task, at, () => {
    const handler = memory.long(at);
    const name = handler === 0 ? "SIG_DFL" : handler === 1 ? "SIG_IGN" : pointer(handler);
    const flags = bitNames(memory.long(at + 8), actionFlag);
    return `{sa_handler=${name}, sa_mask=${signalSet(memory.u64(at + 16))}, sa_flags=${flags}}`;
  });
}

function stack(task: Task, at: number): string {
  const { memory } = task;
  return ofMemory(task, at, () => {
    const flags = bitNames(memory.u32(at + 8), stackFlag);
    return `{ss_sp=${pointer(memory.long(at))}, ss_flags=${flags}, ss_size=${memory.long(at + 16)}}`;
  });
}

function iovec(task: Task, at: number, count: number): string {
  const { memory } = task;
  return ofMemory(task, at, () => {
    const vectors: string[] = [];
    for (let i = 0; i < Math.min(count, shownVectors); i++) {
      const length = memory.long(at + 16 * i + 8);
      vectors.push(`{iov_base=${bytes(task, memory.long(at + 16 * i), length)}, iov_len=${length}}`);
    }
    if (count > shownVectors) vectors.push("...");
    return `[${vectors.join(", ")}]`;
  });
}

function strings(task: Task, at: number): string {
  const { memory } = task;
  return ofMemory(task, at, () => {
    const parts: string[] = [];
    for (let i = 0; ; i++) {
      const string = memory.long(at + 8 * i);
      if (string === 0) return `[${parts.join(", ")}]`;
      if (i === mostShown) return `[${parts.join(", ")}, ...]`;
      parts.push(text.print(task, string, 0, 0));
    }
  });
}

/** The status word of wait4. */
function status(task: Task, at: number): string {
  return ofMemory(task, at, () => {
    const word = task.memory.u32(at);
    const [low, high] = [word & 0x7f, (word >> 8) & 0xff];
    if (word === 0xffff) return "[{WIFCONTINUED(s)}]";
    if (low === 0x7f) return `[{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(high)}}]`;
    if (low !== 0) return `[{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(low)}}]`;
    return `[{WIFEXITED(s) && WEXITSTATUS(s) == ${high}}]`;
  });
}

function openFlags(value: number): string {
  const { O_RDONLY: _read, O_WRONLY: _write, O_RDWR: _both, O_ACCMODE, ...rest } = openFlag;
  const mode = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"][value & O_ACCMODE];
  const flags = value - (value & O_ACCMODE);
  return flags === 0 ? mode : `${mode}|${bitNames(flags, rest)}`;
}

function mapFlags(value: number): string {
  const { MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, MAP_TYPE, ...rest } = mapFlag;
  const type = nameOf(value & MAP_TYPE, { MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE });
  const flags = value - (value & MAP_TYPE);
  return flags === 0 ? type : `${type}|${bitNames(flags, rest)}`;
}

function cloneFlags(value: number): string {
  const signal = value % 256;
  const flags = value - signal;
  if (signal === 0) return bitNames(flags, cloneFlag);
  return flags === 0 ? signalName(signal) : `${bitNames(flags, cloneFlag)}|${signalName(signal)}`;
}

function futexName(value: number): string {
  const name = nameOf(value & dontNameLeft.futexMask, futexOp);
  const isPrivate = value & dontNameLeft.futexPrivate ? "_PRIVATE" : "";
  return `${name}${isPrivate}${value & dontNameLeft.futexRealtime ? "|FUTEX_CLOCK_REALTIME" : ""}`;
}

const readable = (print: (task: Task, at: number) => string): Printer => ({ print });
const written = (print: (task: Task, at: number) => string): Printer => ({
  isOutput: true,
  print: (task, at, _next, answer) => (answer < 0 ? pointer(at) : print(task, at)),
});
const named = (print: (value: number) => string): Printer => ({ print: (_task, value) => print(value) });

/** Printers for many kinds that differ in their names only. */
function mapKinds<K extends ArgumentKind>(
  kinds: Readonly<Record<K, Readonly<Record<string, number>>>>,
  make: (names: Readonly<Record<string, number>>) => Printer,
): Partial<Record<ArgumentKind, Printer>> {
  return Object.fromEntries(
    Object.entries<Readonly<Record<string, number>>>(kinds).map(([k, names]) => [k, make(names)]),
  );
}

/** How each kind of argument is printed; one that is not here is a number. */
export const printers: Partial<Record<ArgumentKind, Printer>> = {
  address,
  flags: hex,
  path: text,
  string: text,
  strings: readable(strings),
  input: { print: (task, at, length) => bytes(task, at, length) },
  output: { isOutput: true, print: (task, at, _next, answer) => (answer < 0 ? pointer(at) : bytes(task, at, answer)) },
  iovec: { isOutput: true, print: (task, at, count) => iovec(task, at, count) },
  timespec: readable(timespec),
  timespecOut: written(timespec),
  sigset: readable(sigset),
  sigsetOut: written(sigset),
  sigaction: readable(sigaction),
  sigactionOut: written(sigaction),
  stack: readable(stack),
  stackOut: written(stack),
  status: { isOutput: true, print: (task, at, _next, answer) => (answer <= 0 ? pointer(at) : status(task, at)) },
  dirfd: named((value) => (value === currentDirectory ? "AT_FDCWD" : `${value}`)),
  signal: named(signalName),
  mode: named((value) => `0${value.toString(8)}`),
  prot: named((value) => bitNames(value, prot, "PROT_NONE")),
  atFlags: named((value) => bitNames(value, atFlag)),
  openFlags: named(openFlags),
  watchMask: named((value) => bitNames(value, { ...watchEvent, ...watchFlag })),
  mapFlags: named(mapFlags),
  cloneFlags: named(cloneFlags),
  futexOp: named(futexName),
  clock: named((value) => nameOf(value, clock)),
  resource: named((value) => nameOf(value, resource)),
  prctlOp: named((value) => nameOf(value, prctlOp)),
  socketType: named(socketType),
  ...mapKinds(valueNames, (names) => named((value) => nameOf(value, names))),
  ...mapKinds(bitsOf, (names) => named((value) => bitNames(value >>> 0, names))),
  ioctlOp: named(
    (value) => Object.entries(valueNames.ioctlOp).find(([, code]) => code === value)?.[0] ?? `0x${unsigned(value)}`,
  ),
  statOut: written(stat),
  limit: readable(limit),
  limitOut: written(limit),
  pairOut: written(pair),
  pollfds: { isOutput: true, print: (task, at, count) => pollfds(task, at, count) },
  epollEvent: readable(epollEvent),
  epollEvents: {
    isOutput: true,
    print: (task, at, _next, answer) => (answer < 0 ? pointer(at) : epollEvents(task, at, answer)),
  },
  socketAddress: { print: (task, at, length) => socketAddress(task, at, length) },
  sigHow: named((value) => nameOf(value, { SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2 })),
};
