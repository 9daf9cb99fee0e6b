import { type BlockStore, sectorBytes } from "./blockStore.ts";

/** Written sectors are kept in blocks of 4 KiB, those in slabs of 1 MiB. */
const blockSectors = 8;
const blockBytes = blockSectors * sectorBytes;
const slabBlocks = 256;

/** A disk that takes writes and keeps them in memory; the store below it is only read. */
export class OverlayStore implements BlockStore {
  readonly sectors: number;
  readonly readOnly = false;
  readonly #base: BlockStore;
  /** Which place in the slabs a block of the disk has, once it was written. */
  readonly #places = new Map<number, number>();
  readonly #slabs: Uint8Array[] = [];

  constructor(base: BlockStore) {
    this.#base = base;
    this.sectors = base.sectors;
  }

  /** How many bytes of memory the written blocks take. */
  get bytes(): number {
    return this.#slabs.length * slabBlocks * blockBytes;
  }

  read(sector: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const at = sector + done / sectorBytes;
      const place = this.#places.get(Math.floor(at / blockSectors));
      let step = Math.min(blockBytes - (at % blockSectors) * sectorBytes, into.length - done);
      if (place === undefined) {
        // as much from below as lies together
        while (done + step < into.length && !this.#places.has(Math.floor((at + step / sectorBytes) / blockSectors))) {
          step = Math.min(step + blockBytes, into.length - done);
        }
        this.#base.read(at, into.subarray(done, done + step));
      } else {
        const from = (at % blockSectors) * sectorBytes;
        into.set(this.#block(place).subarray(from, from + step), done);
      }
      done += step;
    }
  }

  write(sector: number, from: Uint8Array): void {
    for (let done = 0; done < from.length; ) {
      const at = sector + done / sectorBytes;
      const index = Math.floor(at / blockSectors);
      const within = (at % blockSectors) * sectorBytes;
      const step = Math.min(blockBytes - within, from.length - done);
      const place = this.#places.get(index) ?? this.#add(index, step < blockBytes);
      this.#block(place).set(from.subarray(done, done + step), within);
      done += step;
    }
  }

  flush(): void {}

  /** Makes a place for a block, with what is below it if not all of it will be written. */
  #add(index: number, isPartial: boolean): number {
    const place = this.#places.size;
    if (place % slabBlocks === 0 && this.#slabs.length === place / slabBlocks) {
      this.#slabs.push(new Uint8Array(slabBlocks * blockBytes));
    }
    if (isPartial) {
      const first = index * blockSectors;
      const sectors = Math.min(blockSectors, this.sectors - first);
      this.#base.read(first, this.#block(place).subarray(0, sectors * sectorBytes));
    }
    this.#places.set(index, place);
    return place;
  }

  #block(place: number): Uint8Array {
    const at = (place % slabBlocks) * blockBytes;
    return this.#slabs[Math.floor(place / slabBlocks)].subarray(at, at + blockBytes);
  }
}
