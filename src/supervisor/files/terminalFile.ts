import { errno } from "../errno.ts";
import { signal } from "../process/signalNumber.ts";
import type { Task } from "../task.ts";
import type { WaitQueue } from "../waitQueue.ts";
import type { Dentry } from "./dentry.ts";
import { checkForeground, signalGroup } from "./jobControl.ts";
import { OpenFile, pollBit } from "./openFile.ts";
import type { Terminal } from "./terminal.ts";
import { control, termios2Bytes, termiosBytes } from "./termios.ts";

/** ioctls of terminals, `asm-generic/ioctls.h`. */
export const terminalIoctl = {
  TCGETS: 0x5401,
  TCSETS: 0x5402,
  TCSETSW: 0x5403,
  TCSETSF: 0x5404,
  TCSBRK: 0x5409,
  TCXONC: 0x540a,
  TCFLSH: 0x540b,
  TIOCEXCL: 0x540c,
  TIOCSCTTY: 0x540e,
  TIOCGPGRP: 0x540f,
  TIOCSPGRP: 0x5410,
  TIOCOUTQ: 0x5411,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  FIONREAD: 0x541b,
  TIOCNOTTY: 0x5422,
  TIOCGSID: 0x5429,
  TCSBRKP: 0x5425,
  TCGETS2: 0x802c_542a,
  TCSETS2: 0x402c_542b,
  TCSETSW2: 0x402c_542c,
  TCSETSF2: 0x402c_542d,
  TIOCGPTN: 0x8004_5430,
  TIOCSPTLCK: 0x4004_5431,
} as const;

const settings = new Map<number, { readonly bytes: number; readonly flushes: boolean }>([
  [terminalIoctl.TCSETS, { bytes: termiosBytes, flushes: false }],
  [terminalIoctl.TCSETSW, { bytes: termiosBytes, flushes: false }],
  [terminalIoctl.TCSETSF, { bytes: termiosBytes, flushes: true }],
  [terminalIoctl.TCSETS2, { bytes: termios2Bytes, flushes: false }],
  [terminalIoctl.TCSETSW2, { bytes: termios2Bytes, flushes: false }],
  [terminalIoctl.TCSETSF2, { bytes: termios2Bytes, flushes: true }],
]);

/** What changes a terminal, and so is not for processes in the background. */
const changing: ReadonlySet<number> = new Set([
  ...settings.keys(),
  terminalIoctl.TCSBRK,
  terminalIoctl.TCSBRKP,
  terminalIoctl.TCXONC,
  terminalIoctl.TCFLSH,
]);

/** What both sides of a terminal answer to. */
export function terminalRequest(task: Task, terminal: Terminal, request: number, argument: number): number {
  const { memory, process } = task;
  if (changing.has(request)) {
    const admitted = checkForeground(task, terminal, signal.SIGTTOU);
    if (admitted !== 0) return admitted;
  }
  const setting = settings.get(request);
  if (setting !== undefined) {
    const bytes = memory.read(argument, setting.bytes);
    if (setting.flushes) terminal.flushInput();
    terminal.set(bytes);
    return 0;
  }
  switch (request) {
    case terminalIoctl.TCGETS:
      memory.write(argument, terminal.termios.encode(termiosBytes));
      return 0;
    case terminalIoctl.TCGETS2:
      memory.write(argument, terminal.termios.encode(termios2Bytes));
      return 0;
    case terminalIoctl.TIOCGWINSZ:
      [terminal.rows, terminal.columns, 0, 0].forEach((value, index) => {
        memory.setU16(argument + 2 * index, value);
      });
      return 0;
    case terminalIoctl.TIOCSWINSZ:
      return setWindow(task, terminal, memory.u16(argument), memory.u16(argument + 2));
    case terminalIoctl.TIOCGPGRP:
      if (terminal.session !== process.sid) return -errno.ENOTTY;
      memory.setU32(argument, terminal.foreground);
      return 0;
    case terminalIoctl.TIOCGSID:
      if (terminal.session !== process.sid) return -errno.ENOTTY;
      memory.setU32(argument, terminal.session);
      return 0;
    case terminalIoctl.TIOCSPGRP:
      return setForeground(task, terminal, memory.i32(argument));
    case terminalIoctl.TIOCSCTTY:
      return becomeControlling(task, terminal);
    case terminalIoctl.TIOCNOTTY:
      if (terminal.session !== process.sid) return -errno.ENOTTY;
      if (process.sid === process.pid) task.system.files.terminals.giveUp(task.system, process);
      return 0;
    case terminalIoctl.TIOCOUTQ:
      memory.setU32(argument, 0);
      return 0;
    case terminalIoctl.TCFLSH:
      if (argument !== 1) terminal.flushInput();
      return 0;
    case terminalIoctl.TCSBRK:
    case terminalIoctl.TCSBRKP:
    case terminalIoctl.TCXONC:
    case terminalIoctl.TIOCEXCL:
      return 0;
    default:
      return -errno.ENOTTY;
  }
}

