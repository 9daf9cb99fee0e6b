import { writeFileSync } from "node:fs";
import type { Machine } from "../machine/machine.ts";
import { Failure, systemFailure, usage } from "./failure.ts";
import { refuseSameFile } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/** Bytes a line of a signature that are possible. */
export const granularities = [4, 8, 16] as const;
const usualGranularity = 16;

/** What `--signature-granularity` says: 16 when it is left out, as Spike has it. */
export function parseGranularity(text: string | undefined): number {
  if (text === undefined) return usualGranularity;
  const found = granularities.find((granularity) => String(granularity) === text.trim());
  if (found !== undefined) return found;
  throw usage(`--signature-granularity ${text}`, "a line has so many bytes of the signature: write 4, 8 or 16");
}

/**
 * What a program left between `begin_signature` and `end_signature`, as Spike writes it: a line for each
 * `granularity` bytes, in hexadecimal, the byte at the highest address first.
 */
export function signatureText(machine: Machine, path: string, granularity: number): string {
  const { program, memory } = machine;
  const range = program?.signature;
  if (range === undefined) {
    const reason = "the program has no symbols begin_signature and end_signature: build it with them, unstripped";
    throw new Failure(path, "signature", reason);
  }
  const length = Number(range.end - range.begin);
  const place = `signature at 0x${range.begin.toString(16)}`;
  if (length % granularity !== 0) {
    const fitting = granularities.filter((other) => length % other === 0);
    const way = fitting.length > 0 ? `use --signature-granularity ${fitting.join(" or ")}` : "align end_signature";
    throw new Failure(path, place, `its ${length} bytes are no whole number of lines of ${granularity}: ${way}`);
  }
  if (!memory.isRam(Number(range.begin), length)) {
    throw new Failure(path, place, `its ${length} bytes are not all in RAM: run it with a larger -m`);
  }
  const bytes = memory.read(Number(range.begin), length);
  const lines: string[] = [];
  for (let at = 0; at < length; at += granularity) {
    lines.push(Buffer.from(bytes.subarray(at, at + granularity).toReversed()).toString("hex"));
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Writes the signature to a file; `-` is standard output. */
export function writeSignature(
  machine: Machine,
  path: string,
  file: string,
  granularity: number | undefined,
  terminal: Terminal,
): void {
  const text = signatureText(machine, path, granularity ?? usualGranularity);
  if (file === "-") {
    terminal.put(new TextEncoder().encode(text));
    return;
  }
  refuseSameFile(path, file, "signature");
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw systemFailure(file, "writing the signature", error);
  }
}
