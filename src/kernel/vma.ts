import { type Hugetlb, type VmArea, vmFlag } from "../pagewalk/index.ts";
import type { FileMapping } from "./fileMapping.ts";
import { PerVmaLock, RwLock } from "./lock.ts";
import type { Mm } from "./mm.ts";

/** What a VMA is made of. */
export interface VmaOptions {
  readonly start: bigint;
  readonly end: bigint;
  /** Bits of `vmFlag`. */
  readonly flags: number;
  readonly file?: FileMapping | null;
  readonly pgoff?: number;
  /** Page size of a hugetlb VMA in bytes. */
  readonly hugePageSize?: bigint;
  /** `PR_SET_VMA_ANON_NAME`. */
  readonly anonName?: string | undefined;
}

/** `vm_area_struct`. Its range changes only through its {@link Mm}. */
export class Vma implements VmArea {
  readonly vmMm: Mm;
  vmStart: bigint;
  vmEnd: bigint;
  vmFlags: number;
  readonly vmFile: FileMapping | null;
  vmPgoff: number;
  anonName: string | undefined;
  /** It has had anonymous pages: Linux's `anon_vma`. */
  hasAnon = false;
  /** Some of its pages were given up with MADV_FREE. */
  hasLazyFree = false;
  readonly vmLock: PerVmaLock;
  readonly hugetlb: (Hugetlb & { readonly lock: RwLock }) | null;

  constructor(mm: Mm, options: VmaOptions) {
    const { start, end, flags, file = null, pgoff = 0, hugePageSize } = options;
    const name = `VMA at 0x${start.toString(16)} of ${mm.name}`;
    this.vmMm = mm;
    this.vmStart = start;
    this.vmEnd = end;
    this.vmFlags = flags;
    this.vmFile = file;
    this.vmPgoff = pgoff;
    this.anonName = options.anonName;
    this.vmLock = new PerVmaLock(`lock of ${name}`, mm.mmapLock);
    this.hugetlb =
      hugePageSize === undefined ? null : { pageSize: hugePageSize, lock: new RwLock(`hugetlb lock of ${name}`) };
  }

  /** Number of small pages. */
  get pages(): number {
    return Number((this.vmEnd - this.vmStart) / 4096n);
  }

  /** What makes another like it. */
  get options(): VmaOptions {
    const { vmStart, vmEnd, vmFlags, vmFile, vmPgoff, hugetlb, anonName } = this;
    const huge = hugetlb === null ? {} : { hugePageSize: hugetlb.pageSize };
    return { start: vmStart, end: vmEnd, flags: vmFlags, file: vmFile, pgoff: vmPgoff, anonName, ...huge };
  }

  /** The page offset in the file of the page at an address. */
  pgoffOf(addr: bigint): number {
    return this.vmPgoff + Number((addr - this.vmStart) / 4096n);
  }
}

/** vm_flags of small pages with VM_ACCOUNT where they are so much memory promised: private ones that may be written. */
export function accountedFlags(flags: number): number {
  const { VM_WRITE, VM_SHARED, VM_NORESERVE, VM_ACCOUNT } = vmFlag;
  return (flags & (VM_WRITE | VM_SHARED | VM_NORESERVE)) === VM_WRITE ? flags | VM_ACCOUNT : flags;
}
