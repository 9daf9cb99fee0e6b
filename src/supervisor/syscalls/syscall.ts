import type { Task } from "../task.ts";

/**
 * What an argument or an answer is: how its register is read, and how `--strace` prints it (`strace.ts` has a printer for
 * each). `int`, `uint` and their likes are the register's low 32 bits; `long` and its likes all of it, as a signed number
 * that is exact up to 2^53.
 */
export const argumentKinds = {
  int: "int",
  uint: "uint",
  /** A descriptor; with AT_FDCWD. */
  fd: "int",
  dirfd: "int",
  pid: "int",
  signal: "int",
  mode: "uint",
  openFlags: "uint",
  atFlags: "uint",
  watchMask: "uint",
  /** One of many values: `strace/constants.ts` has their names. */
  whence: "int",
  fcntlOp: "int",
  ioctlOp: "uint",
  epollOp: "int",
  socketDomain: "int",
  socketType: "int",
  socketLevel: "int",
  socketOption: "int",
  shutdownHow: "int",
  idType: "int",
  advice: "int",
  fileAdvice: "int",
  itimer: "int",
  priorityOf: "int",
  usageOf: "int",
  policy: "int",
  /** Bits with names there. */
  waitFlags: "uint",
  accessMode: "int",
  lockOp: "int",
  descriptorFlags: "uint",
  epollFlags: "uint",
  eventFlags: "uint",
  memfdFlags: "uint",
  msyncFlags: "uint",
  mremapFlags: "uint",
  mlockFlags: "uint",
  renameFlags: "uint",
  randomFlags: "uint",
  messageFlags: "uint",
  closeFlags: "uint",
  timerFlags: "uint",
  fallocateMode: "int",
  statxMask: "uint",
  prot: "uint",
  mapFlags: "uint",
  cloneFlags: "long",
  futexOp: "int",
  clock: "int",
  resource: "int",
  prctlOp: "int",
  sigHow: "int",
  /** Bits that nobody has named yet. */
  flags: "uint",
  long: "long",
  size: "long",
  offset: "long",
  /** A pointer, to something that is not printed. */
  address: "long",
  /** A pointer to a string that the call reads. */
  path: "long",
  string: "long",
  /** A pointer to bytes that the call reads (the next argument is how many), or writes (the answer is how many). */
  input: "long",
  output: "long",
  /** struct timespec; struct iovec with the next argument as their number; char *[]. */
  timespec: "long",
  timespecOut: "long",
  /** sigset_t, struct sigaction, stack_t, a status of wait4: read by the call, or written (`Out`). */
  sigset: "long",
  sigsetOut: "long",
  sigaction: "long",
  sigactionOut: "long",
  stack: "long",
  stackOut: "long",
  status: "long",
  iovec: "long",
  strings: "long",
  /** struct stat, struct rlimit and two descriptors, written by the call; struct rlimit that it reads. */
  statOut: "long",
  limitOut: "long",
  limit: "long",
  pairOut: "long",
  /** struct pollfd [] with the next argument as their number; struct epoll_event, or as many as the call answers. */
  pollfds: "long",
  epollEvent: "long",
  epollEvents: "long",
  /** struct sockaddr with the next argument as its length. */
  socketAddress: "long",
} as const;

/** The name of a kind. */
export type ArgumentKind = keyof typeof argumentKinds;

/**
 * Carries a system call out: its arguments as numbers, as many as it declares. Answers what the call returns, `-errno.X`,
 * or `blocked` (see `Task.block`) or `done`. May throw a LinuxError instead.
 */
export type Handler = (task: Task, a: number, b: number, c: number, d: number, e: number, f: number) => number;

/** A system call, stated once. */
export interface Syscall {
  readonly number: number;
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly kind: ArgumentKind }[];
  readonly returns: ArgumentKind;
  readonly run: Handler;
  /** A bit for each parameter that is 32 bits, signed; and for each that is 32 bits, unsigned. */
  readonly intMask: number;
  readonly uintMask: number;
}

/**
 * States a system call: its number, then its name with its parameters as C would have them, each a kind and a name.
 *
 * ```ts
 * syscall(64, "write(fd fd, input buf, size count) size", write)
 * ```
 *
 * Without a kind at the end its answer is an `int`. Throws a RangeError for what is not written so.
 */
export function syscall(number: number, text: string, run: Handler): Syscall {
  const parts = /^(\w+)\((.*)\)(?: (\w+))?$/.exec(text);
  if (parts === null) throw new RangeError(`not a system call: ${text}`);
  const [, name, list, returns = "int"] = parts;
  const parameters = list === "" ? [] : list.split(", ").map((parameter) => parseParameter(text, parameter));
  const mask = (width: string) =>
    parameters.reduce((bits, { kind }, index) => bits | (argumentKinds[kind] === width ? 1 << index : 0), 0);
  return {
    number,
    name,
    parameters,
    returns: kindOf(text, returns),
    run,
    intMask: mask("int"),
    uintMask: mask("uint"),
  };
}

function parseParameter(text: string, parameter: string): { name: string; kind: ArgumentKind } {
  const [kind, name] = parameter.split(" ");
  return { name, kind: kindOf(text, kind) };
}

function kindOf(text: string, kind: string): ArgumentKind {
  if (!Object.hasOwn(argumentKinds, kind)) throw new RangeError(`no kind of argument is called ${kind}: ${text}`);
  return kind as ArgumentKind;
}
