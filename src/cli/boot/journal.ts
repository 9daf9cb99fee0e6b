import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { Failure, systemFailure } from "../failure.ts";

/** Input that came after so many resets, while the machine stood at a cycle. */
interface InputEvent {
  readonly resets: number;
  readonly cycle: number;
  readonly bytes: Uint8Array;
}

/** Writes input down as it comes: a line for each piece, `RESETS CYCLE HEX`. */
export class InputRecorder {
  readonly #path: string;
  readonly #file: number;

  /** Throws a {@link Failure} if the file cannot be written. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, "w");
    } catch (error) {
      throw systemFailure(path, "recording input", error);
    }
  }

  write(resets: number, cycle: number, bytes: Uint8Array): void {
    try {
      writeSync(this.#file, `${resets} ${cycle} ${Buffer.from(bytes).toString("hex")}\n`);
    } catch (error) {
      throw systemFailure(this.#path, "recording input", error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What an {@link InputRecorder} has written, to be typed again. */
export class InputReplay {
  readonly #events: InputEvent[];

  /** Throws a {@link Failure} that says which line is none of a recorder. */
  constructor(path: string) {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      throw systemFailure(path, "replaying input", error);
    }
    const lines = text.split("\n").filter((line) => line !== "");
    this.#events = lines.map((line, n) => {
      const parts = /^(\d{1,9}) (\d{1,15}) ((?:[0-9a-f]{2})+)$/.exec(line);
      if (parts === null) throw new Failure(path, `line ${n + 1}`, "it was not written by --record");
      return { resets: Number(parts[1]), cycle: Number(parts[2]), bytes: Buffer.from(parts[3], "hex") };
    });
  }

  /** The cycle of the next input before the next reset, or undefined. */
  next(resets: number): number | undefined {
    const [event] = this.#events;
    return event?.resets === resets ? event.cycle : undefined;
  }

  /** Takes what is to be typed by a cycle. */
  *due(resets: number, cycle: number): Generator<Uint8Array> {
    for (let at = this.next(resets); at !== undefined && at <= cycle; at = this.next(resets)) {
      yield (this.#events.shift() as InputEvent).bytes;
    }
  }
}
