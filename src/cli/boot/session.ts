import { Profile } from "../../debug/profile.ts";
import type { RunEnd } from "../../machine/machine.ts";
import { conclude, statistics } from "../report.ts";
import type { CommandEnd } from "../runLoop.ts";
import type { Host } from "../terminal.ts";
import type { BootArguments } from "./arguments.ts";
import { EscapeReader, escapeHelp, type Request } from "./escape.ts";
import type { ConsoleInput } from "./input.ts";
import { InputRecorder, InputReplay } from "./journal.ts";
import type { BootSource, Started } from "./machine.ts";
import { MonitorPrompt } from "./monitorPrompt.ts";

/** For so long the machine runs before output is written and input is heard. */
const sliceMs = 20;
/** Nobody who asks to end it by a signal waits longer. */
const mostPauseMs = 250;

/** A machine at a terminal, from its start to its end, over any number of resets. */
export class BootSession {
  readonly #args: BootArguments;
  readonly #source: BootSource;
  readonly #host: Host;
  readonly #input: ConsoleInput;
  readonly #escapes = new EscapeReader();
  /** What was typed and nobody has had yet. */
  #typed: (Uint8Array | Request)[] = [];
  #inputEnded = false;
  #wake: () => void = () => {};
  #started: Started;
  /** Instructions of machines before the last reset. */
  #earlier = 0;
  #resets = 0;
  readonly #recorder: InputRecorder | undefined;
  readonly #replay: InputReplay | undefined;
  #monitor: MonitorPrompt | undefined;

  constructor(args: BootArguments, source: BootSource, started: Started, host: Host, input: ConsoleInput) {
    this.#args = args;
    this.#source = source;
    this.#started = started;
    this.#host = host;
    this.#input = input;
    this.#recorder = args.record === undefined ? undefined : new InputRecorder(args.record);
    this.#replay = args.replay === undefined ? undefined : new InputReplay(args.replay);
  }

  /** Runs to the end; answers the process's exit code. */
  async run(): Promise<number> {
    const { terminal } = this.#host;
    const begun = performance.now();
    const profile = this.#args.profile ? new Profile(this.#started.machine) : undefined;
    this.#input.open(
      (bytes) => this.#arrived(bytes),
      () => {
        this.#inputEnded = true;
        this.#wake();
      },
    );
    try {
      const end = await this.#untilEnd(begun + this.#args.limits.seconds * 1000);
      const { machine } = this.#started;
      const code = end === undefined ? 0 : conclude(machine, this.#source.name, end, terminal);
      const seconds = (performance.now() - begun) / 1000;
      if (this.#args.stats) for (const line of statistics(machine, seconds)) terminal.tell(line);
      for (const line of profile?.lines() ?? []) terminal.tell(line);
      return code;
    } finally {
      this.#recorder?.close();
      this.#input.close();
    }
  }

  #arrived(bytes: Uint8Array): void {
    this.#typed.push(...this.#escapes.read(bytes));
    this.#wake();
  }

  /** Undefined: a person has ended it. */
  async #untilEnd(deadline: number): Promise<CommandEnd | undefined> {
    const { terminal } = this.#host;
    const { maxInstructions } = this.#args.limits;
    for (;;) {
      if (this.#handleTyped()) return undefined;
      if (this.#host.interrupted()) return { reason: "interrupted" };
      if (this.#monitor !== undefined) {
        await this.#pause(mostPauseMs);
        continue;
      }
      const { machine } = this.#started;
      const left = maxInstructions - this.#earlier - machine.instructions;
      const timeoutMs = Math.min(sliceMs, deadline - performance.now());
      const untilCycle = this.#replayed();
      const end = machine.run({ maxInstructions: left, timeoutMs, untilCycle });
      terminal.flush();
      if (untilCycle !== undefined && machine.cycles >= untilCycle) continue;
      if (!(await this.#goesOn(end, deadline))) return end;
    }
  }

  /** Types what is due in a replay; answers the cycle at which there is more. */
  #replayed(): number | undefined {
    const { machine } = this.#started;
    for (const bytes of this.#replay?.due(this.#resets, machine.cycles) ?? []) this.#started.receive(bytes);
    return this.#replay?.next(this.#resets);
  }

  /** Gives the guest what was typed. */
  #receive(bytes: Uint8Array): void {
    this.#recorder?.write(this.#resets, this.#started.machine.cycles, bytes);
    this.#started.receive(bytes);
  }

  /** After a slice: waits for what must be waited for. False: it was the last. */
  async #goesOn(end: RunEnd, deadline: number): Promise<boolean> {
    const left = deadline - performance.now();
    switch (end.reason) {
      case "timeout":
        if (left <= 0) return false;
        await new Promise((resolve) => setImmediate(resolve));
        return true;
      case "idle":
        if (left > 0) await this.#pause(Math.min(end.milliseconds, left, mostPauseMs));
        return true;
      case "asleep":
        // input can still wake it
        if (this.#inputEnded && this.#typed.length === 0) return false;
        if (left > 0) await this.#pause(Math.min(left, mostPauseMs));
        return true;
      case "reset":
        if (this.#args.noReboot) return false;
        this.#earlier += this.#started.machine.instructions;
        this.#resets++;
        this.#restart();
        return true;
      default:
        return false;
    }
  }

  #restart(): void {
    const { terminal } = this.#host;
    const events = {
      onOutput: (bytes: Uint8Array) => terminal.put(bytes),
      onWarning: (line: string) => terminal.tell(`pagewalk: ${this.#source.name}: ${line}`),
    };
    this.#started = this.#source.start(events, this.#started.machine);
  }

  /** Waits for some milliseconds, or until something is typed. */
  #pause(milliseconds: number): Promise<void> {
    if (this.#typed.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#wake = () => {};
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#wake = done;
    });
  }

  /** Gives the guest, or the monitor, what was typed. True: it is to end. */
  #handleTyped(): boolean {
    for (let next = this.#typed.shift(); next !== undefined; next = this.#typed.shift()) {
      if (next instanceof Uint8Array) {
        if (this.#monitor === undefined) this.#receive(next);
        else if (this.#enter(this.#monitor, next)) return true;
      } else if (this.#request(next)) return true;
    }
    return false;
  }

  /** Lines for the monitor. True: it was told to quit. */
  #enter(monitor: MonitorPrompt, bytes: Uint8Array): boolean {
    const end = monitor.type(bytes);
    if (end === undefined) return false;
    this.#monitor = undefined;
    if (end.rest.length > 0) this.#receive(end.rest);
    return end.outcome === "quit";
  }

  #request(request: Request): boolean {
    const { terminal } = this.#host;
    switch (request) {
      case "end":
        return true;
      case "monitor":
        if (this.#monitor === undefined) {
          this.#monitor = new MonitorPrompt(this.#started.machine, terminal, this.#input.isTerminal);
        } else this.#monitor = undefined;
        return false;
      case "break":
        this.#started.machine.uart.receiveBreak();
        return false;
      case "help":
        for (const line of ["", ...escapeHelp]) terminal.print(line);
        terminal.flush();
        return false;
    }
  }
}
