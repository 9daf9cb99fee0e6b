import type { FileMapping } from "../kernel/index.ts";
import { ElfError, type ElfFile, parseElf } from "../machine/elf/index.ts";
import type { Task } from "../supervisor/index.ts";
import { hex } from "./hex.ts";

/** A file larger than this is not read for its symbols. */
const mostBytes = 256 << 20;
const pageMask = ~0xfffn;

/** Names of what programs execute: each mapped file's own symbols, wherever it is mapped. */
export class UserSymbols {
  readonly #files = new Map<FileMapping, ElfFile | undefined>();

  /** The function of a task's address and the file that it is in; the page's address where there is no name. */
  nameOf(task: Task, address: bigint): string {
    const vma = task.mm.mm.vmaAt(address);
    const file = vma?.vmFile ?? undefined;
    if (vma === null || file === undefined) return `page ${hex(address & pageMask)}`;
    const elf = this.#elfOf(file);
    const offset = BigInt(vma.vmPgoff) * 4096n + address - vma.vmStart;
    const inFile = elf?.segments.find((one) => offset >= one.fileOffset && offset < one.fileOffset + one.fileSize);
    const name = inFile && elf?.symbols.nearest(inFile.vaddr + offset - inFile.fileOffset)?.name;
    return `${name ?? `page ${hex(offset & pageMask)}`} in ${file.name.slice(file.name.lastIndexOf("/") + 1)}`;
  }

  #elfOf(file: FileMapping): ElfFile | undefined {
    if (!this.#files.has(file)) this.#files.set(file, readElf(file));
    return this.#files.get(file);
  }
}

function readElf({ name, source }: FileMapping): ElfFile | undefined {
  if (source === undefined || source.size > mostBytes) return undefined;
  const bytes = new Uint8Array(source.size);
  source.read(0, bytes);
  try {
    return parseElf(bytes, name);
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}
