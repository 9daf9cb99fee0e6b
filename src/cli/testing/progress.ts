import type { Write } from "../terminal.ts";

/** Where a run of tests stands. */
export interface Standing {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
}

const barWidth = 30;
const redrawMs = 100;
const lineMs = 10_000;
const eraseLine = "\r\x1b[2K";

/**
 * Says how far a run of tests is: a bar that is drawn anew on a terminal, a line every 10 seconds elsewhere.
 * Time is the caller's, in milliseconds.
 */
export class Progress {
  readonly #write: Write;
  readonly #isTerminal: boolean;
  readonly #begun: number;
  readonly #encoder = new TextEncoder();
  #said: number;
  #isDrawn = false;

  constructor(write: Write, isTerminal: boolean, now: number) {
    this.#write = write;
    this.#isTerminal = isTerminal;
    this.#begun = now;
    this.#said = now;
  }

  /** A test has ended. */
  update(standing: Standing, now: number): void {
    if (now - this.#said < (this.#isTerminal ? redrawMs : lineMs)) return;
    this.#said = now;
    this.#put(this.#isTerminal ? `${eraseLine}${this.#bar(standing, now)}` : `${progressLine(standing)}\n`);
    this.#isDrawn = this.#isTerminal;
  }

  /** Takes the bar away, before other lines are written and at the end. */
  clear(): void {
    if (this.#isDrawn) this.#put(eraseLine);
    this.#isDrawn = false;
  }

  #bar(standing: Standing, now: number): string {
    const { total, passed, failed } = standing;
    const done = passed + failed;
    const full = Math.floor((done / total) * barWidth);
    const left = Math.ceil((((now - this.#begun) / done) * (total - done)) / 1000);
    return `[${"#".repeat(full)}${".".repeat(barWidth - full)}] ${progressLine(standing)}, ${left} s left`;
  }

  #put(text: string): void {
    this.#write(this.#encoder.encode(text));
  }
}

function progressLine({ total, passed, failed }: Standing): string {
  return `${passed + failed} of ${total}: ${passed} passed, ${failed} failed`;
}
