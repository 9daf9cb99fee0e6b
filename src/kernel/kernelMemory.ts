import type { PhysicalMemory } from "../memory/physical.ts";
import type { PageTablesOptions } from "../pagewalk/index.ts";
import type { FileMapping } from "./fileMapping.ts";
import { FolioFrames, type FolioPage } from "./folio.ts";
import { FrameAllocator } from "./frameAllocator.ts";
import { HugetlbPool } from "./hugetlbPool.ts";
import type { Mm } from "./mm.ts";
import { SwapSpace } from "./swapSpace.ts";
import { VmEvents } from "./vmEvents.ts";

/** Which private memory gets huge pages at a fault: what Linux has in `transparent_hugepage/enabled`. */
export type HugePagePolicy = "always" | "madvise" | "never";

/** What a kernel's memory is made of. */
export interface KernelMemoryOptions {
  readonly memory: PhysicalMemory;
  /** Harts whose TLBs must be kept coherent. */
  readonly harts?: NonNullable<PageTablesOptions["harts"]>;
  /** The frames that it may use; all RAM by default. */
  readonly firstPfn?: number;
  readonly frames?: number;
  /** `madvise` by default. */
  readonly hugePages?: HugePagePolicy | undefined;
  /** Bytes of swap space; none by default. */
  readonly swapBytes?: number | undefined;
}

const pageBytes = 4096;
const hugeOrder = 9;
const chunkFrames = 512;
/** 32 MiB. */
const mostCachedAlways = 8192;

/** A kernel's physical memory: free frames, folios, tables, the shared zero pages and the hugetlb pools. */
export class KernelMemory {
  readonly memory: PhysicalMemory;
  readonly harts: NonNullable<PageTablesOptions["harts"]>;
  readonly frames: FrameAllocator;
  /** Tables that may still be allocated; tests of -ENOMEM lower it. */
  tableLimit = Number.POSITIVE_INFINITY;
  readonly hugePages: HugePagePolicy;
  readonly swap: SwapSpace;
  readonly events = new VmEvents();
  /** The address spaces, in the order in which reclaim will come to them. */
  readonly mms = new Set<Mm>();
  /** The files with pages here. */
  readonly mappings = new Set<FileMapping>();
  /** Folios of files that nothing maps, or did not when they came here, in the order in which they came. */
  readonly unmapped = new Set<FolioFrames>();
  /** Pages of files here that can be read again, and how many of them reclaim leaves to programs to run with. */
  cachedPages = 0;
  readonly cachedAlways: number;
  /** Frames that are made free together where there are none. */
  readonly reclaimBatch: number;
  /** The folio of each frame, by chunks of 512 frames. */
  readonly #folios: (FolioFrames | undefined)[][] = [];
  readonly #pools = new Map<bigint, HugetlbPool>();
  #zero: FolioFrames | undefined;
  #hugeZero: FolioFrames | undefined;

  constructor(options: KernelMemoryOptions) {
    const { memory } = options;
    const firstPfn = options.firstPfn ?? memory.ramBase / pageBytes;
    const ramEnd = Math.floor((memory.ramBase + memory.ramBytes) / pageBytes);
    this.memory = memory;
    this.harts = options.harts ?? [];
    this.hugePages = options.hugePages ?? "madvise";
    this.swap = new SwapSpace(options.swapBytes ?? 0);
    const frames = options.frames ?? ramEnd - firstPfn;
    this.frames = new FrameAllocator(firstPfn, frames);
    this.cachedAlways = Math.min(Math.floor(frames / 16), mostCachedAlways);
    this.reclaimBatch = Math.min(Math.max(Math.floor(frames / 128), 32), 256);
  }

  /** A zeroed folio with one reference, the caller's; undefined: memory is exhausted. */
  allocateFolio(order = 0, mapping: FileMapping | null = null, index = 0): FolioFrames | undefined {
    const pfn = this.frames.allocate(order);
    if (pfn === undefined) return undefined;
    this.#zeroFrames(pfn, order);
    return this.adopt(new FolioFrames(pfn, order, mapping, index));
  }

  /** Makes a folio known, so that {@link pageOf} finds it. */
  adopt(folio: FolioFrames): FolioFrames {
    this.#setFolio(folio.pfn, folio.order, folio);
    return folio;
  }

  /** References are given back; with the last one, the frames are. */
  put(folio: FolioFrames, references = 1): void {
    folio.refCount -= references;
    if (folio.refCount > 0) {
      if (folio.refCount === 1 && folio.mapping?.source !== undefined) this.unmapped.add(folio);
      return;
    }
    if (folio.refCount < 0)
      throw new Error(`folio at frame 0x${folio.pfn.toString(16)}: too many references given back`);
    this.#setFolio(folio.pfn, folio.order, undefined);
    if (folio.fromPool === null) this.frames.free(folio.pfn, folio.order);
    else this.hugetlbPool(folio.fromPool).giveBack(folio.pfn);
  }

