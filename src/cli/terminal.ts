import type { InputSource } from "./guestInput.ts";

/** Bytes written at once, at most. */
const bufferBytes = 1 << 16;

/** Writes all of its bytes, or throws. */
export type Write = (bytes: Uint8Array) => void;

/**
 * Standard output and standard error. Output is gathered and written when the buffer is full, when {@link flush} is
 * called, and before anything goes to standard error: so that the two appear in the order in which they were made.
 */
export class Terminal {
  readonly #output: Write;
  readonly #error: Write;
  readonly #buffer = new Uint8Array(bufferBytes);
  #used = 0;
  readonly #encoder = new TextEncoder();

  constructor(output: Write, error: Write) {
    this.#output = output;
    this.#error = error;
  }

  /** Puts bytes on standard output. */
  put(bytes: Uint8Array): void {
    if (this.#used + bytes.length > bufferBytes) this.flush();
    if (bytes.length > bufferBytes) {
      this.#output(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Prints a line on standard output. */
  print(line: string): void {
    this.put(this.#encoder.encode(`${line}\n`));
  }

  /** Puts bytes on standard error. */
  putError(bytes: Uint8Array): void {
    this.flush();
    this.#error(bytes);
  }

  /** Writes a line to standard error. */
  tell(line: string): void {
    this.putError(this.#encoder.encode(`${line}\n`));
  }

  /** Writes what has been gathered. */
  flush(): void {
    const { length } = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (length > 0) this.#output(this.#buffer.subarray(0, length));
  }
}

/** What commands need of the process they run in. */
export interface Host {
  readonly terminal: Terminal;
  /** Whether somebody has asked to stop (Ctrl-C). */
  interrupted(): boolean;
  /** What guests that `pagewalk run` starts read; nothing if left out. */
  readonly input?: InputSource;
}
