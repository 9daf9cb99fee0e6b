import { WaitQueue } from "../waitQueue.ts";
import type { OpenFile } from "./openFile.ts";

/** As much as waits to be received (`net.core.wmem_default`; a message may exceed it), and messages at most. */
export const channelBytes = 212_992;
const mostMessages = 256;

/** What was sent at once, and the files that came along. */
export interface Message {
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

/** What kind of socket is to be made; of AF_UNIX without a family. */
export interface SocketKind {
  readonly type: number;
  readonly flags: number;
  readonly family?: number;
}

/** One direction of a pair. */
export class Channel {
  readonly readers = new WaitQueue();
  readonly writers = new WaitQueue();
  readonly messages: Message[] = [];
  /** Nobody sends any more; nobody receives any more. */
  isEnded = false;
  isRefused = false;
  /** Who receives has closed its end. */
  isGone = false;
  /** Who sent has closed its end before it read all: who receives is told once. */
  isReset = false;
  length = 0;
  /** What to do with files on their way, which count as referred to. */
  discard: Discard = () => {};

  get room(): number {
    return this.messages.length >= mostMessages ? 0 : channelBytes - this.length;
  }

  end(): void {
    this.isEnded = true;
    this.readers.wake();
  }

  /** Who receives wants no more than there is. */
  stop(): void {
    this.isRefused = true;
    this.writers.wake();
    this.readers.wake();
  }

  /** What is there goes. */
  forget(): void {
    for (const message of this.messages.splice(0)) for (const file of message.files) this.discard(file);
    this.length = 0;
    this.writers.wake();
  }

  /** What is there is forgotten as well. */
  refuse(): void {
    this.isRefused = true;
    this.forget();
  }
}