function setWindow(task: Task, terminal: Terminal, rows: number, columns: number): number {
  const isSame = rows === terminal.rows && columns === terminal.columns;
  Object.assign(terminal, { rows, columns });
  if (!isSame && terminal.foreground !== 0) signalGroup(task.system, terminal.foreground, signal.SIGWINCH);
  return 0;
}

function setForeground(task: Task, terminal: Terminal, group: number): number {
  const admitted = checkForeground(task, terminal, signal.SIGTTOU);
  if (admitted !== 0) return admitted === -errno.EIO ? -errno.ENOTTY : admitted;
  if (terminal.session !== task.process.sid) return -errno.ENOTTY;
  if (group < 0) return -errno.EINVAL;
  const members = [...task.system.processes.values()].filter(({ pgid }) => pgid === group);
  if (members.length === 0) return -errno.ESRCH;
  if (!members.some(({ sid }) => sid === terminal.session)) return -errno.EPERM;
  terminal.foreground = group;
  return 0;
}

function becomeControlling(task: Task, terminal: Terminal): number {
  const { process } = task;
  if (terminal.session === process.sid) return 0;
  if (process.sid !== process.pid || terminal.session !== 0) return -errno.EPERM;
  if (task.system.files.terminals.controlling(process.sid) !== undefined) return -errno.EPERM;
  terminal.session = process.sid;
  terminal.foreground = process.pgid;
  return 0;
}

/** An open terminal. */
export class TerminalFile extends OpenFile {
  readonly terminal: Terminal;
  override readonly dentry: Dentry;
  override readonly readers: WaitQueue;
  override readonly writers: WaitQueue;
  readonly #onRelease: () => void;

  constructor(terminal: Terminal, flags: number, dentry: Dentry, onRelease: () => void = () => {}) {
    super(flags);
    this.terminal = terminal;
    this.dentry = dentry;
    this.readers = terminal.readers;
    this.writers = terminal.writers;
    this.#onRelease = onRelease;
  }

  get path(): string {
    return this.dentry.path;
  }

  override admit(task: Task, access: "read" | "write"): number {
    const { terminal } = this;
    if (access === "read") return checkForeground(task, terminal, signal.SIGTTIN);
    return terminal.termios.hasLocal("TOSTOP") ? checkForeground(task, terminal, signal.SIGTTOU) : 0;
  }

  override read(into: Uint8Array): number {
    return into.length === 0 ? 0 : this.terminal.read(into);
  }

  override write(bytes: Uint8Array): number {
    return this.terminal.write(bytes);
  }

  /** VTIME, in tenths of a second. */
  override get readTimeout(): number | undefined {
    const { termios } = this.terminal;
    const time = termios.characters[control.VTIME];
    return termios.hasLocal("ICANON") || time === 0 || termios.characters[control.VMIN] > 0 ? undefined : time * 1e8;
  }

  override poll(): number {
    const { isReadable, isHungUp } = this.terminal;
    return (isReadable ? pollBit.POLLIN : 0) | (isHungUp ? pollBit.POLLHUP : pollBit.POLLOUT);
  }

  override ioctl(task: Task, request: number, argument: number): number {
    if (request !== terminalIoctl.FIONREAD) return terminalRequest(task, this.terminal, request, argument);
    task.memory.setU32(argument, this.terminal.available);
    return 0;
  }

  override release(): void {
    this.#onRelease();
  }
}
