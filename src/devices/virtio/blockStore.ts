/** Bytes of a sector, whatever block size a device announces. */
export const sectorBytes = 512;

/** A store could not do what it was asked: for the guest, an I/O error. */
export class BlockError extends Error {
  override readonly name = "BlockError";
}

/**
 * What a disk's bytes are in. Whoever calls asks only for whole sectors that exist; the bytes belong to the caller again
 * when the call is over. All may throw a {@link BlockError}.
 */
export interface BlockStore {
  readonly sectors: number;
  readonly readOnly: boolean;
  /** Fills `into` with sectors from `sector` on. */
  read(sector: number, into: Uint8Array): void;
  /** Writes sectors from `sector` on. Never called if the store is read-only. */
  write(sector: number, from: Uint8Array): void;
  /** All that was written before is safe when this returns. */
  flush(): void;
}

/** A disk in memory. */
export class MemoryStore implements BlockStore {
  readonly sectors: number;
  readonly readOnly: boolean;
  /** The image itself, as the guest has left it. */
  readonly image: Uint8Array;

  /** Throws a RangeError if the image is not whole sectors. */
  constructor(image: Uint8Array, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    if (image.length % sectorBytes !== 0) {
      throw new RangeError(`an image of ${image.length} bytes is not whole sectors of ${sectorBytes}`);
    }
    this.image = image;
    this.sectors = image.length / sectorBytes;
    this.readOnly = readOnly;
  }

  read(sector: number, into: Uint8Array): void {
    const at = sector * sectorBytes;
    into.set(this.image.subarray(at, at + into.length));
  }

  write(sector: number, from: Uint8Array): void {
    this.image.set(from, sector * sectorBytes);
  }

  flush(): void {}
}
