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

/** One direction of a pair. */
export class Channel {
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
    return this.messages.length >= mostMessages ? 0 : channelBytes - this.length;
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
