import { errno, guardEntry } from "../pagewalk/index.ts";
import { zapRange } from "../pagewalk/users/index.ts";
import { mapped, setLeaf } from "./fault.ts";
import type { Vma } from "./vma.ts";

const hugeBytes = 2n << 20n;
const hugePages = 512;
const hugeOrder = 9;

/**
 * `madvise(MADV_COLLAPSE)` for a part of a VMA of private anonymous memory: its small pages become huge ones. The mmap
 * lock is held. 0, -EINVAL where all is in one huge page that is not whole, or a guard is in the way, -EAGAIN for pages
 * that others have as well, -ENOMEM.
 */
export function collapse(vma: Vma, start: bigint, end: bigint): number {
  const first = (start + hugeBytes - 1n) & -hugeBytes;
  if (first > end || vma.hugetlb !== null) return -errno.EINVAL;
  for (let addr = first; addr + hugeBytes <= end; addr += hugeBytes) {
    const result = collapseOne(vma, addr);
    if (result !== 0) return result;
  }
  return 0;
}

function collapseOne(vma: Vma, start: bigint): number {
  const mm = vma.vmMm;
  const { memory } = mm;
  const vpn = mm.tables.vpnOf(start);
  const before = mm.lowestEntry(vpn);
  if (before.level === 1 && before.isLeaf && !mm.isHugeZeroPfn(before.pfn)) return 0;
  const huge = memory.allocateFolio(hugeOrder);
  if (huge === undefined) return -errno.ENOMEM;
  for (let page = 0; page < hugePages; page++) {
    const entry = mm.seekLowest(vpn + page);
    if (!entry.isPresent && entry.get() === guardEntry) {
      memory.put(huge);
      return -errno.EINVAL;
    }
    const folio = entry.isLeaf ? memory.folioOf(entry.pfn) : undefined;
    const isOwn = folio?.isAnon === true && (folio.mapCount === 1 || !folio.wasForked);
    const isPlain = entry.isNone || mm.isZeroPfn(entry.pfn) || isOwn;
    if (!isPlain || (entry.level > 0 && !entry.isNone)) {
      memory.put(huge);
      return -errno.EAGAIN;
    }
    if (entry.isLeaf) memory.bytesOf(huge.pfn + page).set(memory.bytesOf(entry.pfn));
  }
  memory.memory.written(huge.pfn * 4096, Number(hugeBytes));
  zapRange(vma, start, start + hugeBytes);
  const pmd = mm.lowestEntry(vpn);
  const table = mm.entryAt(vpn, 1);
  if (table === null) {
    memory.put(huge);
    return -errno.ENOMEM;
  }
  if (pmd.level === 0) {
    table.setHalves(0, 0);
    mm.freeTable(pmd.inTable);
  }
  mapped(mm, huge, hugePages);
  vma.hasAnon = true;
  setLeaf(table, vma, huge.pfn, true);
  return 0;
}
