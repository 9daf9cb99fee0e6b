import { errno } from "../errno.ts";
import type { Process } from "../process/process.ts";
import { encodeSignalInfo, type SignalInfo, signalCode } from "../process/signalInfo.ts";
import { type SignalSet, signal } from "../process/signalNumber.ts";
import type { WaitQueue } from "../waitQueue.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

/** `struct signalfd_siginfo`. */
const infoBytes = 128;
const at = {
  signal: 0,
  code: 8,
  pid: 12,
  thread: 24,
  overrun: 32,
  status: 40,
  int: 44,
  pointer: 48,
  address: 72,
} as const;

/** `signalfd4`: signals of the process that made it are read, not delivered. They are to be blocked. */
export class SignalFile extends OpenFile {
  readonly path = "anon_inode:[signalfd]";
  override readonly readers: WaitQueue;
  /** Which signals. */
  wanted: SignalSet;
  readonly #process: Process;

  constructor(process: Process, wanted: SignalSet, flags: number) {
    super(openFlag.O_RDWR | flags);
    this.#process = process;
    this.readers = process.signalled;
    this.wanted = wanted;
  }

  /** As many signals as there are and as there is room for. */
  override get hearsOfNothing(): boolean {
    return true;
  }

  override read(into: Uint8Array): number {
    if (into.length < infoBytes) return -errno.EINVAL;
    let length = 0;
    while (length + infoBytes <= into.length) {
      const info = this.#take();
      if (info === undefined) break;
      into.set(encode(info), length);
      length += infoBytes;
    }
    return length > 0 ? length : -errno.EAGAIN;
  }

  #take(): SignalInfo | undefined {
    for (const { signals } of this.#process.threads) {
      const info = signals.pending.take(this.wanted);
      if (info !== undefined) return info;
    }
    return this.#process.pending.take(this.wanted);
  }

  override poll(): number {
    let { set } = this.#process.pending;
    for (const { signals } of this.#process.threads) set |= signals.pending.set;
    return (set & this.wanted) === 0n ? 0 : pollBit.POLLIN;
  }
}

/** The fields of a `siginfo_t` where signalfd has them. */
function encode(info: SignalInfo): Uint8Array {
  const bytes = new Uint8Array(infoBytes);
  const view = new DataView(bytes.buffer);
  const from = new DataView(encodeSignalInfo(info).buffer);
  view.setInt32(at.signal, info.signal, true);
  view.setInt32(at.code, info.code, true);
  if (info.address !== undefined) {
    view.setBigUint64(at.address, info.address, true);
    return bytes;
  }
  const isTimer = info.code === signalCode.SI_TIMER;
  view.setInt32(isTimer ? at.thread : at.pid, from.getInt32(16, true), true);
  if (isTimer) view.setInt32(at.overrun, from.getInt32(20, true), true);
  if (info.signal === signal.SIGCHLD && info.code > 0) view.setInt32(at.status, from.getInt32(24, true), true);
  else {
    view.setInt32(at.int, from.getInt32(24, true), true);
    view.setBigUint64(at.pointer, from.getBigUint64(24, true), true);
  }
  return bytes;
}
