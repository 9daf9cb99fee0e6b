import { errno } from "../errno.ts";
import { WaitQueue } from "../waitQueue.ts";
import { control, Termios } from "./termios.ts";

const mostQueued = 4096;
const newline = 10;
const carriageReturn = 13;
const backspace = Uint8Array.of(8, 32, 8);

/** What a terminal needs of the world: where its output goes, and who gets its signals. */
export interface TerminalSide {
  /** Takes bytes that are to be shown. How many it took. */
  show(bytes: Uint8Array): number;
  /** A key has been pressed that means a signal to a process group. */
  signal(group: number, number: number): void;
}

/** What a key of a terminal sends. */
const keySignals = [
  ["VINTR", 2],
  ["VQUIT", 3],
  ["VSUSP", 20],
] as const;

/**
 * A terminal with its line discipline (Linux's `n_tty`): lines are edited and echoed, keys become signals, line ends are
 * turned into what the other side wants; or none of it, as its {@link Termios} say.
 */
export class Terminal {
  readonly termios = new Termios();
  readonly readers = new WaitQueue();
  readonly writers = new WaitQueue();
  columns: number;
  rows: number;
  /** The session that it controls, and the process group of it that is in the foreground; 0: none. */
  session = 0;
  foreground = 0;
  /** Nobody is at the other side any more. */
  isHungUp = false;
  readonly #side: TerminalSide;
  /** What can be read: lines in canonical mode (one that VEOF ended has no line end), else any pieces. */
  readonly #ready: number[][] = [];
  #line: number[] = [];
  #isLiteral = false;

  constructor(side: TerminalSide, { columns = 80, rows = 24 }: { columns?: number; rows?: number } = {}) {
    this.#side = side;
    this.columns = columns;
    this.rows = rows;
  }

  /** Keys are pressed. How many were taken: where too much waits to be read, the rest is to come again. */
  type(bytes: Uint8Array): number {
    let taken = 0;
    for (const byte of bytes) {
      if (this.available + this.#line.length >= mostQueued && !this.termios.hasLocal("ICANON")) break;
      this.#key(byte);
      taken++;
    }
    if (this.available > 0 || this.#ready.length > 0) this.readers.wake();
    return taken;
  }

  #key(given: number): void {
    const { termios } = this;
    let byte = termios.hasInput("ISTRIP") ? given & 0x7f : given;
    if (this.#isLiteral) {
      this.#isLiteral = false;
      this.#add(byte);
      return;
    }
    if (termios.hasLocal("ISIG") && this.#signalKey(byte)) return;
    if (byte === carriageReturn) {
      if (termios.hasInput("IGNCR")) return;
      if (termios.hasInput("ICRNL")) byte = newline;
    } else if (byte === newline && termios.hasInput("INLCR")) byte = carriageReturn;
    if (termios.hasLocal("ICANON")) this.#edit(byte);
    else {
      this.#echo(byte);
      this.#push([byte]);
    }
  }

  #push(bytes: number[]): void {
    const last = this.#ready.at(-1);
    if (!this.termios.hasLocal("ICANON") && last !== undefined) last.push(...bytes);
    else this.#ready.push(bytes);
  }

  #signalKey(byte: number): boolean {
    const found = keySignals.find(([key]) => this.termios.is(byte, key));
    if (found === undefined) return false;
    this.#echo(byte);
    if (!this.termios.hasLocal("NOFLSH")) this.flushInput();
    if (this.foreground !== 0) this.#side.signal(this.foreground, found[1]);
    return true;
  }

