import { pteA, pteW } from "../mmu/pte.ts";
import {
  ACTION_CONTINUE,
  type EntryPtr,
  errno,
  guardEntry,
  holdsPage,
  isSwap,
  type MmWalk,
  type MmWalkOps,
  normalPage,
  softEntryAt,
  vmFlag,
  walkPageVma,
} from "../pagewalk/index.ts";
import type { FolioFrames } from "./folio.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

/** What a child's VMAs do not have of their parent's. */
const notInherited = vmFlag.VM_LOCKED | vmFlag.VM_LOCKONFAULT;
/** Nor the huge pages that it was promised. */
const notInheritedHuge = notInherited | vmFlag.VM_ACCOUNT;

/**
 * `dup_mmap`: gives an empty address space the VMAs of another, and what private ones have mapped: the pages belong to
 * both, and are written by neither until it has its own copy. Shared mappings find their pages again by faults; their
 * guards are copied.
 *
 * @returns 0, or -ENOMEM: then what is there already is the caller's to take apart
 */
export function copyMm(from: Mm, to: Mm): number {
  return from.mmapLock.writing(() =>
    to.mmapLock.writing(() => {
      for (const vma of from.vmas) {
        if ((vma.vmFlags & vmFlag.VM_DONTCOPY) !== 0) continue;
        const copy = to.addVma({
          ...vma.options,
          flags: vma.vmFlags & ~(vma.hugetlb === null ? notInherited : notInheritedHuge),
        });
        copy.hasAnon = vma.hasAnon;
        copy.hasLazyFree = vma.hasLazyFree;
        if ((vma.vmFlags & vmFlag.VM_WIPEONFORK) !== 0) continue;
        const result = walkPageVma(vma, (vma.vmFlags & vmFlag.VM_SHARED) === 0 ? copyOps : guardOps, copy);
        if (result !== 0) return result;
      }
      return 0;
    }),
  );
}

const copyHuge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (entry.isTable) return 0;
  walk.action = ACTION_CONTINUE;
  return copyEntry(entry, addr, next, walk);
};

const copyOps: MmWalkOps = {
  pudEntry: copyHuge,
  pmdEntry: copyHuge,
  pteEntry: copyEntry,
  hugetlbEntry: (entry, _hmask, addr, next, walk) => copyEntry(entry, addr, next, walk),
};

/** Of shared mappings only guards are copied. */
const guardOps: MmWalkOps = {
  pudEntry: passHuge,
  pmdEntry: passHuge,
  pteEntry: (entry, addr, next, walk) => {
    const isGuard = !entry.isNone && !entry.isPresent && entry.get() === guardEntry;
    return isGuard ? copyEntry(entry, addr, next, walk) : 0;
  },
};

function passHuge(entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number {
  if (!entry.isTable) walk.action = ACTION_CONTINUE;
  return 0;
}

/** Puts an entry into the child's tables: pages read-only in both, with a reference and a mapping more. */
function copyEntry(entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number {
  if (entry.isNone) return 0;
  const copy = walk.private as Vma;
  const target = copy.vmMm.entryAt(entry.vpn, entry.level);
  if (target === null) return -errno.ENOMEM;
  target.count = entry.count;
  if (holdsPage(entry)) {
    const page = normalPage(walk.mm, walk.vma!, entry, entry.pfn);
    if (page !== null) {
      const folio = page.folio as FolioFrames;
      const pages = 512 ** entry.level * entry.count;
      copy.vmMm.folioMapped(folio, pages);
      folio.refCount += pages;
      folio.wasForked = true;
    }
    if (entry.w) entry.changeFlags(0, pteW);
    // A is about who used the page: the child has not
    target.setHalves(entry.isPresent ? entry.lo & ~pteA : entry.lo, entry.hi);
    return 0;
  }
  const soft = softEntryAt(entry);
  if (isSwap(soft)) copy.vmMm.memory.swap.share(soft!.offset);
  target.setHalves(entry.lo, entry.hi);
  return 0;
}
