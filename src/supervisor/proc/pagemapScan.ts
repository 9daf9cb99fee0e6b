import type { Vma } from "../../kernel/index.ts";
import { pagemapBit, readPagemap } from "../../pagewalk/users/index.ts";
import { errno } from "../errno.ts";
import { pageBytes } from "../memory/page.ts";
import type { UserMm } from "../memory/userMm.ts";
import type { Task } from "../task.ts";

/** `PAGEMAP_SCAN`, `linux/fs.h`. */
const scanRequest = 0xc060_6610;
const argBytes = 96;
const regionBytes = 24;
/** PM_SCAN_ flags. Nothing here is watched for writes, so there is nothing that either finds. */
const scanFlag = { WP_MATCHING: 1, CHECK_WPASYNC: 2 } as const;

/** PAGE_IS_ categories of pages. */
const category = {
  WRITTEN: 2,
  FILE: 4,
  PRESENT: 8,
  SWAPPED: 16,
  PFNZERO: 32,
  HUGE: 64,
  SOFT_DIRTY: 128,
  GUARD: 256,
} as const;
const allCategories = 511;
/** Pages that are looked at together. */
const batch = 512;
const pfnMask = (1n << 55n) - 1n;

/** What is looked for, and what of it is told: categories. */
interface Wanted {
  readonly inverted: number;
  readonly all: number;
  readonly any: number;
  readonly told: number;
}

interface Region {
  readonly start: number;
  end: number;
  readonly categories: number;
}

/** Collects pages into regions, until there are as many of either as there may be. */
class Regions {
  readonly found: Region[] = [];
  readonly #most: number;
  #pagesLeft: number;

  constructor(most: number, pages: number) {
    this.#most = most;
    this.#pagesLeft = pages;
  }

  /** False: there is no room for this page. */
  add(start: number, categories: number): boolean {
    if (this.#pagesLeft === 0) return false;
    const last = this.found.at(-1);
    if (last !== undefined && last.end === start && last.categories === categories) last.end += pageBytes;
    else if (this.found.length === this.#most) return false;
    else this.found.push({ start, end: start + pageBytes, categories });
    this.#pagesLeft--;
    return true;
  }
}

function categoriesOf({ mm }: UserMm, vma: Vma, address: number, word: bigint): number {
  let found: number = category.WRITTEN;
  const add = (bit: bigint, what: number) => {
    if ((word & bit) !== 0n) found |= what;
  };
  add(pagemapBit.file, category.FILE);
  add(pagemapBit.swap, category.SWAPPED);
  add(pagemapBit.softDirty, category.SOFT_DIRTY);
  add(pagemapBit.guard, category.GUARD);
  if ((word & pagemapBit.present) === 0n) return found;
  const pfn = Number(word & pfnMask);
  if (mm.isZeroPfn(pfn) || mm.isHugeZeroPfn(pfn)) found |= category.PFNZERO;
  if (vma.hugetlb !== null || mm.seekLowest(address / pageBytes).level > 0) found |= category.HUGE;
  return found | category.PRESENT;
}

/** Goes through [start, end). Where it ended. */
function scan(mm: UserMm, start: number, end: number, wanted: Wanted, regions: Regions): number {
  for (let vma = mm.mm.findVma(BigInt(start)); vma !== null; vma = mm.mm.findVma(vma.vmEnd)) {
    const last = Math.min(end, Number(vma.vmEnd));
    for (let at = Math.max(start, Number(vma.vmStart)); at < last; at += batch * pageBytes) {
      const words = readPagemap(mm.mm, BigInt(at), BigInt(Math.min(last, at + batch * pageBytes)));
      for (let page = 0; page < words.length; page++) {
        const address = at + page * pageBytes;
        const categories = categoriesOf(mm, vma, address, words[page]);
        const compared = categories ^ wanted.inverted;
        if ((compared & wanted.all) !== wanted.all) continue;
        if (wanted.any !== 0 && (compared & wanted.any) === 0) continue;
        if (!regions.add(address, categories & wanted.told)) return address;
      }
    }
  }
  return end;
}

/** ioctls of /proc/PID/pagemap: there is PAGEMAP_SCAN, whose answer is how many regions it has found. */
export function pagemapIoctl(of: Task, task: Task, request: number, argument: number): number {
  if (request !== scanRequest) return -errno.EINVAL;
  const { memory } = task;
  const arg = memory.read(argument, argBytes);
  const view = new DataView(arg.buffer);
  const [size, flags, start, end, , vector, room, pages, ...masks] = Array.from({ length: argBytes / 8 }, (_, index) =>
    Number(view.getBigUint64(8 * index, true)),
  );
  if (size !== argBytes || flags > 3 || start % pageBytes !== 0) return -errno.EINVAL;
  if (masks.some((mask) => mask > allCategories)) return -errno.EINVAL;
  const { limit } = of.mm;
  if (end > limit || start > end) return -errno.EFAULT;
  if (vector === 0 && room !== 0) return -errno.EINVAL;
  const last = Math.ceil(end / pageBytes) * pageBytes;
  const { mm } = of.mm;
  const isEmpty = (mm.findVma(BigInt(start))?.vmStart ?? BigInt(last)) >= BigInt(last);
  if ((flags & scanFlag.CHECK_WPASYNC) !== 0 && !isEmpty) return -errno.EPERM;
  const regions = new Regions(vector === 0 ? 0 : room, pages || Number.POSITIVE_INFINITY);
  const [inverted, all, any, told] = masks;
  const watched = (flags & scanFlag.WP_MATCHING) !== 0;
  const ended = watched
    ? last
    : mm.mmapLock.reading(() => scan(of.mm, start, last, { inverted, all, any, told }, regions));
  regions.found.forEach((region, index) => {
    const at = vector + regionBytes * index;
    memory.setLong(at, region.start);
    memory.setLong(at + 8, region.end);
    memory.setLong(at + 16, region.categories);
  });
  memory.setLong(argument + 32, ended);
  return regions.found.length;
}
