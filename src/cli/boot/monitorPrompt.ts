import type { Machine } from "../../machine/machine.ts";
import type { Terminal } from "../terminal.ts";
import { Monitor } from "./monitor.ts";

const prompt = "(pagewalk) ";
const key = { backspace: 8, lineFeed: 10, enter: 13, ctrlU: 21, delete: 127, space: 32 } as const;

/** The monitor at a terminal: a line at a time, echoed where the terminal is raw. */
export class MonitorPrompt {
  readonly #monitor: Monitor;
  readonly #terminal: Terminal;
  readonly #echoes: boolean;
  readonly #encoder = new TextEncoder();
  #line = "";

  constructor(machine: Machine, terminal: Terminal, echoes: boolean) {
    this.#monitor = new Monitor(machine);
    this.#terminal = terminal;
    this.#echoes = echoes;
    this.#show(`\nhart 0 and all others stand still; help lists the commands\n${prompt}`);
  }

  /** Takes what was typed. A line may end the monitor: what stood behind that line is not for it. */
  type(bytes: Uint8Array): { readonly outcome: "quit" | "continue"; readonly rest: Uint8Array } | undefined {
    for (const [at, byte] of bytes.entries()) {
      if (byte === key.enter || byte === key.lineFeed) {
        const outcome = this.#enter();
        if (outcome !== undefined) return { outcome, rest: bytes.subarray(at + 1) };
      } else this.#edit(byte);
    }
    this.#terminal.flush();
    return undefined;
  }

  #edit(byte: number): void {
    if (byte === key.backspace || byte === key.delete) {
      if (this.#line !== "" && this.#echoes) this.#show("\b \b");
      this.#line = this.#line.slice(0, -1);
    } else if (byte === key.ctrlU) {
      if (this.#echoes) this.#show(`\r${prompt}${" ".repeat(this.#line.length)}\r${prompt}`);
      this.#line = "";
    } else if (byte >= key.space && byte < key.delete) {
      this.#line += String.fromCharCode(byte);
      if (this.#echoes) this.#show(String.fromCharCode(byte));
    }
  }

  #enter(): "quit" | "continue" | undefined {
    const line = this.#line;
    this.#line = "";
    if (this.#echoes) this.#show("\n");
    const answer = this.#monitor.command(line);
    if (typeof answer === "string") return answer;
    this.#show([...answer, prompt].join("\n"));
    return undefined;
  }

  #show(text: string): void {
    this.#terminal.put(this.#encoder.encode(text));
    this.#terminal.flush();
  }
}
