import { vmFlag } from "../../pagewalk/index.ts";
import { LinuxError } from "../errno.ts";
import type { ProgramFile } from "../files/inode.ts";
import { type UserMm, vmFlagsOf } from "../memory/userMm.ts";
import { type ElfImage, readElfImage } from "./elfImage.ts";
import { buildStack, type StackContent } from "./stack.ts";

const pageBytes = 4096;
const down = (address: number) => address - (address % pageBytes);
const up = (address: number) => down(address + pageBytes - 1);

/** What a program is started with. */
export interface ProgramStart {
  /** As it was named, for AT_EXECFN. */
  readonly path: string;
  readonly argv: readonly Uint8Array[];
  readonly envp: readonly Uint8Array[];
  /** 16 random bytes, for AT_RANDOM. */
  readonly random: Uint8Array;
  /** The letters of the instruction set, for AT_HWCAP. */
  readonly hwcap: number;
}

/** Where a task begins. */
export interface EntryPoint {
  readonly pc: number;
  readonly sp: number;
}

/** `li a7, 139; ecall`: rt_sigreturn. */
const sigreturnCode = new Uint8Array([0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00]);
/** What a stack has at first; it grows down from there. */
const stackBytes = 132 << 10;

/**
 * Puts a program, and the interpreter that it names, into an empty address space, with its stack. Throws a LinuxError:
 * ENOEXEC for what is no program, ENOENT where there is no such interpreter, E2BIG, ENOMEM.
 */
export function loadProgram(
  mm: UserMm,
  file: ProgramFile,
  openInterpreter: (path: string) => ProgramFile,
  start: ProgramStart,
): EntryPoint {
  const image = readElfImage(file);
  // as Linux without randomisation: two thirds up
  const base = image.isRelocatable ? down((mm.limit / 3) * 2) : 0;
  mapSegments(mm, file, image, base);
  let entry = image.entry + base;
  let interpreterBase = 0;
  if (image.interpreter !== undefined) {
    const interpreter = openInterpreter(image.interpreter);
    const linker = readElfImage(interpreter);
    interpreterBase = linker.isRelocatable ? gapFor(mm, linker) : 0;
    mapSegments(mm, interpreter, linker, interpreterBase);
    entry = linker.entry + interpreterBase;
  }
  const end = Math.max(...image.segments.map(({ vaddr, memSize }) => vaddr + memSize));
  mm.startBrk = mm.brk = up(end + base);
  mm.exe = file.path;
  mapSigreturn(mm);
  const sp = makeStack(mm, image, base, interpreterBase, start);
  return { pc: entry, sp };
}

function gapFor(mm: UserMm, image: ElfImage): number {
  const end = Math.max(...image.segments.map(({ vaddr, memSize }) => vaddr + memSize));
  const gap = mm.findGap(up(end));
  if (gap === undefined) throw new LinuxError("ENOMEM");
  return gap;
}

function mapSegments(mm: UserMm, file: ProgramFile, image: ElfImage, base: number): void {
  for (const { vaddr, offset, fileSize, memSize, prot } of image.segments) {
    const start = down(vaddr + base);
    const fileEnd = vaddr + base + fileSize;
    const end = up(vaddr + base + memSize);
    const flags = vmFlagsOf(prot);
    if (end > mm.limit || start < pageBytes) throw new LinuxError("ENOEXEC");
    if (fileSize > 0) {
      mm.map({ start, end: up(fileEnd), flags, file: file.mapping, pgoff: down(offset) / pageBytes });
    }
    const bss = fileSize > 0 ? up(fileEnd) : start;
    if (end > bss) mm.map({ start: bss, end, flags });
    // the rest of the last page of the file's part is zero, if the program has a use for it
    if (memSize > fileSize && (prot & 2) !== 0 && fileEnd % pageBytes !== 0)
      mm.user.clear(fileEnd, up(fileEnd) - fileEnd);
  }
}

/** The page that signal handlers return to: a kernel without a vDSO must give them one, as there is no SA_RESTORER. */
function mapSigreturn(mm: UserMm): void {
  const start = mm.limit - 4 * pageBytes;
  const vma = mm.map({ start, end: start + pageBytes, flags: vmFlag.VM_READ | vmFlag.VM_WRITE | vmFlag.VM_EXEC });
  mm.user.write(start, sigreturnCode);
  // from now on for reading only, the page as well
  vma.vmFlags = vmFlagsOf(5);
  const entry = mm.mm.entryFor(vma.vmStart)!;
  entry.setFields({ w: 0 });
  mm.sigreturn = start;
}

function makeStack(mm: UserMm, image: ElfImage, base: number, interpreterBase: number, start: ProgramStart): number {
  const top = mm.limit - 8 * pageBytes;
  const prot = image.executableStack ? 7 : 3;
  mm.map({ start: top - stackBytes, end: top, flags: vmFlagsOf(prot) | vmFlag.VM_GROWSDOWN });
  const content: StackContent = {
    ...start,
    headers: image.headers + base,
    headerCount: image.headerCount,
    entry: image.entry + base,
    interpreterBase,
  };
  return buildStack(mm, top, content);
}
