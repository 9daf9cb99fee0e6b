import { errno } from "../errno.ts";
import type { Task } from "../task.ts";
import { WaitQueue } from "../waitQueue.ts";
import { type FileStatus, fileType } from "./inode.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

/** Kinds of sockets, `linux/net.h`. */
export const socketType = { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_SEQPACKET: 5 } as const;

/** As much as waits to be received (`net.core.wmem_default`; a message may exceed it), and messages at most. */
const capacity = 212_992;
const longestMessage = capacity - 32;
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
  /** Who receives has closed its end, and whether the sender was told (of datagrams). */
  isGone = false;
  isGoneTold = false;
  /** Who sent has closed its end before it read all: who receives is told once. */
  isReset = false;
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

  /** Datagrams end by no shutdown or close of the other end: nothing more comes. */
  get #isDatagram(): boolean {
    return this.type === socketType.SOCK_DGRAM;
  }

  get #isStream(): boolean {
    return this.type === socketType.SOCK_STREAM;
  }

  override write(bytes: Uint8Array): number {
    return this.send(bytes);
  }

  /** Whether so many bytes are no message that could be sent, wherever they come from. */
  isTooLong(length: number): boolean {
    return !this.#isStream && length > longestMessage;
  }

  /** Sends bytes and files. Bytes sent, or -errno. */
  send(bytes: Uint8Array, files: readonly OpenFile[] = [], discard?: Discard): number {
    const channel = this.#out;
    if (discard !== undefined) channel.discard = discard;
    if (channel.isGone && this.#isDatagram) return this.#tellGone(channel);
    if (channel.isRefused || channel.isEnded) return -errno.EPIPE;
    if (this.#isStream && bytes.length === 0) return 0;
    if (this.isTooLong(bytes.length)) return -errno.EMSGSIZE;
    const { room } = channel;
    if (room <= 0) return -errno.EAGAIN;
    const taken = bytes.slice(0, this.#isStream ? room : bytes.length);
    for (const file of files) file.references++;
    channel.messages.push({ bytes: taken, files });
    channel.length += taken.length;
    channel.readers.wake();
    return taken.length;
  }

  /** Linux forgets the peer of a datagram socket when sending finds it gone. */
  #tellGone(channel: Channel): number {
    const answer = channel.isGoneTold ? -errno.ENOTCONN : -errno.ECONNREFUSED;
    channel.isGoneTold = true;
    return answer;
  }

  override read(into: Uint8Array): number {
    const received = this.receive(into);
    if (typeof received === "number") return received;
    for (const file of received.files) this.#in.discard(file);
    return received.count;
  }

  /** `SO_ERROR`: what went wrong and was not told yet. */
  takeError(): number {
    const { isReset } = this.#in;
    this.#in.isReset = false;
    return isReset ? errno.ECONNRESET : 0;
  }

  /** Receives what there is, or looks at it. -errno where there is nothing. The files' references are the caller's. */
  receive(into: Uint8Array, peeks = false): Received | number {
    const channel = this.#in;
    // of a reset a stream tells when all is read, others at once
    const tells = channel.messages.length === 0 || (channel.isReset && !this.#isStream);
    if (tells) return this.#receiveNothing(channel, into);
    let count = 0;
    let files: readonly OpenFile[] = [];
    for (const message of channel.messages) {
      const part = message.bytes.subarray(0, into.length - count);
      into.set(part, count);
      count += part.length;
      ({ files } = message);
      // bytes with files are the last that are received at once
      if (!this.#isStream || count === into.length || files.length > 0) break;
    }
    const length = this.#isStream ? count : channel.messages[0].bytes.length;
    if (peeks) for (const file of files) file.references++;
    else this.#take(channel, count);
    return { count, files, length };
  }

  #receiveNothing(channel: Channel, into: Uint8Array): Received | number {
    const nothing = { count: 0, files: [], length: 0 };
    if (into.length === 0 && this.#isStream) return nothing;
    const error = this.takeError();
    if (error !== 0) return -error;
    const isOver = channel.isRefused || (channel.isEnded && !this.#isDatagram);
    return isOver ? nothing : -errno.EAGAIN;
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
    const { messages, isEnded, isRefused, isReset } = this.#in;
    const hasEnded = isEnded && !this.#isDatagram;
    const isOver = hasEnded || isRefused;
    let bits = messages.length > 0 || isOver ? pollBit.POLLIN : 0;
    if (isOver) bits |= pollBit.POLLRDHUP;
    if (isReset) bits |= pollBit.POLLERR;
    if (hasEnded && this.#out.isEnded) bits |= pollBit.POLLHUP;
    if (this.#out.room >= capacity / 4 || this.#out.isRefused) bits |= pollBit.POLLOUT;
    return bits;
  }

  override ioctl(task: Task, request: number, argument: number): number {
    if (request !== fionread) return -errno.ENOTTY;
    const { length, messages } = this.#in;
    task.memory.setU32(argument, this.#isDatagram ? (messages[0]?.bytes.length ?? 0) : length);
    return 0;
  }

  override status(): FileStatus {
    return { ...super.status(), dev: 0x8, ino: this.ino, mode: fileType.S_IFSOCK | 0o777 };
  }

  override release(): void {
    if (this.#in.messages.length > 0 && !this.#isDatagram) this.#out.isReset = true;
    this.#in.isGone = true;
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
