import { fstatSync, readSync } from "node:fs";
import { isatty } from "node:tty";
import type { SystemFiles } from "../../supervisor/index.ts";

const again = -11;
const inputDescriptor = 0;
/** As much waits to be read; whoever writes more waits as well. */
const mostWaiting = 1 << 20;

/**
 * Standard input as programs get it: a file is read when they read it; a pipe is listened to from their first read on; the
 * keys of a terminal go to the programs' terminal, whose own business lines and signals are.
 */
export class HostInput {
  readonly #isFile = fstatSync(inputDescriptor).isFile();
  readonly #isTerminal = isatty(inputDescriptor);
  readonly #chunks: Uint8Array[] = [];
  #files: SystemFiles | undefined;
  #isListening = false;
  #isAtEnd = false;
  #waiting = 0;
  #arrived: () => void = () => {};

  /** Whose input it is. */
  begin(files: SystemFiles): void {
    this.#files = files;
    if (!this.#isTerminal) return;
    process.stdin.setRawMode(true);
    this.#listen();
  }

  /** Fills an array: bytes, 0 at the end, or -EAGAIN while nothing has come. */
  read(into: Uint8Array): number {
    if (this.#isFile) return readSync(inputDescriptor, into);
    this.#listen();
    const first = this.#chunks[0];
    if (first === undefined) return this.#isAtEnd ? 0 : again;
    const part = first.subarray(0, into.length);
    into.set(part);
    this.#waiting -= part.length;
    if (this.#waiting === 0 && process.stdin.isPaused()) process.stdin.resume();
    if (part.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(part.length);
    return part.length;
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    const { stdin } = process;
    const end = () => {
      this.#isAtEnd = true;
      this.#tell();
    };
    stdin.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#waiting += chunk.length;
      if (this.#waiting > mostWaiting && !this.#isTerminal) stdin.pause();
      this.#tell();
    });
    stdin.on("end", end);
    stdin.on("error", end);
  }

  #tell(): void {
    if (this.#isTerminal) this.#typeAll();
    else this.#files?.input.readers.wake();
    this.#arrived();
  }

  /** The programs' terminal takes what it has room for. */
  #typeAll(): void {
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      const taken = this.#files?.type(chunk) ?? chunk.length;
      if (taken === chunk.length) continue;
      this.#chunks.unshift(chunk.subarray(taken));
      return;
    }
    if (this.#isAtEnd) this.#files?.terminals.console?.hangUp();
  }

  /** Waits until something has come or somebody interrupts (true), or for so many milliseconds. */
  wait(milliseconds: number): Promise<boolean> {
    if (this.#isTerminal) this.#typeAll();
    return new Promise((done) => {
      const timer = milliseconds < 2 ** 31 ? setTimeout(() => end(false), milliseconds) : undefined;
      const arrived = () => end(true);
      const end = (hasCome: boolean) => {
        clearTimeout(timer);
        process.removeListener("SIGINT", arrived);
        this.#arrived = () => {};
        done(hasCome);
      };
      process.on("SIGINT", arrived);
      this.#arrived = arrived;
    });
  }

  /** Nothing more is read: the process may end, and the terminal is as it was. */
  end(): void {
    if (this.#isTerminal) process.stdin.setRawMode(false);
    if (!this.#isListening) return;
    process.stdin.removeAllListeners();
    process.stdin.pause();
    if ("unref" in process.stdin) process.stdin.unref();
  }
}
