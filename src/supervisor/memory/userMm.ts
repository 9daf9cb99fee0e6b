import {
  accountedFlags,
  exitMm,
  type FileMapping,
  type KernelMemory,
  Mm,
  mergeVmas,
  unmapRange,
  type Vma,
} from "../../kernel/index.ts";
import type { Mode } from "../../mmu/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import { ProgramUse } from "../files/programUse.ts";
import { down, pageBytes } from "./page.ts";
import { UserMemory } from "./userMemory.ts";

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
  /** Bytes of a hugetlb page; 0 or left out: small pages. */
  readonly hugeBytes?: number;
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
  /** VM_LOCKED, perhaps with VM_LOCKONFAULT, for all that is mapped from now on (MCL_FUTURE); otherwise 0. */
  futureLock = 0;

  /** The files that exec has made it of, and a fork has from another. */
  files = new ProgramUse();

  /** Where no gap of so many bytes is: above an address, until a mapping goes. */
  #noGap = { releases: -1, bytes: 0, above: 0 };

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
    this.mm.stackLimit = from.mm.stackLimit;
    this.files = from.files.share();
    this.mm.refusesHugePages = from.mm.refusesHugePages;
    Object.assign(this, { startBrk, brk, argStart, argEnd, envStart, envEnd, startStack, auxv, exe, sigreturn });
  }

  /** Adds a mapping where there is none. */
  map({ start, end, flags, file = null, pgoff = 0, hugeBytes = 0 }: UserMapping): Vma {
    const huge = hugeBytes === 0 ? {} : { hugePageSize: BigInt(hugeBytes) };
    // whoever looks for what was written does not know what is new
    const all = (hugeBytes === 0 ? accountedFlags(flags) : flags) | vmFlag.VM_SOFTDIRTY;
    return this.mm.addVma({ start: BigInt(start), end: BigInt(end), flags: all, file, pgoff, ...huge });
  }

  /** {@link map}, which becomes a part of a neighbour that is like it. */
  mapMerged(mapping: UserMapping): void {
    this.map(mapping);
    this.merge(mapping.start, mapping.end);
  }

  merge(start: number, end: number): void {
    this.mm.mmapLock.writing(() => mergeVmas(this.mm, BigInt(start), BigInt(end)));
  }

  /** Removes what is mapped in a range of whole pages. 0, or -EINVAL where it ends in the middle of a hugetlb page. */
  unmap(start: number, end: number): number {
    return this.mm.mmapLock.writing(() => unmapRange(this.mm, BigInt(start), BigInt(end)));
  }

  /** Whether nothing is mapped in a range. */
  isFree(start: number, end: number): boolean {
    const next = this.mm.findVma(BigInt(start));
    return next === null || Number(next.vmStart) >= end;
  }

  /** Bytes of addresses in use. */
  get mappedBytes(): number {
    return this.mm.totalPages * pageBytes;
  }

  /** Whether a private mapping may become larger by so much: not by more than all memory and swap space. */
  mayCommit(bytes: number): boolean {
    const { frames, swap } = this.mm.memory;
    return bytes <= (frames.frames + swap.slots) * pageBytes;
  }

  /** The highest gap of a size below {@link mmapBase}, at a multiple of `align`; undefined: there is none. */
  findGap(bytes: number, align = pageBytes): number | undefined {
    const { releases } = this.mm.vmas;
    const isKnown = this.#noGap.releases === releases && bytes >= this.#noGap.bytes;
    let end = isKnown ? this.#noGap.above : this.mmapBase;
    // a search for more, or for what is aligned, may pass by a gap that is large enough
    const learns = align === pageBytes && (!isKnown || bytes === this.#noGap.bytes);
    for (let vma = this.mm.lastBefore(BigInt(end)); vma !== null; vma = this.mm.lastBefore(vma.vmStart)) {
      const start = down(end - bytes, align);
      if (start >= Number(vma.vmEnd)) {
        if (learns) this.#noGap = { releases, bytes, above: end };
        return start;
      }
      end = Math.min(end, Number(vma.vmStart));
    }
    const start = down(end - bytes, align);
    return start >= pageBytes * 16 ? start : undefined;
  }

  /** Whether a file is mapped so that what is written to memory is written to it. */
  get sharesFiles(): boolean {
    return [...this.mm.vmas].some(({ vmFile, vmFlags }) => vmFile !== null && (vmFlags & vmFlag.VM_SHARED) !== 0);
  }

  /** Gives everything back but the root table. */
  destroy(): void {
    this.mm.mmapLock.writing(() => exitMm(this.mm));
    this.mm.freeTable(this.mm.tables.root);
    this.files.release();
  }
}

/** Linux's PROT_ bits as vm_flags, with all that mprotect may add later. */
export function vmFlagsOf(prot: number): number {
  return (prot & 7) | vmFlag.VM_MAYREAD | vmFlag.VM_MAYWRITE | vmFlag.VM_MAYEXEC;
}
