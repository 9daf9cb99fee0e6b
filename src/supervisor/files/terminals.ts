import { errno, LinuxError } from "../errno.ts";
import type { Process } from "../process/process.ts";
import { sendToProcess } from "../process/send.ts";
import { signalCode } from "../process/signalInfo.ts";
import { signal } from "../process/signalNumber.ts";
import type { Supervisor } from "../supervisor.ts";
import type { Task } from "../task.ts";
import type { WaitQueue } from "../waitQueue.ts";
import type { Dentry } from "./dentry.ts";
import { deviceNumber, devices, noDevice } from "./device.ts";
import { type FileStatus, fileType, type Inode } from "./inode.ts";
import { hangUpGroup, signalGroup } from "./jobControl.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";
import { Pipe } from "./pipe.ts";
import { Terminal } from "./terminal.ts";
import { TerminalFile, terminalIoctl, terminalRequest } from "./terminalFile.ts";

const ptsMajor = 136;
const mostPairs = 64;

/** A terminal that a program is at the other side of, and how much of it is open. */
class Pair {
  readonly number: number;
  readonly terminal: Terminal;
  /** What the terminal shows, for the other side to read. */
  readonly shown = new Pipe();
  isLocked = true;
  slaves = 0;
  everOpened = false;

  constructor(number: number, task: Task) {
    this.number = number;
    const { shown } = this;
    this.terminal = new Terminal({
      show: (bytes) => {
        const count = shown.put(bytes);
        shown.readers.wake();
        return count;
      },
      signal: (group, number) => signalGroup(task.system, group, number),
    });
    this.terminal.columns = this.terminal.rows = 0;
  }
}

/** All terminals: the console, if standard input or output is one, and pairs that programs make. */
export class Terminals {
  /** The terminal that the supervisor's user is at. */
  console: Terminal | undefined;
  readonly #pairs = new Map<number, Pair>();
  readonly #devpts: Inode;
  /** What was in the foreground of a leader's terminal when that was hung up. */
  readonly #lost = new Map<Process, number>();

  /** `devpts` is the directory of the pairs' names. */
  constructor(devpts: Inode) {
    this.#devpts = devpts;
  }

  /** The terminal that controls a session. */
  controlling(session: number): Terminal | undefined {
    if (this.console?.session === session) return this.console;
    for (const { terminal } of this.#pairs.values()) if (terminal.session === session) return terminal;
    return undefined;
  }

  /** The number of a terminal's device. */
  deviceOf(terminal: Terminal): number {
    for (const [number, pair] of this.#pairs) if (pair.terminal === terminal) return deviceNumber(ptsMajor, number);
    return devices.console;
  }

  /** Nobody is at the other side any more: the leader of the session hears of it, and when that ends the others do. */
  #hangUp(system: Supervisor, terminal: Terminal): void {
    const leader = system.processes.get(terminal.session);
    if (leader === undefined) return;
    for (const number of [signal.SIGHUP, signal.SIGCONT]) {
      sendToProcess(leader, { signal: number, code: signalCode.SI_KERNEL });
    }
    this.#lost.set(leader, terminal.foreground);
    terminal.session = terminal.foreground = 0;
  }

  /** The leader of a session gives its terminal up, or has ended (`disassociate_ctty`). */
  giveUp(system: Supervisor, leader: Process): void {
    const terminal = this.controlling(leader.pid);
    const lost = this.#lost.get(leader);
    this.#lost.delete(leader);
    if (terminal !== undefined) {
      const { foreground } = terminal;
      terminal.session = terminal.foreground = 0;
      if (leader.exit === undefined) hangUpGroup(system, foreground);
      else signalGroup(system, foreground, signal.SIGHUP);
    } else if (lost !== undefined) hangUpGroup(system, lost);
  }

  /** Opens a terminal by the number of its device. Throws ENXIO, EIO. */
  open(task: Task, number: number, flags: number, dentry: Dentry): OpenFile {
    if (number === devices.ptmx) return this.#openMaster(task, flags, dentry);
    if (number === devices.tty) return this.#openControlling(task, flags, dentry);
    if (number === devices.console) return new TerminalFile(this.console ?? noDevice(), flags, dentry);
    if (Math.floor(number / 256) === ptsMajor) return this.#openSlave(task, number % 256, flags, dentry);
    return noDevice();
  }

  #openControlling(task: Task, flags: number, dentry: Dentry): OpenFile {
    const terminal = this.controlling(task.process.sid) ?? noDevice();
    return new TerminalFile(terminal, flags, dentry);
  }

