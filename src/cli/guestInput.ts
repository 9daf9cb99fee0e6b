import { fstatSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Uart16550a } from "../devices/index.ts";

/** Standard input as {@link GuestInput} needs it. */
export interface InputSource {
  /** All of it, if it is a file: then each run is the same. Undefined: it comes as it comes. */
  whole(): Uint8Array | undefined;
  /** Begins to read. */
  stream(): Readable;
}

/** The process's standard input. */
export const standardInput: InputSource = {
  whole() {
    try {
      return fstatSync(0).isFile() ? readFileSync(0) : undefined;
    } catch {
      // it is closed, or cannot be read: there is none
      return new Uint8Array(0);
    }
  },
  stream: () => process.stdin,
};

/**
 * What arrives at a guest's UART. A file is there from the first instruction on. Of anything else the guest gets the
 * bytes as they come; nobody reads it before the run has lasted for a moment, as most programs want no input.
 */
export class GuestInput {
  readonly #uart: Uart16550a;
  readonly #source: InputSource;
  #stream: Readable | undefined;
  #ended = false;
  #wake: () => void = () => {};

  constructor(uart: Uart16550a, source: InputSource) {
    this.#uart = uart;
    this.#source = source;
    const whole = source.whole();
    if (whole === undefined) return;
    uart.receive(whole);
    this.#ended = true;
  }

  /** Begins to read, if that was not done. */
  listen(): void {
    if (this.#ended || this.#stream !== undefined) return;
    this.#stream = this.#source.stream();
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    this.#stream.on("data", (bytes: Uint8Array) => {
      this.#uart.receive(bytes);
      this.#wake();
    });
    this.#stream.on("end", end);
    this.#stream.on("error", end);
  }

  /** Whether a guest that sleeps may still be woken: it waits for input, and there may be some. */
  get canWake(): boolean {
    return !this.#ended && this.#uart.listens;
  }

  /** Waits until something comes or it ends, at most for some milliseconds. */
  arrival(milliseconds: number): Promise<void> {
    this.listen();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends reading; the process need not wait for it. */
  close(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    stream.removeAllListeners();
    stream.pause();
    if ("unref" in stream) (stream as { unref(): void }).unref();
  }
}
