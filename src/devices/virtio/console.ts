import type { AccessWidth } from "../../memory/device.ts";
import type { VirtioDevice, VirtioLink } from "./device.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** How large a terminal is, in characters. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

export interface VirtioConsoleOptions {
  /** The guest prints. The bytes are the callee's. */
  onOutput(bytes: Uint8Array): void;
  /** Without it the guest is told no size. */
  readonly size?: TerminalSize | undefined;
}

/** Feature bits (virtio 1.2, 5.3.3). */
const feature = { size: 1n << 0n, emergencyWrite: 1n << 2n } as const;
/** Offsets in the configuration space (5.3.4). */
const config = { cols: 0, rows: 2, emergencyWrite: 8, bytes: 12 } as const;
const receiveQueue = 0;
/** Output is handed on in pieces of at most this many bytes. */
const mostPiece = 0x10000;

/** A console with one port (virtio 1.2, 5.3). What comes in waits, however much, until the guest has buffers for it. */
export class VirtioConsole implements VirtioDevice {
  readonly name = "virtio-console";
  readonly id = 3;
  readonly features: bigint;
  /** Receive, transmit. */
  readonly queueSizes = [64, 64] as const;
  readonly config = new Uint8Array(config.bytes);
  readonly #onOutput: (bytes: Uint8Array) => void;
  #link: VirtioLink | undefined;
  #input: Uint8Array[] = [];
  /** How much of the first of the input is taken. */
  #taken = 0;
  #waiting = 0;

  constructor(options: VirtioConsoleOptions) {
    this.#onOutput = options.onOutput;
    this.features = feature.emergencyWrite | (options.size === undefined ? 0n : feature.size);
    if (options.size !== undefined) this.#writeSize(options.size);
  }

  /** Input for the guest. */
  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#input.push(bytes.slice());
    this.#waiting += bytes.length;
    this.#link?.wake(receiveQueue);
  }

  /** How many received bytes the guest has not taken yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The terminal has another size. A guest that was told none is not told this one. */
  resize(size: TerminalSize): void {
    if ((this.features & feature.size) === 0n) return;
    this.#writeSize(size);
    this.#link?.configChanged();
  }

  connect(link: VirtioLink): void {
    this.#link = link;
  }

  serve(index: number, queue: Virtqueue): void {
    if (index === receiveQueue) this.#fill(queue);
    else this.#print(queue);
  }

  /** A character for emergencies, from a driver that need not have set anything up. */
  writeConfig(offset: number, _width: AccessWidth, value: bigint): void {
    if (offset === config.emergencyWrite) this.#onOutput(Uint8Array.of(Number(value & 0xffn)));
  }

  #fill(queue: Virtqueue): void {
    while (this.#waiting > 0) {
      const chain = queue.take();
      if (chain === undefined) return;
      const bytes = Math.min(chain.writable, this.#waiting);
      chain.eachWritable(0, bytes, (piece) => this.#take(piece));
      queue.give(chain, bytes);
    }
  }

  #take(piece: Uint8Array): void {
    for (let done = 0; done < piece.length; ) {
      const first = this.#input[0];
      const part = first.subarray(this.#taken, this.#taken + piece.length - done);
      piece.set(part, done);
      done += part.length;
      this.#taken += part.length;
      this.#waiting -= part.length;
      if (this.#taken < first.length) continue;
      this.#input.shift();
      this.#taken = 0;
    }
  }

  #print(queue: Virtqueue): void {
    for (let chain = queue.take(); chain !== undefined; chain = queue.take()) {
      chain.eachReadable(0, chain.readable, (piece) => {
        for (let at = 0; at < piece.length; at += mostPiece) this.#onOutput(piece.slice(at, at + mostPiece));
      });
      queue.give(chain, 0);
    }
  }

  #writeSize({ cols, rows }: TerminalSize): void {
    const view = new DataView(this.config.buffer);
    view.setUint16(config.cols, cols, true);
    view.setUint16(config.rows, rows, true);
  }
}
