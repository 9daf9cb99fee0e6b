import { exitMm, type FileMapping, type KernelMemory, Mm, type Vma } from "../../kernel/index.ts";
import type { Mode } from "../../mmu/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import { UserMemory } from "./userMemory.ts";

const pageBytes = 4096;
/** What is kept free above the mappings for the stack to grow into. */
const stackGap = 128 << 20;

/** What a mapping is made of. Addresses and sizes are whole pages. */
export interface UserMapping {
  readonly start: number;
  readonly end: number;
  /** Bits of `vmFlag`. */
  readonly flags: number;
  readonly file?: FileMapping | null;
  /** Page offset in the file. */
  readonly pgoff?: number;
}

/** The address space of a program: an {@link Mm} with what Linux's `mm_struct` says of a program in it. */
export class UserMm {
  readonly mm: Mm;
  readonly user: UserMemory;
  /** First address after user memory (TASK_SIZE). */
  readonly limit: number;
  /** Mappings are looked for below this, from the top down. */
  readonly mmapBase: number;
  /** Tasks that have it as theirs. */
  users = 1;
  startBrk = 0;
  brk = 0;
  /** Where the arguments, the environment and the auxiliary vector lie, for /proc. */
  argStart = 0;
  argEnd = 0;
  envStart = 0;
  envEnd = 0;
  startStack = 0;
  auxv: Uint8Array = new Uint8Array();
  /** The program's path. */
  exe = "";
  /** Address of the code that returns from a signal handler. */
  sigreturn = 0;

  /** Throws a RangeError when there is no memory for a root table. */
  constructor(name: string, memory: KernelMemory, mode: Mode, asid: number) {
    this.mm = new Mm({ name, memory, mode, asid });
    this.user = new UserMemory(this.mm);
    this.limit = 2 ** (mode.vaBits - 1);
    this.mmapBase = this.limit - stackGap;
  }

  /** Where things are is as in another address space: fork. */
  copyLayout(from: UserMm): void {
    const { startBrk, brk, argStart, argEnd, envStart, envEnd, startStack, auxv, exe, sigreturn } = from;
    Object.assign(this, { startBrk, brk, argStart, argEnd, envStart, envEnd, startStack, auxv, exe, sigreturn });
  }

  /** Adds a mapping where there is none. */
  map({ start, end, flags, file = null, pgoff = 0 }: UserMapping): Vma {
    return this.mm.addVma({ start: BigInt(start), end: BigInt(end), flags, file, pgoff });
  }

  /** The highest gap of a size below {@link mmapBase}, at a multiple of `align`; undefined: there is none. */
  findGap(bytes: number, align = pageBytes): number | undefined {
    let end = this.mmapBase;
    for (const vma of [...this.mm.vmas].reverse()) {
      const start = floorTo(end - bytes, align);
      if (start >= Number(vma.vmEnd)) return start;
      end = Math.min(end, Number(vma.vmStart));
    }
    const start = floorTo(end - bytes, align);
    return start >= pageBytes * 16 ? start : undefined;
  }

  /** Gives everything back but the root table. */
  destroy(): void {
    this.mm.mmapLock.writing(() => exitMm(this.mm));
    this.mm.freeTable(this.mm.tables.root);
  }
}

function floorTo(value: number, multiple: number): number {
  return value - (((value % multiple) + multiple) % multiple);
}

/** Linux's PROT_ bits as vm_flags, with all that mprotect may add later. */
export function vmFlagsOf(prot: number): number {
  return (prot & 7) | vmFlag.VM_MAYREAD | vmFlag.VM_MAYWRITE | vmFlag.VM_MAYEXEC;
}
