import { errno } from "../errno.ts";
import type { Task } from "../task.ts";
import { WaitQueue } from "../waitQueue.ts";
import { type FileStatus, fileType } from "./inode.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

/** Kinds of sockets, `linux/net.h`. */
export const socketType = { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_SEQPACKET: 5 } as const;

/** As much as waits to be received, and messages at most. */
const capacity = 65_536;
const mostMessages = 256;
const fionread = 0x541b;

/** What was sent at once, and the files that came along. */
interface Message {
  readonly bytes: Uint8Array;
  readonly files: readonly OpenFile[];
}

/** A file that nobody receives has one reference less. */
export type Discard = (file: OpenFile) => void;

/** What was received. */
export interface Received {
  /** Bytes that were put into the buffer. */
  readonly count: number;
  readonly files: readonly OpenFile[];
  /** How long the message was, where it is one: more than `count` if the rest is lost. */
  readonly length: number;
}

/** One direction of a pair. */
class Channel {
  readonly readers = new WaitQueue();
  readonly writers = new WaitQueue();
  readonly messages: Message[] = [];
  /** Nobody sends any more; nobody receives any more. */
  isEnded = false;
  isRefused = false;
  length = 0;
  /** What to do with files on their way, which count as referred to. */
  discard: Discard = () => {};

  get room(): number {
    return this.messages.length >= mostMessages ? 0 : capacity - this.length;
  }

  end(): void {
    this.isEnded = true;
    this.readers.wake();
  }

  refuse(): void {
    this.isRefused = true;
    for (const message of this.messages.splice(0)) for (const file of message.files) this.discard(file);
    this.length = 0;
    this.writers.wake();
  }
}

let nextIno = 1;

/** An end of `socketpair`. */
export class SocketFile extends OpenFile {
  readonly type: number;
  readonly ino = nextIno++;
  readonly #in: Channel;
  readonly #out: Channel;
  override readonly readers: WaitQueue;
  override readonly writers: WaitQueue;

  constructor(type: number, flags: number, incoming: Channel, outgoing: Channel) {
    super(openFlag.O_RDWR | flags);
    this.type = type;
    this.#in = incoming;
    this.#out = outgoing;
    this.readers = incoming.readers;
    this.writers = outgoing.writers;
  }

  get path(): string {
    return `socket:[${this.ino}]`;
  }

  get #isStream(): boolean {
    return this.type === socketType.SOCK_STREAM;
  }

  override write(bytes: Uint8Array): number {
    return this.send(bytes);
  }

  /** Sends bytes and files. Bytes sent, or -errno. */
  send(bytes: Uint8Array, files: readonly OpenFile[] = [], discard?: Discard): number {
    const channel = this.#out;
    if (discard !== undefined) channel.discard = discard;
    if (channel.isRefused || channel.isEnded) return -errno.EPIPE;
    if (this.#isStream && bytes.length === 0) return 0;
    if (!this.#isStream && bytes.length > capacity) return -errno.EMSGSIZE;
    const { room } = channel;
    if (room === 0 || (!this.#isStream && room < bytes.length)) return -errno.EAGAIN;
    const taken = bytes.slice(0, room);
    for (const file of files) file.references++;
    channel.messages.push({ bytes: taken, files });
    channel.length += taken.length;
    channel.readers.wake();
    return taken.length;
  }

  override read(into: Uint8Array): number {
    const received = this.receive(into);
    if (typeof received === "number") return received;
    for (const file of received.files) this.#in.discard(file);
    return received.count;
  }

  /** Receives what there is, or looks at it. -errno where there is nothing. The files' references are the caller's. */
  receive(into: Uint8Array, peeks = false): Received | number {
    const channel = this.#in;
    const first = channel.messages[0];
    if (first === undefined) {
      if (into.length === 0 && this.#isStream) return { count: 0, files: [], length: 0 };
      return channel.isEnded || channel.isRefused ? { count: 0, files: [], length: 0 } : -errno.EAGAIN;
    }
    const { length } = first.bytes;
    let count = 0;
    // files come with the first byte that they were sent with
    for (let index = 0; index < channel.messages.length && count < into.length; index++) {
      const message = channel.messages[index];
      if (index > 0 && (!this.#isStream || message.files.length > 0)) break;
      const part = message.bytes.subarray(0, into.length - count);
      into.set(part, count);
      count += part.length;
    }
    if (!peeks) this.#take(channel, count);
    return { count, files: peeks ? [] : first.files, length: this.#isStream ? count : length };
  }

  #take(channel: Channel, count: number): void {
    let left = count;
    do {
      const message = channel.messages[0];
      const isWhole = !this.#isStream || left >= message.bytes.length;
      const gone = isWhole ? message.bytes.length : left;
      channel.length -= gone;
      left -= gone;
      if (isWhole) channel.messages.shift();
      else channel.messages[0] = { bytes: message.bytes.subarray(gone), files: [] };
    } while (this.#isStream && left > 0);
    channel.writers.wake();
  }

  /** SHUT_RD is 0, SHUT_WR 1, both 2. */
  shutdown(how: number): void {
    if (how !== 1) {
      this.#in.refuse();
      this.#in.readers.wake();
    }
    if (how !== 0) this.#out.end();
  }

  override poll(): number {
    const { messages, isEnded, isRefused } = this.#in;
    const isOver = isEnded || isRefused;
    let bits = messages.length > 0 || isOver ? pollBit.POLLIN : 0;
    if (isOver) bits |= pollBit.POLLRDHUP;
    if (isEnded && this.#out.isEnded) bits |= pollBit.POLLHUP;
    if (this.#out.room >= capacity / 4 || this.#out.isRefused) bits |= pollBit.POLLOUT;
    return bits;
  }

  override ioctl(task: Task, request: number, argument: number): number {
    if (request !== fionread) return -errno.ENOTTY;
    task.memory.setU32(argument, this.#isStream ? this.#in.length : (this.#in.messages[0]?.bytes.length ?? 0));
    return 0;
  }

  override status(): FileStatus {
    return { ...super.status(), dev: 0x8, ino: this.ino, mode: fileType.S_IFSOCK | 0o777 };
  }

  override release(): void {
    this.#in.refuse();
    this.#in.end();
    this.#out.end();
  }
}

/** `socketpair`: what one end sends the other receives. */
export function makeSocketPair(type: number, flags: number): [SocketFile, SocketFile] {
  const [there, back] = [new Channel(), new Channel()];
  return [new SocketFile(type, flags, back, there), new SocketFile(type, flags, there, back)];
}
