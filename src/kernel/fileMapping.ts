import type { AddressSpace } from "../pagewalk/index.ts";
import { cleanMapping, unmapMapping, writeProtectMapping } from "../pagewalk/users/index.ts";
import type { FolioFrames } from "./folio.ts";
import { IntervalTree } from "./intervalTree.ts";
import type { KernelMemory } from "./kernelMemory.ts";
import { RwLock } from "./lock.ts";
import type { Vma } from "./vma.ts";

/** Where a file's pages come from when they are not in memory. */
export interface PageSource {
  /** Bytes of the file, as it is now; pages that begin behind them do not exist. */
  readonly size: number;
  /** Fills an array, which is all zero, from an offset as far as the file goes. Returns how many bytes there were. */
  read(offset: number, into: Uint8Array): number;
  /** Takes what was written to the file through a mapping, or cannot now: answers false. Without it nothing can be. */
  write?(offset: number, bytes: Uint8Array): unknown;
  /** Whether a page without a frame here is in memory elsewhere, as system calls have read or written it. */
  holds?(index: number): boolean;
  /** The pages [first, end) are not in memory any more. */
  forgets?(first: number, end: number): void;
}

/** How a file is named in /proc/PID/maps, beside its name. */
export interface FileIdentity {
  readonly major: number;
  readonly minor: number;
  readonly inode: number;
}

/** Pages of a file that a fault maps, and reads, together: 64 KiB, as Linux's `fault_around_bytes`. */
export const pagesAround = 16;
const pageBytes = 4096;
const allPages = 2 ** 40;

interface MappedRange {
  readonly first: number;
  readonly last: number;
  readonly vma: Vma;
}

/** `address_space`: a file's pages in memory, and the VMAs that map it. */
export class FileMapping implements AddressSpace {
  /** Its path, for people; whoever renames the file may change it. */
  name: string;
  identity: FileIdentity = { major: 0, minor: 0, inode: 0 };
  readonly iMmapLock: RwLock;
  /** The page cache: folios by each of their page offsets. */
  readonly pages = new Map<number, FolioFrames>();
  /** undefined: pages that are not in memory are zero, as those of shared memory. */
  readonly source: PageSource | undefined;
  /** Pages of memory that processes share by no name: it is gone with the last mapping. 0: it has a name. */
  readonly anonymousPages: number;
  readonly #vmas = new IntervalTree<MappedRange>();
  readonly #ranges = new Map<Vma, MappedRange>();
  /** Whose frames its pages are in; undefined: there are no pages. */
  #memory: KernelMemory | undefined;

  constructor(name: string, source?: PageSource, anonymousPages = 0) {
    this.name = name;
    this.source = source;
    this.anonymousPages = anonymousPages;
    this.iMmapLock = new RwLock(`i_mmap lock of ${name}`);
  }

  /** Pages that exist, whether in memory or not. */
  get pageCount(): number {
    if (this.source !== undefined) return Math.ceil(this.source.size / pageBytes);
    return this.anonymousPages || allPages;
  }

  get isMapped(): boolean {
    return this.#ranges.size > 0;
  }

