import {
  ACTION_CONTINUE,
  bytesOfLevel,
  type EntryPtr,
  holdsPage,
  isMigration,
  isSwap,
  type MmStruct,
  type MmWalk,
  type MmWalkOps,
  normalPage,
  softEntryAt,
  type VmArea,
  vmFlag,
  walkPageVma,
} from "../index.ts";

/** What `/proc/PID/smaps` says of one VMA, in bytes. */
export interface Smaps {
  readonly vma: VmArea;
  size: number;
  rss: number;
  /** Each page divided by how often it is mapped. */
  pss: number;
  pssDirty: number;
  sharedClean: number;
  sharedDirty: number;
  privateClean: number;
  privateDirty: number;
  referenced: number;
  anonymous: number;
  /** Given up with MADV_FREE, and not written to since. */
  lazyFree: number;
  anonHugePages: number;
  sharedHugetlb: number;
  privateHugetlb: number;
  swap: number;
}

const countLeaf = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  const smaps = walk.private as Smaps;
  const bytes = Number(next - addr);
  if (!holdsPage(entry)) {
    const soft = softEntryAt(entry);
    if (isSwap(soft)) smaps.swap += bytes;
    else if (isMigration(soft)) smaps.rss += bytes;
    return 0;
  }
  const offset = Number((addr & (bytesOfLevel[entry.level] - 1n)) >> 12n);
  const page = normalPage(walk.mm, walk.vma!, entry, entry.pfn + offset);
  if (page === null) return 0;
  const { folio } = page;
  const mapped = folio.mapCount / 2 ** folio.order;
  const isShared = mapped > 1;
  const isDirty = entry.d || folio.dirty;
  smaps.rss += bytes;
  const pss = bytes / Math.max(mapped, 1);
  smaps.pss += pss;
  if (isDirty) smaps.pssDirty += pss;
  if (isDirty) smaps[isShared ? "sharedDirty" : "privateDirty"] += bytes;
  else smaps[isShared ? "sharedClean" : "privateClean"] += bytes;
  if (entry.a || folio.referenced) smaps.referenced += bytes;
  if (folio.isAnon) smaps.anonymous += bytes;
  if (folio.lazyFree && !isDirty) smaps.lazyFree += bytes;
  if (folio.isAnon && entry.level === 1) smaps.anonHugePages += bytes;
  return 0;
};

const countHuge = (entry: EntryPtr, addr: bigint, next: bigint, walk: MmWalk): number => {
  if (!entry.isLeaf) return 0;
  walk.action = ACTION_CONTINUE;
  return countLeaf(entry, addr, next, walk);
};

const ops: MmWalkOps = {
  pudEntry: countHuge,
  pmdEntry: (pmd, addr, next, walk) => {
    // A huge page on its way is counted as a whole, and must not be split for it.
    if (pmd.isPresent) return countHuge(pmd, addr, next, walk);
    walk.action = ACTION_CONTINUE;
    return countLeaf(pmd, addr, next, walk);
  },
  pteEntry: countLeaf,
  hugetlbEntry: (entry, _hmask, addr, next, walk) => {
    const smaps = walk.private as Smaps;
    const page = entry.isLeaf ? walk.mm.pageOf(entry.pfn) : null;
    if (page === null) return 0;
    const isShared = page.folio.mapCount > 2 ** page.folio.order;
    smaps[isShared ? "sharedHugetlb" : "privateHugetlb"] += Number(next - addr);
    return 0;
  },
};

/** The memory that each VMA of an mm uses. The mmap lock must be held. */
export function readSmaps(mm: MmStruct): Smaps[] {
  const all: Smaps[] = [];
  for (let vma = mm.findVma(0n); vma !== null; vma = mm.findVma(vma.vmEnd)) {
    const smaps = emptySmaps(vma);
    walkPageVma(vma, ops, smaps);
    all.push(smaps);
  }
  return all;
}

function emptySmaps(vma: VmArea): Smaps {
  const zero = {
    rss: 0,
    pss: 0,
    pssDirty: 0,
    lazyFree: 0,
    sharedClean: 0,
    sharedDirty: 0,
    privateClean: 0,
    privateDirty: 0,
  };
  const more = { referenced: 0, anonymous: 0, anonHugePages: 0, sharedHugetlb: 0, privateHugetlb: 0, swap: 0 };
  return { vma, size: Number(vma.vmEnd - vma.vmStart), ...zero, ...more };
}

/** One VMA as the lines of `/proc/PID/smaps`. */
export function formatSmaps(smaps: Smaps): string {
  const { vma } = smaps;
  const has = (flag: number, letter: string) => ((vma.vmFlags & flag) !== 0 ? letter : "-");
  const perms = has(vmFlag.VM_READ, "r") + has(vmFlag.VM_WRITE, "w") + has(vmFlag.VM_EXEC, "x");
  const share = (vma.vmFlags & vmFlag.VM_SHARED) !== 0 ? "s" : "p";
  const hex = (value: bigint | number) => value.toString(16).padStart(8, "0");
  const head = `${hex(vma.vmStart)}-${hex(vma.vmEnd)} ${perms}${share} ${hex(vma.vmPgoff * 4096)} 00:00 0`;
  const pageSize = Number(vma.hugetlb?.pageSize ?? 4096n);
  const rows: [string, number][] = [
    ["Size", smaps.size],
    ["KernelPageSize", pageSize],
    ["MMUPageSize", pageSize],
    ["Rss", smaps.rss],
    ["Pss", smaps.pss],
    ["Shared_Clean", smaps.sharedClean],
    ["Shared_Dirty", smaps.sharedDirty],
    ["Private_Clean", smaps.privateClean],
    ["Private_Dirty", smaps.privateDirty],
    ["Referenced", smaps.referenced],
    ["Anonymous", smaps.anonymous],
    ["AnonHugePages", smaps.anonHugePages],
    ["Shared_Hugetlb", smaps.sharedHugetlb],
    ["Private_Hugetlb", smaps.privateHugetlb],
    ["Swap", smaps.swap],
  ];
  const line = ([name, bytes]: [string, number]) =>
    `${`${name}:`.padEnd(16)} ${String(Math.floor(bytes / 1024)).padStart(7)} kB`;
  return [head, ...rows.map(line)].join("\n");
}
