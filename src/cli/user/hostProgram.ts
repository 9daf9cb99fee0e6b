import { FileMapping } from "../../kernel/index.ts";
import type { ProgramFile } from "../../supervisor/index.ts";
import { readProgram } from "../program.ts";

/** A program of the host's, read as a whole. Throws a {@link Failure}. */
export function openHostProgram(path: string): ProgramFile {
  const content = readProgram(path);
  const read = (offset: number, into: Uint8Array): number => {
    const part = content.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  };
  const source = { size: content.length, read };
  return { path, size: content.length, mapping: new FileMapping(path, source), read };
}
