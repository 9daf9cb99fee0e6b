import { closeSync, openSync, readSync } from "node:fs";
import { systemFailure } from "./failure.ts";

/** A line of a commit log that is an instruction. */
export interface CommitLine {
  /** Its number in the file, from 1 on. */
  readonly line: number;
  readonly raw: string;
}

/** An instruction of a commit log. */
export interface Commit {
  /** Its line in the file, from 1 on. */
  readonly line: number;
  readonly hart: number;
  readonly priv: number;
  readonly pc: bigint;
  readonly bits: number;
  /** What it wrote: registers, memory, CSRs, as the log has it. */
  readonly effects: string;
}

const chunkBytes = 1 << 20;
/** Longer lines are not a commit log's. */
const longestLine = 1 << 16;
const isCommit = /^core +\d+: \s*\d +0x/i;
const commitPattern = /^core +(\d+): (\d) 0x([0-9a-f]+) \(0x([0-9a-f]+)\) ?(.*)$/;

/** A commit log as Spike writes it (`--log-commits`), read piece by piece. Lines that are no commits are left out. */
export class CommitLog {
  readonly path: string;
  readonly #file: number;
  readonly #chunk = Buffer.alloc(chunkBytes);
  #lines: string[] = [];
  #at = 0;
  #rest = "";
  #line = 0;
  #ended = false;

  /** Throws a Failure if the file cannot be opened. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#file = openSync(path, "r");
    } catch (error) {
      throw systemFailure(path, "opening it", error);
    }
  }

  /** The next instruction, or undefined at the end. */
  next(): CommitLine | undefined {
    for (;;) {
      while (this.#at < this.#lines.length) {
        this.#line++;
        const raw = this.#lines[this.#at++];
        if (isCommit.test(raw)) return { line: this.#line, raw };
      }
      if (this.#ended) return undefined;
      this.#read();
    }
  }

  #read(): void {
    let length: number;
    try {
      length = readSync(this.#file, this.#chunk, 0, chunkBytes, null);
    } catch (error) {
      throw systemFailure(this.path, "reading it", error);
    }
    const text = this.#rest + this.#chunk.toString("latin1", 0, length);
    this.#lines = text.split("\n");
    this.#at = 0;
    this.#ended = length === 0;
    this.#rest = this.#ended ? "" : (this.#lines.pop() as string).slice(0, longestLine);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** All of a line that counts, for comparing: spaces are single, letters small. Spike 1.1.0 writes register 5 as `x 5`. */
export function normalized(raw: string): string {
  return raw
    .replace(/\s+/g, " ")
    .trimEnd()
    .toLowerCase()
    .replace(/ ([xf]) (\d)(?= 0x)/g, " $1$2");
}

/** Reads a line of a commit log; undefined: it is something else (a trap, a symbol, a disassembly). */
export function parseCommit({ line, raw }: CommitLine): Commit | undefined {
  const parts = commitPattern.exec(normalized(raw));
  if (parts === null) return undefined;
  const [, hart, priv, pc, bits, effects] = parts;
  return {
    line,
    hart: Number(hart),
    priv: Number(priv),
    pc: BigInt(`0x${pc}`),
    bits: Number.parseInt(bits, 16),
    effects,
  };
}
