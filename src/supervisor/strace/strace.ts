import { errnoName } from "../errno.ts";
import type { Exit } from "../process/process.ts";
import type { SignalInfo } from "../process/signalInfo.ts";
import { signalName } from "../process/signalNumber.ts";
import { reg } from "../registers.ts";
import { restarted, type SyscallObserver } from "../syscalls/dispatch.ts";
import { syscallName } from "../syscalls/names.ts";
import { argumentKinds, type Syscall } from "../syscalls/syscall.ts";
import { done, type Task } from "../task.ts";
import { signalCodes } from "./constants.ts";
import { printers } from "./printers.ts";
import { nameOf, pointer } from "./text.ts";

/** Arguments that are printed of a call that nobody knows. */
const unknownArguments = 6;
const mostErrors = 4095;

interface OpenCall {
  readonly name: string;
  readonly call: Syscall | undefined;
  readonly values: readonly number[];
  /** Arguments as text, undefined where the call has yet to write what they point to. */
  readonly parts: (string | undefined)[];
}

/**
 * Writes a line for each system call once it has answered, for each signal that is delivered and for each thread that
 * ends, as `strace -f` does: the thread's number, the call with its arguments by name, its answer.
 */
export class Strace implements SyscallObserver {
  readonly #write: (line: string) => void;
  readonly #open = new Map<Task, OpenCall>();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  onCall(task: Task, call: Syscall | undefined, number: number): void {
    if (call === undefined) {
      const values = Array.from({ length: unknownArguments }, (_, index) => task.regs.x(reg.a0 + index));
      this.#open.set(task, { name: syscallName(number), call, values, parts: values.map(pointer) });
      return;
    }
    const values = call.parameters.map(({ kind }, index) => {
      const low = task.regs.low(reg.a0 + index);
      if (argumentKinds[kind] === "long") return task.regs.x(reg.a0 + index);
      return argumentKinds[kind] === "int" ? low : low >>> 0;
    });
    const open: OpenCall = { name: call.name, call, values, parts: [] };
    for (const index of values.keys()) open.parts.push(this.#print(task, open, index, undefined));
    this.#open.set(task, open);
  }

  onAnswer(task: Task, call: Syscall | undefined, _number: number, answer: number): void {
    const open = this.#open.get(task);
    this.#open.delete(task);
    if (open === undefined) return;
    const parts = open.parts.map((part, index) => part ?? this.#print(task, open, index, answer));
    this.#line(task, `${open.name}(${parts.join(", ")}) = ${answerText(task, call, answer)}`);
  }

  onSignal(task: Task, { signal, code, address, pid, status }: SignalInfo): void {
    const name = signalName(signal);
    let info = `si_signo=${name}, si_code=${codeName(name, code)}`;
    if (address !== undefined) info += `, si_addr=0x${address.toString(16)}`;
    if (pid !== undefined) info += `, si_pid=${pid}`;
    if (status !== undefined) info += `, si_status=${status}`;
    this.#line(task, `--- ${name} {${info}} ---`);
  }

  onEnd(task: Task, exit: Exit): void {
    const open = this.#open.get(task);
    this.#open.delete(task);
    if (open !== undefined) this.#unfinished(task, open);
    this.#line(
      task,
      `+++ ${exit.kind === "exited" ? `exited with ${exit.code}` : `killed by ${signalName(exit.signal)}`} +++`,
    );
  }

  /** The run is over: writes the calls that have not answered. */
  finish(): void {
    for (const [task, open] of this.#open) this.#unfinished(task, open);
    this.#open.clear();
  }

  #unfinished(task: Task, { name, parts, values }: OpenCall): void {
    const texts = parts.map((part, index) => part ?? pointer(values[index]));
    this.#line(task, `${name}(${texts.join(", ")}) = ?`);
  }

  #line({ tid }: Task, text: string): void {
    this.#write(`${tid} ${text}`);
  }

  #print(task: Task, { call, values }: OpenCall, index: number, answer: number | undefined): string | undefined {
    const printer = printers[call!.parameters[index].kind];
    const value = values[index];
    if (printer === undefined) return `${value}`;
    if (printer.isOutput && answer === undefined) return undefined;
    return printer.print(task, value, values[index + 1] ?? 0, answer ?? 0);
  }
}

/** A signal's `si_code` by its name. */
function codeName(signal: string, code: number): string {
  const own = Object.entries(signalCodes).find(([name]) => name === signal)?.[1] ?? {};
  return nameOf(code, { ...signalCodes.all, ...own });
}

function answerText(task: Task, call: Syscall | undefined, answer: number): string {
  if (answer === restarted) return "? ERESTARTSYS";
  if (answer === done) return task.state === "dead" ? "?" : "0";
  if (answer < 0 && answer >= -mostErrors) return `-1 ${errnoName(-answer) ?? -answer}`;
  if (call?.returns === "signal") return `${answer} (${signalName(answer)})`;
  return call?.returns === "address" ? pointer(answer) : `${answer}`;
}
