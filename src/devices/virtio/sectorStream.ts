import { type BlockStore, sectorBytes } from "./blockStore.ts";

/** Writes pieces of any length to a store, one behind the other, as whole sectors. Drivers mostly give such pieces. */
export class SectorWriter {
  readonly #store: BlockStore;
  /** The beginning of a sector whose rest is in the next piece. */
  readonly #begun = new Uint8Array(sectorBytes);
  #held = 0;
  #sector = 0;

  constructor(store: BlockStore) {
    this.#store = store;
  }

  start(sector: number): void {
    this.#sector = sector;
    this.#held = 0;
  }

  write(piece: Uint8Array): void {
    let from = 0;
    if (this.#held > 0) {
      from = Math.min(sectorBytes - this.#held, piece.length);
      this.#begun.set(piece.subarray(0, from), this.#held);
      this.#held += from;
      if (this.#held < sectorBytes) return;
      this.#store.write(this.#sector++, this.#begun);
      this.#held = 0;
    }
    const rest = (piece.length - from) % sectorBytes;
    const end = piece.length - rest;
    if (end > from) {
      this.#store.write(this.#sector, piece.subarray(from, end));
      this.#sector += (end - from) / sectorBytes;
    }
    this.#begun.set(piece.subarray(end));
    this.#held = rest;
  }
}

/** Reads whole sectors from a store into pieces of any length, one behind the other. */
export class SectorReader {
  readonly #store: BlockStore;
  /** A sector whose beginning went into the last piece. */
  readonly #begun = new Uint8Array(sectorBytes);
  #left = 0;
  #sector = 0;

  constructor(store: BlockStore) {
    this.#store = store;
  }

  start(sector: number): void {
    this.#sector = sector;
    this.#left = 0;
  }

  read(piece: Uint8Array): void {
    const from = this.#drain(piece);
    const rest = (piece.length - from) % sectorBytes;
    const end = piece.length - rest;
    if (end > from) {
      this.#store.read(this.#sector, piece.subarray(from, end));
      this.#sector += (end - from) / sectorBytes;
    }
    if (rest === 0) return;
    this.#store.read(this.#sector++, this.#begun);
    this.#left = sectorBytes;
    this.#drain(piece.subarray(end));
  }

  /** Moves what is left of a sector into a piece; answers how much. */
  #drain(piece: Uint8Array): number {
    const step = Math.min(this.#left, piece.length);
    const at = sectorBytes - this.#left;
    piece.set(this.#begun.subarray(at, at + step));
    this.#left -= step;
    return step;
  }
}