  *vmasMapping(first: number, last: number): Generator<Vma> {
    for (const { vma } of this.#vmas.overlapping(first, last)) yield vma;
  }

  hasPage(index: number): boolean {
    return this.pages.has(index) || this.source?.holds?.(index) === true;
  }

  /** A VMA maps the file from now on, or with another range. */
  link(vma: Vma): void {
    this.#remove(vma);
    const range = { first: vma.vmPgoff, last: vma.vmPgoff + vma.pages - 1, vma };
    this.#ranges.set(vma, range);
    this.#vmas.insert(range);
  }

  /** A VMA does not map it any more. With the last one, what was written goes to the file. */
  unlink(vma: Vma): void {
    if (!this.#remove(vma) || this.isMapped) return;
    if (this.anonymousPages > 0) this.#drop(0);
    else this.writeBack();
  }

  #remove(vma: Vma): boolean {
    const range = this.#ranges.get(vma);
    if (range === undefined) return false;
    this.#vmas.remove(range);
    return this.#ranges.delete(vma);
  }

  /** Puts a folio into the page cache. */
  add(folio: FolioFrames, memory?: KernelMemory): void {
    for (let i = 0; i < 2 ** folio.order; i++) this.pages.set(folio.index + i, folio);
    folio.refCount++;
    if (memory === undefined) return;
    this.#memory = memory;
    memory.mappings.add(this);
    if (this.source !== undefined) memory.cachedPages += 2 ** folio.order;
  }

  /** The folio of a page, read in if it is not in memory; undefined: there are no frames left. */
  folioAt(index: number, memory: KernelMemory): FolioFrames | undefined {
    const there = this.pages.get(index);
    if (there !== undefined) return there;
    const folio = memory.allocateFolio(0, this, index);
    if (folio === undefined) return undefined;
    if (this.source !== undefined) {
      this.source.read(index * pageBytes, memory.bytesOf(folio.pfn));
      memory.events.pgpgin += 4;
    }
    this.add(folio, memory);
    memory.put(folio);
    return folio;
  }

  /** Reads the pages about one that is not in memory and is wanted, as long as there is room: those that are not there. */
  readAround(index: number, memory: KernelMemory): void {
    if (this.source === undefined || this.pages.has(index)) return;
    const first = index - (index % pagesAround);
    const count = Math.min(pagesAround, this.pageCount - first);
    if (memory.frames.freeFrames < memory.reclaimBatch + count) return;
    const bytes = new Uint8Array(count * pageBytes);
    this.source.read(first * pageBytes, bytes);
    for (let at = 0; at < count; at++) {
      if (this.pages.has(first + at)) continue;
      const folio = memory.allocateFolio(0, this, first + at);
      if (folio === undefined) return;
      memory.bytesOf(folio.pfn).set(bytes.subarray(at * pageBytes, (at + 1) * pageBytes));
      memory.events.pgpgin += 4;
      this.add(folio, memory);
      memory.put(folio);
    }
  }

  /** Takes a folio out of the page cache, that nothing maps any more. */
  remove(folio: FolioFrames): void {
    for (let i = 0; i < 2 ** folio.order; i++) this.pages.delete(folio.index + i);
    this.source?.forgets?.(folio.index, folio.index + 2 ** folio.order);
    const memory = this.#memory!;
    if (this.source !== undefined) memory.cachedPages -= 2 ** folio.order;
    memory.unmapped.delete(folio);
    memory.put(folio);
    if (this.pages.size === 0) memory.mappings.delete(this);
  }

  /** Bytes of the file as they are: those that processes have written through mappings included. */
  read(offset: number, into: Uint8Array): number {
    const size = this.source?.size ?? 0;
    const count = Math.max(0, Math.min(into.length, size - offset));
    const part = into.subarray(0, count);
    if (count > 0) this.source!.read(offset, part);
    this.#onCached(offset, count, (bytes, at) => part.set(bytes, at));
    return count;
  }

  /** The file was written by something else than a mapping: the pages in memory are to be the same. */
  wrote(offset: number, bytes: Uint8Array): void {
    this.#onCached(offset, bytes.length, (cached, at, pa) => {
      cached.set(bytes.subarray(at, at + cached.length));
      this.#memory!.memory.written(pa, cached.length);
    });
  }

  /** The parts of the cached pages in a range: their bytes, where in the range these are, and their address. */
  #onCached(offset: number, length: number, what: (bytes: Uint8Array, at: number, pa: number) => void): void {
    if (this.pages.size === 0) return;
    for (let at = 0; at < length; ) {
      const inPage = (offset + at) % pageBytes;
      const size = Math.min(pageBytes - inPage, length - at);
      const index = Math.floor((offset + at) / pageBytes);
      const folio = this.pages.get(index);
      if (folio !== undefined) {
        const pfn = folio.pfn + index - folio.index;
        what(this.#memory!.bytesOf(pfn).subarray(inPage, inPage + size), at, pfn * pageBytes + inPage);
      }
      at += size;
    }
  }

  /**
   * The file has a new size, which its source says already: what is mapped behind it goes, private copies too, and the
   * rest of the last page is zero.
   */
  truncate(size: number): void {
    this.#drop(Math.ceil(size / pageBytes));
    this.clearBehind(size);
  }

  /** The rest of the page that a file ends in is zero, whatever mappings have left there: before the file grows. */
  clearBehind(size: number): void {
    if (size % pageBytes !== 0) this.wrote(size, new Uint8Array(pageBytes - (size % pageBytes)));
  }

  /** Unmaps the pages from an index on, or up to another, and forgets them: `truncate`, and MADV_REMOVE. */
  #drop(first: number, end = allPages): void {
    if (this.pages.size === 0 && !this.isMapped) return;
    if (this.isMapped) this.iMmapLock.writing(() => unmapMapping(this, first, end - first));
    for (const folio of this.#foliosIn(first, end)) this.remove(folio);
  }

  /** Makes a hole of whole pages: what is there is zero from now on. */
  punch(first: number, end: number): void {
    this.source?.write?.(first * pageBytes, new Uint8Array((end - first) * pageBytes));
    this.source?.forgets?.(first, end);
    this.#drop(first, end);
  }

  /** The folios that begin in [first, end), in their order. */
  #foliosIn(first: number, end: number): FolioFrames[] {
    const found = new Set<FolioFrames>();
    if (end - first < this.pages.size) {
      for (let index = first; index < end; index++) {
        const folio = this.pages.get(index);
        if (folio !== undefined && folio.index >= first) found.add(folio);
      }
      return [...found];
    }
    for (const folio of this.pages.values()) if (folio.index >= first && folio.index < end) found.add(folio);
    return [...found].sort((a, b) => a.index - b.index);
  }

  /**
   * Writes to the file what was written through mappings to the pages [first, end), and keeps what that does not take.
   * Returns how many pages.
   */
  writeBack(first = 0, end = allPages): number {
    const { source } = this;
    if (source?.write === undefined || this.#memory === undefined) return 0;
    const dirty = this.#foliosIn(first, end).filter((folio) => folio.dirty);
    if (dirty.length === 0) return 0;
    // the next write is to be heard of: it makes the page dirty again
    this.iMmapLock.reading(() => {
      writeProtectMapping(this, first, end - first);
      cleanMapping(this, first, end - first);
    });
    let written = 0;
    for (const folio of dirty) {
      const offset = folio.index * pageBytes;
      const length = Math.min(pageBytes, source.size - offset);
      folio.dirty = length > 0 && source.write(offset, this.#memory.bytesOf(folio.pfn).slice(0, length)) === false;
      if (!folio.dirty) written++;
    }
    return written;
  }
}
