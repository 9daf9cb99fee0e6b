import type { FolioFrames } from "./folio.ts";

const pageBytes = 4096;

/** Swap space: pages that were taken out of guest memory, in memory of the host's, each in a slot. */
export class SwapSpace {
  /** Slots that there are, numbered from 1 on: an entry with slot 0 would be none. */
  readonly slots: number;
  readonly #pages: (Uint8Array | undefined)[] = [undefined];
  /** Entries that name a slot. */
  readonly #users: number[] = [];
  /** Slots that were in use and are not. */
  readonly #free: number[] = [];
  /** Folios that are in memory yet, as not all have given them up who had them, with what is in a slot: the swap cache. */
  readonly #cached = new Map<number, FolioFrames>();
  #used = 0;

  constructor(bytes: number) {
    this.slots = Math.floor(bytes / pageBytes);
  }

  get usedSlots(): number {
    return this.#used;
  }

  get isFull(): boolean {
    return this.#used === this.slots;
  }

  /** Keeps a page. Returns its slot, with one user; undefined: there is no room. */
  store(page: Uint8Array): number | undefined {
    if (this.isFull) return undefined;
    const slot = this.#free.pop() ?? this.#pages.length;
    this.#pages[slot] = page.slice();
    this.#users[slot] = 1;
    this.#used++;
    return slot;
  }

  /** Copies what is in a slot. */
  load(slot: number, into: Uint8Array): void {
    into.set(this.#at(slot));
  }

  /** One entry more names it: fork. */
  share(slot: number): void {
    this.#at(slot);
    this.#users[slot]++;
  }

  /** One entry less names it. */
  release(slot: number): void {
    this.#at(slot);
    if (--this.#users[slot] > 0) return;
    this.#pages[slot] = undefined;
    this.#free.push(slot);
    this.#used--;
    const folio = this.#cached.get(slot);
    if (folio !== undefined) this.forget(folio);
  }

  /** A folio that several have is what is in a slot. */
  cache(slot: number, folio: FolioFrames): void {
    folio.slot = slot;
    this.#cached.set(slot, folio);
  }

  /** The folio with what is in a slot, if that is in memory. */
  cached(slot: number): FolioFrames | undefined {
    return this.#cached.get(slot);
  }

  /** A folio may be written to from now on, or is freed. */
  forget(folio: FolioFrames): void {
    this.#cached.delete(folio.slot);
    folio.slot = 0;
  }

  #at(slot: number): Uint8Array {
    const page = this.#pages[slot];
    if (page === undefined) throw new RangeError(`nothing is in slot ${slot} of the swap space`);
    return page;
  }
}
