import {
  bytesOfLevel,
  type Folio,
  FolioWalk,
  FW_LEVEL_PTE,
  folioWalkEnd,
  folioWalkStart,
  type MmStruct,
} from "../index.ts";

/** What an mm maps, by folio and by node. */
export interface PageCount {
  /** Small pages that are mapped. */
  pages: number;
  /** Pages of each folio. */
  readonly byFolio: Map<Folio, number>;
  /** Pages of each node of memory. */
  readonly byNode: Map<number, number>;
}

/**
 * Counts the pages of [start, end) through {@link folioWalkStart}, one entry at a time. The mmap lock must be held.
 *
 * @param nodeOf the node that a frame belongs to; without it all is node 0
 */
export function countPages(
  mm: MmStruct,
  start: bigint,
  end: bigint,
  nodeOf: (pfn: number) => number = () => 0,
): PageCount {
  const count: PageCount = { pages: 0, byFolio: new Map(), byNode: new Map() };
  const fw = new FolioWalk();
  let addr = start;
  for (let vma = mm.findVma(addr); vma !== null && addr < end; vma = mm.findVma(addr)) {
    if (addr < vma.vmStart) addr = vma.vmStart;
    const last = vma.vmEnd < end ? vma.vmEnd : end;
    while (addr < last) {
      const folio = folioWalkStart(fw, vma, addr);
      const size = folio === null || fw.level === FW_LEVEL_PTE ? bytesOfLevel[0] : bytesOfLevel[fw.level];
      let next = (addr & -size) + size;
      if (last < next) next = last;
      if (folio !== null) {
        const pages = Number((next - addr) / bytesOfLevel[0]);
        const node = nodeOf(fw.page!.pfn);
        count.pages += pages;
        count.byFolio.set(folio, (count.byFolio.get(folio) ?? 0) + pages);
        count.byNode.set(node, (count.byNode.get(node) ?? 0) + pages);
        folioWalkEnd(fw, vma);
      }
      addr = next;
    }
  }
  return count;
}
