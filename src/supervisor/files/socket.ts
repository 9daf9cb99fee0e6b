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
  /** Who sent it, as it is called; empty: it has no name. */
  readonly from: Uint8Array;
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
  /** What the sender of a datagram is called. */
  readonly from: Uint8Array;
}

/** What a socket is: one without a partner yet (a datagram socket needs none), one that others connect to, half of a pair. */
export type SocketState = "alone" | "listening" | "connected";

const unnamed = new Uint8Array();

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

/** An end of `socketpair`, or a socket that may become one. */
export class SocketFile extends OpenFile {
  readonly type: number;
  readonly ino = nextIno++;
  state: SocketState;
  /** What it is called: a path, or a zero and any bytes; empty: nothing. */
  name: Uint8Array = unnamed;
  /** Who is at the other end: what that is called, and whose it is. */
  peer: SocketFile | undefined;
  /** The process that made it, and the one at the other end. */
  owner = 0;
  /** Called when it is closed. */
  onRelease: () => void = () => {};
  readonly #in: Channel;
  #out: Channel;
  override readonly readers: WaitQueue;
  override writers: WaitQueue;
  /** Of one that listens: ends of connections that nobody has accepted, and how many there may be. */
  readonly #pending: SocketFile[] = [];
  #backlog = 0;

  constructor(type: number, flags: number, incoming: Channel, outgoing: Channel, state: SocketState = "connected") {
    super(openFlag.O_RDWR | flags);
    this.type = type;
    this.state = state;
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

  get #isAlone(): boolean {
    return this.state !== "connected" && !this.#isDatagram;
  }

  /** Others may connect to it. 0, or -errno. */
  listen(backlog: number): number {
    if (this.#isDatagram) return -errno.EOPNOTSUPP;
    if (this.state === "connected" || this.name.length === 0) return -errno.EINVAL;
    this.state = "listening";
    this.#backlog = backlog;
    return 0;
  }

  /** Connects it to one that listens, or a datagram socket to where it is to send. 0, or -errno; EAGAIN: {@link writers} of the other. */
  connect(to: SocketFile): number {
    if (to.type !== this.type) return -errno.EPROTOTYPE;
    if (this.#isDatagram) {
      this.#out = to.#in;
      this.writers = to.#in.writers;
      this.state = "connected";
      this.peer = to;
      return 0;
    }
    if (this.state !== "alone") return this.state === "connected" ? -errno.EISCONN : -errno.EINVAL;
    if (to.state !== "listening") return -errno.ECONNREFUSED;
    if (to.#pending.length > to.#backlog) return -errno.EAGAIN;
    const accepted = new SocketFile(this.type, 0, this.#out, this.#in);
    accepted.name = to.name;
    accepted.owner = to.owner;
    accepted.peer = this;
    this.peer = accepted;
    this.state = "connected";
    to.#pending.push(accepted);
    to.readers.wake();
    this.writers.wake();
    return 0;
  }

  /** The other end of the next connection, or -errno. */
  accept(): SocketFile | number {
    if (this.state !== "listening") return -errno.EINVAL;
    const next = this.#pending.shift();
    if (next === undefined) return -errno.EAGAIN;
    this.writers.wake();
    return next;
  }

  /** Sends a datagram to a socket, which it need not be connected to. Bytes sent, or -errno. */
  sendTo(to: SocketFile, bytes: Uint8Array, files: readonly OpenFile[], discard: Discard): number {
    if (to.type !== this.type) return -errno.EPROTOTYPE;
    return this.#put(to.#in, bytes, files, discard);
  }

  /** Woken when there is room for a datagram to it. */
  get incoming(): WaitQueue {
    return this.#in.writers;
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
    return this.state === "connected" ? this.#put(this.#out, bytes, files, discard) : -errno.ENOTCONN;
  }

  #put(channel: Channel, bytes: Uint8Array, files: readonly OpenFile[], discard?: Discard): number {
    if (discard !== undefined) channel.discard = discard;
    if (channel.isGone && this.#isDatagram) return this.#tellGone(channel);
    if (channel.isRefused || channel.isEnded) return -errno.EPIPE;
    if (this.#isStream && bytes.length === 0) return 0;
    if (this.isTooLong(bytes.length)) return -errno.EMSGSIZE;
    const { room } = channel;
    if (room <= 0) return -errno.EAGAIN;
    const taken = bytes.slice(0, this.#isStream ? room : bytes.length);
    for (const file of files) file.references++;
    channel.messages.push({ bytes: taken, files, from: this.name });
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

  override putBack(bytes: Uint8Array): void {
    if (!this.#isStream) return;
    this.#in.messages.unshift({ bytes, files: [], from: unnamed });
    this.#in.length += bytes.length;
  }

  /** `SO_ERROR`: what went wrong and was not told yet. */
  takeError(): number {
    const { isReset } = this.#in;
    this.#in.isReset = false;
    return isReset ? errno.ECONNRESET : 0;
  }

  /** Receives what there is, or looks at it. -errno where there is nothing. The files' references are the caller's. */
  receive(into: Uint8Array, peeks = false): Received | number {
    if (this.#isAlone) return this.#isStream ? -errno.EINVAL : -errno.ENOTCONN;
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
    const [{ bytes, from }] = channel.messages;
    const length = this.#isStream ? count : bytes.length;
    if (peeks) for (const file of files) file.references++;
    else this.#take(channel, count);
    return { count, files, length, from };
  }

  #receiveNothing(channel: Channel, into: Uint8Array): Received | number {
    const nothing = { count: 0, files: [], length: 0, from: unnamed };
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
      else channel.messages[0] = { ...message, bytes: message.bytes.subarray(gone), files: [] };
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
    if (this.state === "listening") return this.#pending.length > 0 ? pollBit.POLLIN : 0;
    if (this.#isAlone) return pollBit.POLLOUT | pollBit.POLLHUP;
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

  /** Files that were sent to it, or to connections of its that nobody has accepted, and not received yet. */
  *carried(): Generator<OpenFile> {
    for (const { files } of this.#in.messages) yield* files;
    for (const accepted of this.#pending) yield* accepted.carried();
  }

  /** Nobody can receive what was sent to it: that is forgotten. */
  forgetCarried(): void {
    this.#in.refuse();
    for (const accepted of this.#pending) accepted.forgetCarried();
  }

  override status(): FileStatus {
    return { ...super.status(), dev: 0x8, ino: this.ino, mode: fileType.S_IFSOCK | 0o777 };
  }

  override release(): void {
    this.onRelease();
    for (const accepted of this.#pending.splice(0)) {
      accepted.#out.isReset = true;
      accepted.release();
    }
    if (this.#in.messages.length > 0 && !this.#isDatagram) this.#out.isReset = true;
    this.#in.isGone = true;
    this.#in.refuse();
    this.#in.end();
    // what a datagram socket sends to is another's
    if (!this.#isDatagram) this.#out.end();
  }
}

/** `socketpair`: what one end sends the other receives. */
export function makeSocketPair(type: number, flags: number): [SocketFile, SocketFile] {
  const [there, back] = [new Channel(), new Channel()];
  return [new SocketFile(type, flags, back, there), new SocketFile(type, flags, there, back)];
}

/** `socket`: one without a partner. */
export function makeSocket(type: number, flags: number): SocketFile {
  return new SocketFile(type, flags, new Channel(), new Channel(), "alone");
}
