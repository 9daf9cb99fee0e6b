import { pteA, pteD, pteW } from "../mmu/pte.ts";
import { type EntryPtr, hugePteOffset, hugeSize, vmFlag } from "../pagewalk/index.ts";
import { type FaultAnswer, faultAnswer, mapped, setLeaf } from "./fault.ts";
import type { FolioFrames } from "./folio.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

/**
 * The pages of a hugetlb VMA with a promise (VM_ACCOUNT) that no fault has taken: nobody needs them when it goes.
 */
export function promisedPages(mm: Mm, vma: Vma): number {
  const { pageSize } = vma.hugetlb!;
  if ((vma.vmFlags & vmFlag.VM_ACCOUNT) === 0) return 0;
  let promised = 0;
  for (let addr = vma.vmStart; addr < vma.vmEnd; addr += pageSize) {
    const entry = hugePteOffset(mm.tables, addr, pageSize);
    const isTaken = vma.vmFile === null ? entry !== null && !entry.isNone : vma.vmFile.hasPage(vma.pgoffOf(addr));
    if (!isTaken) promised++;
  }
  return promised;
}

/** `hugetlb_fault`: a page from the pool, from the file that is shared, or a copy of one that fork has shared. */
export function faultHugetlb(mm: Mm, vma: Vma, addr: bigint, writes: boolean): FaultAnswer {
  const { pageSize } = vma.hugetlb!;
  const { level } = hugeSize(pageSize);
  const start = addr & -pageSize;
  if (mm.entryFor(start, level) === null) return faultAnswer.noMemory;
  const entry = hugePteOffset(mm.tables, start, pageSize);
  if (entry === null) return faultAnswer.noMemory;
  if (!entry.isLeaf) return mapHuge(mm, vma, entry, start, writes);
  if (!writes || entry.w) {
    entry.changeFlags(writes ? pteA | pteD : pteA, 0);
    return faultAnswer.done;
  }
  const owner = mm.memory.folioOf(entry.ppn)!;
  const isShared = (vma.vmFlags & vmFlag.VM_SHARED) !== 0;
  if (isShared || owner.mapCount === 2 ** owner.order) {
    entry.changeFlags(pteW | pteA | pteD, 0);
    return faultAnswer.done;
  }
  const copy = mm.memory.hugetlbPool(pageSize).take(false);
  if (copy === undefined) return faultAnswer.noPage;
  const { memory } = mm.memory;
  memory.write(copy.pfn * 4096, memory.read(owner.pfn * 4096, Number(pageSize)));
  setHuge(vma, entry, copy, true);
  mm.folioUnmapped(owner, 2 ** owner.order);
  return faultAnswer.done;
}

function mapHuge(mm: Mm, vma: Vma, entry: EntryPtr, start: bigint, writes: boolean): FaultAnswer {
  const file = vma.vmFile;
  const index = vma.pgoffOf(start);
  const there = file?.pages.get(index);
  const pool = mm.memory.hugetlbPool(vma.hugetlb!.pageSize);
  const folio = there ?? pool.take((vma.vmFlags & vmFlag.VM_ACCOUNT) !== 0, file, index);
  if (folio === undefined) return faultAnswer.noPage;
  if (there !== undefined) folio.refCount++;
  else if (file !== null) file.add(folio, mm.memory);
  setHuge(vma, entry, folio, writes);
  return faultAnswer.done;
}

/** Maps a huge page, to which the caller's reference goes. */
function setHuge(vma: Vma, entry: EntryPtr, folio: FolioFrames, writes: boolean): void {
  mapped(vma.vmMm, folio, 2 ** folio.order);
  // a page of 64 KiB is sixteen entries alike, whose frame says how many
  const isNapot = entry.count > 1;
  setLeaf(entry, vma, isNapot ? folio.pfn + entry.count / 2 : folio.pfn, writes, isNapot);
}