  #openMaster(task: Task, flags: number, dentry: Dentry): OpenFile {
    let number = 0;
    while (this.#pairs.has(number)) number++;
    if (number >= mostPairs) throw new LinuxError("ENOSPC");
    const pair = new Pair(number, task);
    this.#pairs.set(number, pair);
    const file = { mode: fileType.S_IFCHR | 0o620, rdev: deviceNumber(ptsMajor, number) };
    const inode = this.#devpts.create(String(number), file);
    return new MasterFile(pair, flags, dentry, () => {
      this.#pairs.delete(number);
      this.#devpts.unlink(String(number), inode);
      pair.terminal.hangUp();
      this.#hangUp(task.system, pair.terminal);
    });
  }

  #openSlave(task: Task, number: number, flags: number, dentry: Dentry): OpenFile {
    const pair = this.#pairs.get(number) ?? noDevice();
    if (pair.isLocked) throw new LinuxError("EIO");
    const { terminal } = pair;
    const { process } = task;
    pair.slaves++;
    pair.everOpened = true;
    const takesControl = (flags & openFlag.O_NOCTTY) === 0 && process.sid === process.pid && terminal.session === 0;
    if (takesControl && this.controlling(process.sid) === undefined) {
      terminal.session = process.sid;
      terminal.foreground = process.pgid;
    }
    return new TerminalFile(terminal, flags & ~openFlag.O_NOCTTY, dentry, () => {
      if (--pair.slaves === 0) pair.shown.readers.wake();
    });
  }
}

/** The side of a pair that a terminal program has: what it writes is typed, what it reads is shown. */
class MasterFile extends OpenFile {
  readonly #pair: Pair;
  override readonly dentry: Dentry;
  override readonly readers: WaitQueue;
  override readonly writers: WaitQueue;
  readonly #onRelease: () => void;

  constructor(pair: Pair, flags: number, dentry: Dentry, onRelease: () => void) {
    super(flags & ~openFlag.O_NOCTTY);
    this.#pair = pair;
    this.dentry = dentry;
    this.readers = pair.shown.readers;
    this.writers = pair.terminal.writers;
    this.#onRelease = onRelease;
  }

  get path(): string {
    return this.dentry.path;
  }

  get #isAlone(): boolean {
    return this.#pair.everOpened && this.#pair.slaves === 0;
  }

  override read(into: Uint8Array): number {
    const count = this.#pair.shown.take(into);
    if (count > 0) {
      this.#pair.terminal.writers.wake();
      return count;
    }
    if (into.length === 0) return 0;
    return this.#isAlone ? -errno.EIO : -errno.EAGAIN;
  }

  override write(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    const count = this.#pair.terminal.type(bytes);
    return count > 0 ? count : -errno.EAGAIN;
  }

  override poll(): number {
    const { shown } = this.#pair;
    return pollBit.POLLOUT | (shown.length > 0 ? pollBit.POLLIN : 0) | (this.#isAlone ? pollBit.POLLHUP : 0);
  }

  override status(): FileStatus {
    return this.dentry.inode.status();
  }

  override ioctl(task: Task, request: number, argument: number): number {
    const { memory } = task;
    switch (request) {
      case terminalIoctl.TIOCGPTN:
        memory.setU32(argument, this.#pair.number);
        return 0;
      case terminalIoctl.TIOCSPTLCK:
        this.#pair.isLocked = memory.u32(argument) !== 0;
        return 0;
      case terminalIoctl.FIONREAD:
        memory.setU32(argument, this.#pair.shown.length);
        return 0;
      case terminalIoctl.TIOCGPGRP:
        memory.setU32(argument, this.#pair.terminal.foreground);
        return 0;
      default:
        return terminalRequest(task, this.#pair.terminal, request, argument);
    }
  }

  override release(): void {
    this.#onRelease();
  }
}
