import { BlockError, type BlockStore, sectorBytes } from "./blockStore.ts";
import type { DescriptorChain } from "./chain.ts";
import type { VirtioDevice, VirtioLink } from "./device.ts";
import { SectorReader, SectorWriter } from "./sectorStream.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** Feature bits (virtio 1.2, 5.2.3). */
const feature = {
  segMax: 1n << 2n,
  readOnly: 1n << 5n,
  blockSize: 1n << 6n,
  flush: 1n << 9n,
  topology: 1n << 10n,
  writeZeroes: 1n << 14n,
} as const;

/** Offsets in the configuration space (5.2.4). */
const config = {
  capacity: 0,
  segMax: 12,
  blockSize: 20,
  physicalBlockExp: 24,
  minIoSize: 26,
  writeback: 32,
  maxWriteZeroesSectors: 48,
  maxWriteZeroesSeg: 52,
  bytes: 60,
} as const;

const requestType = { in: 0, out: 1, flush: 4, getId: 8, writeZeroes: 13 } as const;
const status = { ok: 0, ioError: 1, unsupported: 2 } as const;

const headerBytes = 16;
const idBytes = 20;
const queueSize = 256;
/** Sectors that one request may make zero: 16 MiB. */
const mostZeroSectors = 0x8000;
/** Physical blocks are 4 KiB, 2^3 sectors. */
const physicalBlockExp = 3;

const zeroes = new Uint8Array(0x10000);

export interface VirtioBlockOptions {
  /** What the guest finds as the disk's serial number: up to 20 ASCII characters. */
  readonly id?: string | undefined;
}

/**
 * A disk (virtio 1.2, 5.2) over a {@link BlockStore}, whose errors become I/O errors of the guest. Writes are safe after
 * a flush; if the driver knows no flush, each is.
 */
export class VirtioBlock implements VirtioDevice {
  readonly name = "virtio-blk";
  readonly id = 2;
  readonly features: bigint;
  readonly queueSizes = [queueSize] as const;
  readonly config = new Uint8Array(config.bytes);
  readonly #store: BlockStore;
  readonly #id = new Uint8Array(idBytes);
  readonly #reader: SectorReader;
  readonly #writer: SectorWriter;
  readonly #header = new DataView(new ArrayBuffer(headerBytes));
  readonly #headerBytes = new Uint8Array(this.#header.buffer);
  readonly #status = new Uint8Array(1);
  /** Bytes of data that the request at hand has for the guest. */
  #filled = 0;
  #link: VirtioLink | undefined;

  constructor(store: BlockStore, { id = "pagewalk" }: VirtioBlockOptions = {}) {
    this.#store = store;
    this.#reader = new SectorReader(store);
    this.#writer = new SectorWriter(store);
    for (let i = 0; i < Math.min(id.length, idBytes); i++) this.#id[i] = id.charCodeAt(i);
    const always = feature.segMax | feature.blockSize | feature.flush | feature.topology;
    this.features = always | (store.readOnly ? feature.readOnly : feature.writeZeroes);
    const view = new DataView(this.config.buffer);
    view.setBigUint64(config.capacity, BigInt(store.sectors), true);
    // header and status take a descriptor each
    view.setUint32(config.segMax, queueSize - 2, true);
    view.setUint32(config.blockSize, sectorBytes, true);
    view.setUint8(config.physicalBlockExp, physicalBlockExp);
    view.setUint16(config.minIoSize, 1 << physicalBlockExp, true);
    view.setUint8(config.writeback, 1);
    if (store.readOnly) return;
    view.setUint32(config.maxWriteZeroesSectors, mostZeroSectors, true);
    view.setUint32(config.maxWriteZeroesSeg, 1, true);
  }

  connect(link: VirtioLink): void {
    this.#link = link;
  }

  serve(_index: number, queue: Virtqueue): void {
    for (let chain = queue.take(); chain !== undefined; chain = queue.take()) {
      if (chain.readable < headerBytes || chain.writable < 1) {
        queue.fail("a request without header or status");
        return;
      }
      queue.give(chain, this.#execute(chain));
    }
  }

  /** Carries a request out; answers how many bytes of the writable part were written for sure. */
  #execute(chain: DescriptorChain): number {
    chain.read(0, this.#headerBytes);
    const data = chain.writable - 1;
    this.#filled = 0;
    try {
      this.#status[0] = this.#perform(chain);
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.#status[0] = status.ioError;
    }
    chain.write(data, this.#status);
    // the status counts only if there is no gap before it
    return this.#filled === data ? chain.writable : this.#filled;
  }

  #perform(chain: DescriptorChain): number {
    const header = this.#header;
    const sector = header.getUint32(12, true) * 2 ** 32 + header.getUint32(8, true);
    switch (header.getUint32(0, true)) {
      case requestType.in:
        return this.#read(chain, sector);
      case requestType.out:
        return this.#write(chain, sector);
      case requestType.flush:
        this.#store.flush();
        return status.ok;
      case requestType.getId:
        this.#filled = Math.min(idBytes, chain.writable - 1);
        chain.write(0, this.#id.subarray(0, this.#filled));
        return status.ok;
      case requestType.writeZeroes:
        return this.#writeZeroes(chain);
      default:
        return status.unsupported;
    }
  }

  #read(chain: DescriptorChain, sector: number): number {
    const bytes = chain.writable - 1;
    if (!this.#exists(sector, bytes)) return status.ioError;
    this.#reader.start(sector);
    chain.eachWritable(0, bytes, (piece) => this.#reader.read(piece));
    this.#filled = bytes;
    return status.ok;
  }

  #write(chain: DescriptorChain, sector: number): number {
    const bytes = chain.readable - headerBytes;
    if (this.#store.readOnly || !this.#exists(sector, bytes)) return status.ioError;
    this.#writer.start(sector);
    chain.eachReadable(headerBytes, bytes, (piece) => this.#writer.write(piece));
    this.#settle();
    return status.ok;
  }

  /** One segment: first sector, count, flags, of which unmapping may be ignored (5.2.6). */
  #writeZeroes(chain: DescriptorChain): number {
    if (this.#store.readOnly || chain.readable !== headerBytes + 16) return status.ioError;
    const segment = new DataView(new ArrayBuffer(16));
    chain.read(headerBytes, new Uint8Array(segment.buffer));
    if (segment.getUint32(12, true) > 1) return status.unsupported;
    let sector = segment.getUint32(4, true) * 2 ** 32 + segment.getUint32(0, true);
    const sectors = segment.getUint32(8, true);
    if (sectors > mostZeroSectors || !this.#exists(sector, sectors * sectorBytes)) return status.ioError;
    for (const end = sector + sectors; sector < end; sector += zeroes.length / sectorBytes) {
      this.#store.write(sector, zeroes.subarray(0, Math.min(zeroes.length, (end - sector) * sectorBytes)));
    }
    this.#settle();
    return status.ok;
  }

  /** 5.2.6.2: for a driver that did not accept flushes, a write that is done is safe. */
  #settle(): void {
    if (((this.#link?.features ?? 0n) & feature.flush) === 0n) this.#store.flush();
  }

  #exists(sector: number, bytes: number): boolean {
    return bytes % sectorBytes === 0 && sector + bytes / sectorBytes <= this.#store.sectors;
  }
}
