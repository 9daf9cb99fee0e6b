import { FileMapping } from "../../kernel/index.ts";
import type { ProgramFile } from "./inode.ts";

/** A program whose bytes are at hand, under an absolute path of its own. */
export function programFile(path: string, content: Uint8Array): ProgramFile {
  const read = (offset: number, into: Uint8Array): number => {
    const part = content.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  };
  const source = { size: content.length, read };
  return { path, size: content.length, mapping: new FileMapping(path, source), read };
}
