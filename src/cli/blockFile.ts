import * as fs from "node:fs";
import { BlockError, type BlockStore, OverlayStore, sectorBytes } from "../devices/virtio/index.ts";
import { Failure, systemFailure } from "./failure.ts";

/** How a disk image is used: written to, never written to, or never written to while the guest believes it is. */
export type DriveMode = "write" | "ro" | "overlay";

/** What is asked of the operating system while the guest runs; Node's functions of these names. */
export type FileIo = Pick<typeof fs, "readSync" | "writeSync" | "fsyncSync">;

/** More in one call is not asked for: the system may not do more than 2 GiB. */
const mostCall = 2 ** 30;

/**
 * A raw disk image: a file whose bytes are the disk's. Writes go to the file at once, a flush makes them durable. What
 * the system does not do is a BlockError. Once a flush has failed, nobody knows what became of the writes before it:
 * all that come after fail as well.
 */
export class BlockFile implements BlockStore {
  readonly sectors: number;
  readonly readOnly: boolean;
  readonly #file: number;
  readonly #io: FileIo;
  #flushError: unknown;

  /** Takes over an open file of so many sectors. */
  constructor(file: number, sectors: number, readOnly: boolean, io: FileIo = fs) {
    this.#file = file;
    this.sectors = sectors;
    this.readOnly = readOnly;
    this.#io = io;
  }

  read(sector: number, into: Uint8Array): void {
    this.#all(sector, into, "reading", this.#io.readSync);
  }

  write(sector: number, from: Uint8Array): void {
    if (this.readOnly) throw new BlockError("the disk image is read-only");
    this.#all(sector, from, "writing", this.#io.writeSync);
  }

  flush(): void {
    if (this.readOnly) return;
    if (this.#flushError === undefined) {
      try {
        this.#io.fsyncSync(this.#file);
        return;
      } catch (error) {
        this.#flushError = error;
      }
    }
    throw new BlockError("flushing the disk image failed", { cause: this.#flushError });
  }

  close(): void {
    fs.closeSync(this.#file);
  }

  /** Calls the system until all bytes have been moved: it may do less than it was asked. */
  #all(
    sector: number,
    bytes: Uint8Array,
    doing: string,
    call: (file: number, bytes: Uint8Array, offset: number, length: number, position: number) => number,
  ): void {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(bytes.length - done, mostCall);
      let moved: number;
      try {
        moved = call(this.#file, bytes, done, length, sector * sectorBytes + done);
      } catch (error) {
        throw new BlockError(`${doing} the disk image failed`, { cause: error });
      }
      if (moved === 0) throw new BlockError(`${doing} the disk image: it has become too short`);
      done += moved;
    }
  }
}

/** A disk for the guest, and how to let go of the file below it. */
export interface Drive {
  readonly store: BlockStore;
  close(): void;
}

/** Opens a raw disk image. Throws a {@link Failure} that says what is wrong with it. */
export function openDrive(path: string, mode: DriveMode): Drive {
  const place = "opening the disk image";
  let file: number;
  try {
    // without O_NONBLOCK a named pipe would wait for its writer
    const access = mode === "write" ? fs.constants.O_RDWR : fs.constants.O_RDONLY;
    file = fs.openSync(path, access | (fs.constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw systemFailure(path, place, error);
  }
  try {
    const image = new BlockFile(file, imageSectors(path, place, file), mode !== "write");
    return { store: mode === "overlay" ? new OverlayStore(image) : image, close: () => image.close() };
  } catch (error) {
    fs.closeSync(file);
    throw error instanceof Failure ? error : systemFailure(path, place, error);
  }
}

function imageSectors(path: string, place: string, file: number): number {
  const status = fs.fstatSync(file);
  if (status.isDirectory()) throw new Failure(path, place, "it is a directory: name a disk image in it");
  if (!status.isFile()) throw new Failure(path, place, "it is not a regular file: copy the disk into one");
  if (status.size === 0) throw new Failure(path, place, "it is empty: make one of the disk's size with truncate -s");
  if (status.size % sectorBytes !== 0) {
    const reason = `its ${status.size} bytes are not whole sectors of ${sectorBytes}: it is no raw image, or a part of one`;
    throw new Failure(path, place, reason);
  }
  return status.size / sectorBytes;
}