  /** The bytes of a frame themselves. Whoever writes them tells `memory.written`, unless they were just allocated. */
  bytesOf(pfn: number): Uint8Array {
    const at = this.memory.hostOf(pfn * pageBytes);
    return this.memory.bytes.subarray(at, at + pageBytes);
  }

  /** The page of a frame that belongs to a folio, or null. */
  pageOf(pfn: number): FolioPage | null {
    return this.folioOf(pfn)?.pageAt(pfn) ?? null;
  }

  /** The folio that a frame belongs to, if any. */
  folioOf(pfn: number): FolioFrames | undefined {
    const at = pfn - this.frames.firstPfn;
    return this.#folios[Math.floor(at / chunkFrames)]?.[at % chunkFrames];
  }

  /**
   * Makes a folio of each page of a large one that nobody but entries of single pages keeps, each of which maps another
   * page of it. False: it is not so.
   */
  splitFolio(folio: FolioFrames): boolean {
    const pages = 2 ** folio.order;
    if (folio.refCount !== pages || folio.mapCount !== pages || folio.wasForked || !folio.isAnon) return false;
    if (folio.fromPool !== null) return false;
    this.frames.split(folio.pfn, folio.order);
    for (let i = 0; i < pages; i++) {
      const part = this.adopt(new FolioFrames(folio.pfn + i, 0));
      part.mapCount = 1;
      part.dirty = folio.dirty;
      part.referenced = folio.referenced;
    }
    return true;
  }

  /** The physical address of a zeroed page for a table, or undefined. */
  allocateTable(): number | undefined {
    if (this.tableLimit <= 0) return undefined;
    const pfn = this.frames.allocate();
    if (pfn === undefined) return undefined;
    this.tableLimit--;
    this.#zeroFrames(pfn, 0);
    return pfn * pageBytes;
  }

  freeTable(pa: number): void {
    this.frames.free(pa / pageBytes);
    this.tableLimit++;
  }

  /** The shared zero page, made when first asked for; undefined: there is no frame for it. */
  findZeroFolio(): FolioFrames | undefined {
    this.#zero ??= this.allocateFolio();
    return this.#zero;
  }

  /** The shared huge zero page, 2 MiB, likewise. */
  findHugeZeroFolio(): FolioFrames | undefined {
    this.#hugeZero ??= this.allocateFolio(hugeOrder);
    return this.#hugeZero;
  }

  /** The shared zero page, and the shared huge one. Throws a RangeError when there is no memory for it. */
  zeroFolio(): FolioFrames {
    return required(this.findZeroFolio(), 0);
  }

  hugeZeroFolio(): FolioFrames {
    return required(this.findHugeZeroFolio(), hugeOrder);
  }

  isZeroPfn(pfn: number): boolean {
    return pfn === this.#zero?.pfn;
  }

  isHugeZeroPfn(pfn: number): boolean {
    const first = this.#hugeZero?.pfn ?? Number.POSITIVE_INFINITY;
    return pfn >= first && pfn < first + 2 ** hugeOrder;
  }

  /** The pool of hugetlb pages of a size; empty until it is filled. */
  hugetlbPool(pageSize: bigint): HugetlbPool {
    let pool = this.#pools.get(pageSize);
    if (pool === undefined) {
      pool = new HugetlbPool(this, pageSize);
      this.#pools.set(pageSize, pool);
    }
    return pool;
  }

  /** Puts huge pages into a pool. Throws a RangeError when there is no memory for them. */
  fillPool(pageSize: bigint, count: number): void {
    if (this.hugetlbPool(pageSize).fill(count) === count) return;
    throw new RangeError(`there is no memory for ${count} huge pages of ${pageSize} bytes`);
  }

  #setFolio(pfn: number, order: number, folio: FolioFrames | undefined): void {
    const first = pfn - this.frames.firstPfn;
    const end = order === 0 ? first + 1 : first + 2 ** order;
    for (let at = first; at < end; at++) {
      const chunk = Math.floor(at / chunkFrames);
      this.#folios[chunk] ??= new Array<FolioFrames | undefined>(chunkFrames).fill(undefined);
      this.#folios[chunk][at % chunkFrames] = folio;
    }
  }

  #zeroFrames(pfn: number, order: number): void {
    const { memory } = this;
    const end = order === 0 ? pfn + 1 : pfn + 2 ** order;
    for (; pfn < end; pfn++) {
      if (memory.isTouched(pfn)) {
        const at = memory.hostOf(pfn * pageBytes);
        memory.bytes.fill(0, at, at + pageBytes);
        memory.written(pfn * pageBytes, pageBytes);
      } else {
        // nobody has written to it yet, and the host has given no memory for it: whoever gets it may write
        memory.touch(pfn);
      }
    }
  }
}

function required(folio: FolioFrames | undefined, order: number): FolioFrames {
  if (folio === undefined) throw new RangeError(`there are no 2^${order} frames left for a shared zero page`);
  return folio;
}
