import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { parseElf } from "../machine/elf/index.ts";
import { createMachine, type Machine, type MachineOptions } from "../machine/machine.ts";
import { Failure, systemFailure } from "./failure.ts";
import type { Host } from "./terminal.ts";

const magic = [0x7f, 0x45, 0x4c, 0x46];
/** As much of a file as an ELF's header needs. */
const headBytes = 64;

/** The bytes of a program's file. Large files that cannot be programs are not read. */
export function readProgram(path: string): Uint8Array {
  let file: number;
  try {
    // a pipe is refused, not waited for
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw systemFailure(path, "opening it", error);
  }
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) throw new Failure(path, "opening it", "it is a directory: name a program in it");
    if (!status.isFile()) throw new Failure(path, "opening it", "it is not a regular file: copy the program into one");
    const head = new Uint8Array(headBytes);
    const length = readSync(file, head, 0, headBytes, 0);
    const isElf = magic.every((byte, at) => head[at] === byte);
    // parseElf says what is wrong with it
    if (!isElf) return head.subarray(0, length);
    return readFileSync(path);
  } catch (error) {
    throw error instanceof Failure ? error : systemFailure(path, "reading it", error);
  } finally {
    closeSync(file);
  }
}

/** Throws a Failure where what is to be written, `what` in a word, would overwrite the program itself. */
export function refuseSameFile(program: string, file: string, what: string): void {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there === undefined || !there.isFile()) return;
  const ours = statSync(program);
  if (there.dev !== ours.dev || there.ino !== ours.ino) return;
  throw new Failure(file, `opening the ${what}`, `it is the program itself: write the ${what} to another file`);
}

/** Makes a machine and loads a program into it. */
export function startMachine(path: string, options: MachineOptions, host: Host): Machine {
  const file = parseElf(readProgram(path), path);
  let machine: Machine;
  try {
    machine = createMachine(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = `the system does not give that much memory (${error.message}): run it with a smaller -m`;
    throw new Failure(path, "making the machine", reason);
  }
  machine.onWarning = (line) => host.terminal.tell(`pagewalk: ${path}: ${line}`);
  const { warnings } = machine.loadElf(file);
  for (const warning of warnings) host.terminal.tell(`pagewalk: ${path}: ${warning}`);
  return machine;
}
