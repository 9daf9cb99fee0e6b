/** A buffer is handed on when so many bytes are in it. */
const full = 1 << 16;
/** The longest line that fits without asking again. */
const longestLine = 4096;

const digits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const newline = 10;
const space = 32;

/** Gathers lines of ASCII as bytes and hands them on in large pieces: for logs of millions of lines. */
export class LineBuffer {
  readonly #bytes = new Uint8Array(full + longestLine);
  readonly #write: (bytes: Uint8Array) => void;
  #at = 0;

  /** `write` gets bytes that it must have used when it returns. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Adds ASCII bytes. */
  bytes(bytes: Uint8Array): void {
    const to = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) to[at++] = bytes[i];
    this.#at = at;
  }

  /** Adds ASCII text. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i);
  }

  space(): void {
    this.#bytes[this.#at++] = space;
  }

  /** Adds ` 0x` and the low bytes of a 64-bit value, given as halves, with all their digits. */
  hex(lo: number, hi: number, size = 8): void {
    this.text(" 0x");
    const to = this.#bytes;
    let at = this.#at;
    for (let shift = size * 8 - 36; shift >= 0; shift -= 4) to[at++] = digits[(hi >>> shift) & 15];
    for (let shift = Math.min(size * 8, 32) - 4; shift >= 0; shift -= 4) to[at++] = digits[(lo >>> shift) & 15];
    this.#at = at;
  }

  /** Ends the line. */
  end(): void {
    this.#bytes[this.#at++] = newline;
    if (this.#at >= full) this.flush();
  }

  /** Hands on what has been gathered. */
  flush(): void {
    const { length } = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    if (length > 0) this.#write(this.#bytes.subarray(0, length));
  }
}