  /** A key of a line that is being edited. */
  #edit(byte: number): void {
    const { termios } = this;
    if (termios.is(byte, "VERASE")) this.#erase(1);
    else if (termios.is(byte, "VKILL")) this.#erase(this.#line.length);
    else if (termios.hasLocal("IEXTEN") && termios.is(byte, "VWERASE")) this.#erase(lastWord(this.#line));
    else if (termios.hasLocal("IEXTEN") && termios.is(byte, "VLNEXT")) this.#isLiteral = true;
    else if (termios.is(byte, "VEOF")) this.#endLine();
    else {
      this.#add(byte);
      if (byte === newline || termios.is(byte, "VEOL") || termios.is(byte, "VEOL2")) this.#endLine();
    }
  }

  #add(byte: number): void {
    if (!this.termios.hasLocal("ICANON")) {
      this.#push([byte]);
      return;
    }
    if (this.#line.length >= mostQueued - 1 && byte !== newline) return;
    this.#echo(byte);
    this.#line.push(byte);
  }

  #endLine(): void {
    this.#ready.push(this.#line);
    this.#line = [];
  }

  /** Takes characters of UTF-8 off the end of the line. */
  #erase(count: number): void {
    for (let erased = 0; erased < count && this.#line.length > 0; erased++) {
      const isControl = this.#line.at(-1)! < 32 && this.termios.hasLocal("ECHOCTL");
      if (this.termios.hasInput("IUTF8")) while ((this.#line.at(-1)! & 0xc0) === 0x80) this.#line.pop();
      this.#line.pop();
      if (!this.termios.hasLocal("ECHO") || !this.termios.hasLocal("ECHOE")) continue;
      this.#side.show(backspace);
      if (isControl) this.#side.show(backspace);
    }
  }

  #echo(byte: number): void {
    const { termios } = this;
    if (!termios.hasLocal("ECHO")) {
      if (byte === newline && termios.hasLocal("ICANON") && termios.hasLocal("ECHONL")) this.#show(Uint8Array.of(byte));
      return;
    }
    const isControl = (byte < 32 && byte !== newline && byte !== 9) || byte === 127;
    if (isControl && termios.hasLocal("ECHOCTL")) this.#side.show(Uint8Array.of(94, byte ^ 64));
    else this.#show(Uint8Array.of(byte));
  }

  /** Output as it leaves: with ONLCR a line end becomes two bytes. */
  #show(bytes: Uint8Array): void {
    this.#side.show(this.#processed(bytes));
  }

  #processed(bytes: Uint8Array): Uint8Array {
    const { termios } = this;
    if (!termios.hasOutput("OPOST") || !(termios.hasOutput("ONLCR") || termios.hasOutput("OCRNL"))) return bytes;
    const out: number[] = [];
    for (const byte of bytes) {
      if (byte === newline && termios.hasOutput("ONLCR")) out.push(carriageReturn, newline);
      else out.push(byte === carriageReturn && termios.hasOutput("OCRNL") ? newline : byte);
    }
    return Uint8Array.from(out);
  }

  /** A program prints. How many bytes were taken, or -EAGAIN. */
  write(bytes: Uint8Array): number {
    if (this.isHungUp) return -errno.EIO;
    const chunk = bytes.subarray(0, mostQueued);
    const processed = this.#processed(chunk);
    const shown = this.#side.show(processed);
    if (shown === 0 && bytes.length > 0) return -errno.EAGAIN;
    if (shown === processed.length) return chunk.length;
    // the other side is full in the middle of it: as many bytes as that many stand for
    let count = 0;
    for (let out = 0; count < chunk.length && out < shown; count++) {
      out += this.#processed(chunk.subarray(count, count + 1)).length;
    }
    return count;
  }

  /** A program reads. Bytes, 0 at the end, or -EAGAIN. */
  read(into: Uint8Array): number {
    const { termios } = this;
    const isCanonical = termios.hasLocal("ICANON");
    const least = termios.characters[control.VMIN];
    const isEnough = isCanonical ? this.#ready.length > 0 : this.available >= Math.max(1, Math.min(least, into.length));
    if (!isEnough) {
      if (this.isHungUp) return 0;
      return !isCanonical && least === 0 && termios.characters[control.VTIME] === 0 ? 0 : -errno.EAGAIN;
    }
    let count = 0;
    while (count < into.length && this.#ready.length > 0) {
      const piece = this.#ready[0];
      const part = piece.splice(0, into.length - count);
      into.set(part, count);
      count += part.length;
      if (piece.length > 0) break;
      this.#ready.shift();
      if (isCanonical) break;
    }
    this.writers.wake();
    return count;
  }

  /** Bytes that can be read now. */
  get available(): number {
    return this.#ready.reduce((sum, piece) => sum + piece.length, 0);
  }

  get isReadable(): boolean {
    if (this.isHungUp) return true;
    const { termios } = this;
    if (termios.hasLocal("ICANON")) return this.#ready.length > 0;
    return (
      this.available >= Math.max(1, termios.characters[control.VTIME] === 0 ? termios.characters[control.VMIN] : 1)
    );
  }

  /** What has been typed and not read is forgotten. */
  flushInput(): void {
    this.#ready.length = 0;
    this.#line = [];
    this.writers.wake();
  }

  /** New settings; what was typed of a line can be read at once where lines are no more. */
  set(bytes: Uint8Array): void {
    const wasCanonical = this.termios.hasLocal("ICANON");
    this.termios.decode(bytes);
    if (!wasCanonical || this.termios.hasLocal("ICANON")) return;
    const all = [...this.#ready.flat(), ...this.#line];
    this.#ready.length = 0;
    this.#line = [];
    if (all.length > 0) this.#ready.push(all);
    this.readers.wake();
  }

  /** The other side is gone: readers find the end. */
  hangUp(): void {
    this.isHungUp = true;
    this.readers.wake();
    this.writers.wake();
  }
}

function lastWord(line: readonly number[]): number {
  let at = line.length;
  while (at > 0 && line[at - 1] === 32) at--;
  while (at > 0 && line[at - 1] !== 32) at--;
  return line.length - at;
}
