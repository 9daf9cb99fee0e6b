import type { FileMapping } from "../../kernel/index.ts";

/** A regular file as exec and mmap need it. */
export interface ProgramFile {
  readonly path: string;
  readonly size: number;
  /** Its page cache. */
  readonly mapping: FileMapping;
  /** Fills an array from an offset; how many bytes there were. */
  read(offset: number, into: Uint8Array): number;
}
