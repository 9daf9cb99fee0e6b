import { errno } from "../errno.ts";
import type { Task } from "../task.ts";
import type { WaitQueue } from "../waitQueue.ts";
import { type FileStatus, fileType } from "./inode.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";
import { Channel, channelBytes, type Discard, type Received, type SocketKind } from "./socketChannel.ts";

/** Kinds of sockets, `linux/net.h`. */
export const socketType = { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_SEQPACKET: 5 } as const;

/** Families of sockets: those that have paths or names as names, and those with addresses of the machine's own network. */
export const socketFamily = { AF_UNIX: 1, AF_INET: 2 } as const;

/** As long as a message may be. */
const longestMessage = channelBytes - 32;
const fionread = 0x541b;

/** What a socket is: one without a partner yet (a datagram socket needs none), one that others connect to, half of a pair. */
export type SocketState = "alone" | "listening" | "connected";

const unnamed = new Uint8Array();

/** `net.unix.max_dgram_qlen`. */
const mostDatagrams = 10;

/** SO_RCVTIMEO of SOL_SOCKET. */
const receiveTimeout = "1:20";

let nextIno = 1;

/** An end of `socketpair`, or a socket that may become one. */
export class SocketFile extends OpenFile {
  readonly type: number;
  readonly family: number;
  readonly ino = nextIno++;
  state: SocketState;
  /** What it is called: a path, or a zero and any bytes; of AF_INET a port and an address; empty: nothing. */
  name: Uint8Array = unnamed;
  /** Who is at the other end: what that is called, and whose it is. */
  peer: SocketFile | undefined;
  /** The process that made it, and the one at the other end. */
  maker = 0;
  /** What setsockopt has given it, by level and number. */
  readonly options = new Map<string, Uint8Array>();
  /** What went wrong, and the next call is to tell. */
  protected error = 0;
  /** Called when it is closed. */
  onRelease: () => void = () => {};
  /** Of datagrams: it has been shut down for sending. */
  #sendsNoMore = false;
  readonly #in: Channel;
  #out: Channel;
  override readonly readers: WaitQueue;
  override writers: WaitQueue;
  /** Of one that listens: ends of connections that nobody has accepted, and how many there may be. */
  readonly #pending: SocketFile[] = [];
  #backlog = 0;

  constructor(kind: SocketKind, incoming = new Channel(), outgoing = new Channel(), state: SocketState = "connected") {
    super(openFlag.O_RDWR | kind.flags);
    this.type = kind.type;
    this.family = kind.family ?? socketFamily.AF_UNIX;
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

  get #isInet(): boolean {
    return this.family === socketFamily.AF_INET;
  }

  /** What the other end is called. */
  get peerName(): Uint8Array {
    return this.peer?.name ?? unnamed;
  }

  /** SO_RCVTIMEO: seconds and microseconds. */
  override get readTimeout(): number | undefined {
    const value = this.options.get(receiveTimeout);
    if (value === undefined || value.every((byte) => byte === 0)) return undefined;
    const view = new DataView(value.buffer);
    return Number(view.getBigInt64(0, true)) * 1e9 + Number(view.getBigInt64(8, true)) * 1000;
  }

