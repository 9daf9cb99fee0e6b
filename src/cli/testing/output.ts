/** So much of the end of a test's output is kept. */
const keptBytes = 4096;
/** A line that a pattern is tried on has no more bytes than this; what follows is left out. */
const longestLine = 4096;
const newline = 10;

/** Keeps the end of what a test prints, and looks for a line that matches a pattern. */
export class TestOutput {
  /** Whether a line has matched. */
  matched = false;
  /** Called when the first line matches. */
  onMatch: () => void = () => {};
  readonly #pattern: RegExp | undefined;
  readonly #decoder = new TextDecoder();
  #kept = new Uint8Array(2 * keptBytes);
  #used = 0;
  readonly #line = new Uint8Array(longestLine);
  #lineUsed = 0;

  constructor(pattern: RegExp | undefined) {
    this.#pattern = pattern;
  }

  /** Takes what the guest prints. */
  put(bytes: Uint8Array): void {
    for (const byte of bytes) this.#putByte(byte);
  }

  #putByte(byte: number): void {
    if (this.#used === this.#kept.length) {
      this.#kept.copyWithin(0, keptBytes);
      this.#used = keptBytes;
    }
    this.#kept[this.#used++] = byte;
    if (this.#pattern === undefined || this.matched) return;
    if (byte === newline) this.endLine();
    else if (this.#lineUsed < longestLine) this.#line[this.#lineUsed++] = byte;
  }

  /** The line that was begun is complete, as there is no more output. */
  endLine(): void {
    if (this.#pattern === undefined || this.matched) return;
    const line = this.#decoder.decode(this.#line.subarray(0, this.#lineUsed));
    this.#lineUsed = 0;
    if (!this.#pattern.test(line)) return;
    this.matched = true;
    this.onMatch();
  }

  /** The end of the output. */
  get end(): string {
    return this.#decoder.decode(this.#kept.subarray(Math.max(0, this.#used - keptBytes), this.#used));
  }
}
