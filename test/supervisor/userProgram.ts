import { assemble } from "../../src/isa/index.ts";
import { FileMapping } from "../../src/kernel/index.ts";
import { createMachine, type MachineOptions } from "../../src/machine/machine.ts";
import { type ProgramFile, Supervisor, type SupervisorOptions, type UserEnd } from "../../src/supervisor/index.ts";

/** Where the programs' one segment lies: code, then text at {@link dataAt}; it may be read, written and executed. */
export const codeAt = 0x10000;
export const dataAt = 0x10800;
const fileBytes = 0x1000;
const codeOffset = 0x100;

/** The ELF file of a program: instructions as `assemble` wants them, and bytes at {@link dataAt}. */
export function elfOf(lines: readonly string[], data: string | Uint8Array = ""): Uint8Array {
  const bytes = new Uint8Array(fileBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 243, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(codeAt + codeOffset), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  // PT_LOAD, RWX: the whole file at codeAt, and a page of zeros behind it
  view.setUint32(64, 1, true);
  view.setUint32(68, 7, true);
  view.setBigUint64(80, BigInt(codeAt), true);
  view.setBigUint64(96, BigInt(fileBytes), true);
  view.setBigUint64(104, BigInt(2 * fileBytes), true);
  lines.forEach((line, index) => {
    view.setUint32(codeOffset + 4 * index, assemble(line).bits, true);
  });
  bytes.set(typeof data === "string" ? new TextEncoder().encode(data) : data, dataAt - codeAt);
  return bytes;
}

/** A program's file. */
export function fileOf(content: Uint8Array, path = "/program"): ProgramFile {
  const read = (offset: number, into: Uint8Array): number => {
    const part = content.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  };
  const source = { size: content.length, read };
  return { path, size: content.length, mapping: new FileMapping(path, source), read };
}

/** Instructions that put small numbers into a7 and a0 … and make a system call. */
export function call(number: number, ...args: readonly number[]): string[] {
  const load = (register: string, value: number): string[] =>
    value >= -2048 && value < 2048
      ? [`addi ${register}, zero, ${value}`]
      : [
          `lui ${register}, ${((value + 0x800) >>> 12) & 0xfffff}`,
          `addiw ${register}, ${register}, ${(value << 20) >> 20}`,
        ];
  return [...args.flatMap((value, index) => load(`a${index}`, value)), ...load("a7", number), "ecall"];
}

/** What a program did. */
export interface Ran {
  readonly end: UserEnd;
  readonly output: string;
  readonly error: string;
  readonly supervisor: Supervisor;
}

/** Runs a program to its end, or up to a million instructions. */
export function runProgram(
  content: Uint8Array,
  options: Partial<SupervisorOptions> & { machine?: never; args?: readonly string[] } = {},
  machine: MachineOptions = {},
): Ran {
  let output = "";
  let error = "";
  const decoder = new TextDecoder();
  const supervisor = new Supervisor({
    ...options,
    machine: createMachine({ ramBytes: 16 << 20, ...machine }),
    onOutput: (bytes, isError) => {
      if (isError) error += decoder.decode(bytes);
      else output += decoder.decode(bytes);
    },
  });
  supervisor.start(fileOf(content), ["/program", ...(options.args ?? [])], []);
  return { end: supervisor.run({ maxInstructions: 1_000_000 }), output, error, supervisor };
}