  override get timeoutAnswer(): number {
    return -errno.EAGAIN;
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

  /**
   * Connects it to one that listens, which is `called` so, or a datagram socket to where it is to send. 0, or -errno; EAGAIN:
   * {@link writers} of the other.
   */
  connect(to: SocketFile, called = to.name): number {
    if (to.type !== this.type) return -errno.EPROTOTYPE;
    if (this.#isDatagram) {
      if (to.#hearsOnlyAnother(this)) return -errno.EPERM;
      // what another has sent is not heard any more
      if (this.peer !== undefined && this.peer !== to) this.#in.forget();
      this.#out = to.#in;
      this.writers = to.#in.writers;
      this.state = "connected";
      this.peer = to;
      return 0;
    }
    if (to.state !== "listening") return -errno.ECONNREFUSED;
    // a network's connection that nobody waits for is made later: nobody can tell that from now
    const isLater = this.#isInet && this.isNonBlocking;
    if (to.#pending.length > to.#backlog && !isLater) return -errno.EAGAIN;
    if (this.state !== "alone") return this.state === "connected" ? -errno.EISCONN : -errno.EINVAL;
    const accepted = new SocketFile({ type: this.type, flags: 0, family: this.family }, this.#out, this.#in);
    accepted.name = called;
    accepted.maker = to.maker;
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
    if (this.#isDatagram) return -errno.EOPNOTSUPP;
    if (this.state !== "listening") return -errno.EINVAL;
    const next = this.#pending.shift();
    if (next === undefined) return -errno.EAGAIN;
    this.writers.wake();
    return next;
  }

  /** Sends a datagram to a socket, which it need not be connected to. Bytes sent, or -errno. */
  sendTo(to: SocketFile, bytes: Uint8Array, files: readonly OpenFile[], discard: Discard): number {
    if (to.type !== this.type) return -errno.EPROTOTYPE;
    return this.#put(to.#in, bytes, files, discard, to);
  }

  /** A datagram comes from a network, which forgets what there is no room for. */
  protected deliver(bytes: Uint8Array, from: Uint8Array): void {
    const channel = this.#in;
    if (channel.isRefused || channel.room <= bytes.length) return;
    channel.messages.push({ bytes: bytes.slice(), files: [], from });
    channel.length += bytes.length;
    channel.readers.wake();
  }

  /** Woken when there is room for a datagram to it. */
  get incoming(): WaitQueue {
    return this.#in.writers;
  }

  get #isStream(): boolean {
    return this.type === socketType.SOCK_STREAM;
  }

  override get hearsOfNothing(): boolean {
    return true;
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
    if (this.state === "connected") return this.#put(this.#out, bytes, files, discard, this.peer);
    if (this.#isDatagram && this.isTooLong(bytes.length)) return -errno.EMSGSIZE;
    return this.#isInet || this.#sendsNoMore ? -errno.EPIPE : -errno.ENOTCONN;
  }

  #hearsOnlyAnother(sender: SocketFile): boolean {
    return this.state === "connected" && this.peer !== sender;
  }

  /** Whether too many datagrams wait for somebody who is not only this one's partner. */
  #isBesieged(to: SocketFile | undefined): boolean {
    return this.#isDatagram && to !== undefined && to.peer !== this && to.#in.messages.length > mostDatagrams;
  }

  #put(
    channel: Channel,
    bytes: Uint8Array,
    files: readonly OpenFile[],
    discard: Discard | undefined,
    to: SocketFile | undefined,
  ): number {
    if (discard !== undefined) channel.discard = discard;
    const refused = this.#refusal(channel, bytes.length, to);
    if (refused !== 0) return refused;
    if (this.#isStream && bytes.length === 0) return 0;
    const { room } = channel;
    if (room <= 0 || this.#isBesieged(to)) return -errno.EAGAIN;
    const taken = bytes.slice(0, this.#isStream ? room : bytes.length);
    for (const file of files) file.references++;
    channel.messages.push({ bytes: taken, files, from: this.#isInet && this.#isStream ? unnamed : this.name });
    channel.length += taken.length;
    channel.readers.wake();
    return taken.length;
  }

  /** Why nothing can be sent, in the order in which Linux looks; it forgets the peer of datagrams when that is gone. */
  #refusal(channel: Channel, length: number, to: SocketFile | undefined): number {
    const error = this.type === socketType.SOCK_SEQPACKET ? this.takeError() : 0;
    if (error !== 0) return -error;
    if (this.isTooLong(length)) return -errno.EMSGSIZE;
    if (this.#isDatagram) {
      if (this.#sendsNoMore) return -errno.EPIPE;
      if (!channel.isGone && to !== undefined && to.#hearsOnlyAnother(this)) return -errno.EPERM;
      if (channel.isGone) {
        if (to === this.peer) {
          this.state = "alone";
          this.peer = undefined;
        }
        return -errno.ECONNREFUSED;
      }
    }
    return channel.isRefused || channel.isEnded ? -errno.EPIPE : 0;
  }

  override read(into: Uint8Array): number {
    if (into.length === 0) return 0;
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
    const { error } = this;
    this.#in.isReset = false;
    this.error = 0;
    return isReset ? errno.ECONNRESET : error;
  }

  /** Receives what there is, or looks at it. -errno where there is nothing. The files' references are the caller's. */
  receive(into: Uint8Array, peeks = false): Received | number {
    if (this.#isAlone) return this.#isStream && !this.#isInet ? -errno.EINVAL : -errno.ENOTCONN;
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
    const isOver =
      (channel.isRefused && !(this.#isDatagram && this.isNonBlocking)) || (channel.isEnded && !this.#isDatagram);
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
    if (how !== 1) this.#in.stop();
    // what datagrams are sent to is another's, who may hear of others
    if (how !== 0 && this.#isDatagram) this.#sendsNoMore = true;
    else if (how !== 0) this.#out.end();
  }

  override poll(): number {
    if (this.state === "listening") return this.#pending.length > 0 ? pollBit.POLLIN : 0;
    const { messages, isEnded, isRefused, isReset } = this.#in;
    const closed = pollBit.POLLIN | pollBit.POLLRDHUP;
    if (this.#isAlone) return pollBit.POLLOUT | pollBit.POLLHUP | (isRefused ? closed : 0);
    const hasEnded = isEnded && !this.#isDatagram;
    const isOver = hasEnded || isRefused;
    let bits = messages.length > 0 || isOver ? pollBit.POLLIN : 0;
    if (isOver) bits |= pollBit.POLLRDHUP;
    if (isReset || this.error !== 0) bits |= pollBit.POLLERR;
    const { isEnded: sentAll, isRefused: isUnheard } = this.#out;
    const isShut = this.#isDatagram ? this.#sendsNoMore : sentAll || (isUnheard && !this.#isInet);
    if (isOver && isShut) bits |= pollBit.POLLHUP;
    const most = this.#isInet ? (channelBytes * 3) / 4 : channelBytes / 4;
    const hasRoom = this.#out.length <= most && this.#out.room > 0 && !this.#isBesieged(this.peer);
    if (hasRoom || this.#out.isRefused) bits |= pollBit.POLLOUT;
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
    // the other end of a connection over a network may go on sending, and only then hears of it
    if (!this.#isInet) this.#in.end();
    // what a datagram socket sends to is another's
    if (!this.#isDatagram) this.#out.end();
  }
}

/** `socketpair`: what one end sends the other receives. */
export function makeSocketPair(type: number, flags: number): [SocketFile, SocketFile] {
  const [there, back] = [new Channel(), new Channel()];
  const kind = { type, flags };
  const [one, other] = [new SocketFile(kind, back, there), new SocketFile(kind, there, back)];
  one.peer = other;
  other.peer = one;
  return [one, other];
}

/** `socket`: one without a partner. */
export function makeSocket(kind: SocketKind): SocketFile {
  return new SocketFile(kind, undefined, undefined, "alone");
}
