import type { VirtioDevice } from "../../src/devices/virtio/device.ts";
import { VirtioMmio } from "../../src/devices/virtio/index.ts";
import { PhysicalMemory } from "../../src/memory/physical.ts";

export const ramBase = 0x80000000;
/** Offsets of registers, as the specification's tables have them. */
export const reg = {
  magic: 0x000,
  version: 0x004,
  deviceId: 0x008,
  vendorId: 0x00c,
  deviceFeatures: 0x010,
  deviceFeaturesSel: 0x014,
  driverFeatures: 0x020,
  driverFeaturesSel: 0x024,
  guestPageSize: 0x028,
  queueSel: 0x030,
  queueNumMax: 0x034,
  queueNum: 0x038,
  queueAlign: 0x03c,
  queuePfn: 0x040,
  queueReady: 0x044,
  queueNotify: 0x050,
  interruptStatus: 0x060,
  interruptAck: 0x064,
  status: 0x070,
  queueDesc: 0x080,
  queueDriver: 0x090,
  queueDevice: 0x0a0,
  configGeneration: 0x0fc,
  config: 0x100,
} as const;
export const status = { acknowledge: 1, driver: 2, driverOk: 4, featuresOk: 8, needsReset: 64, failed: 128 } as const;
export const descriptorFlag = { next: 1, write: 2, indirect: 4 } as const;
export const feature = {
  anyLayout: 1n << 27n,
  indirect: 1n << 28n,
  eventIndex: 1n << 29n,
  version1: 1n << 32n,
} as const;

/** A piece of a buffer: bytes for the device, or room for the device's. */
export interface Piece {
  readonly pa: number;
  readonly length: number;
  readonly write?: boolean;
}

export interface DriverQueue {
  readonly index: number;
  readonly size: number;
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
  nextDescriptor: number;
  nextAvailable: number;
  lastUsed: number;
}

export interface DriverOptions {
  readonly legacy?: boolean;
  /** Pages of 64 KiB. */
  readonly ramPages?: number;
}

/** The least driver that does everything right, and can be told to do things wrong. */
export class Driver {
  readonly memory: PhysicalMemory;
  readonly mmio: VirtioMmio;
  readonly legacy: boolean;
  /** Levels of the interrupt line, as they came. */
  readonly levels: boolean[] = [];
  readonly warnings: string[] = [];
  #free: number;

  constructor(device: VirtioDevice | undefined, { legacy = false, ramPages = 16 }: DriverOptions = {}) {
    // there is something before and behind RAM in the WebAssembly memory
    const wasm = new WebAssembly.Memory({ initial: ramPages + 2 });
    this.memory = new PhysicalMemory(wasm, { base: ramBase, bytes: ramPages * 65536, hostBase: 65536 });
    this.legacy = legacy;
    this.mmio = new VirtioMmio(device, {
      memory: this.memory,
      legacy,
      onInterrupt: (level) => this.levels.push(level),
      onWarning: (line) => this.warnings.push(line),
    });
    this.#free = ramBase + 0x1000;
  }

  /** Room in RAM that nobody else has. */
  room(length: number, align = 16): number {
    const at = Math.ceil(this.#free / align) * align;
    this.#free = at + length;
    return at;
  }

  /** Gives back all room from an address on, with zeroes in it. */
  rewind(to: number): void {
    this.memory.write(to, new Uint8Array(this.#free - to));
    this.#free = to;
  }

  /** Bytes put somewhere in RAM. */
  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length, 1);
    this.memory.write(at, bytes);
    return at;
  }

  get(offset: number): number {
    return Number(this.mmio.load(offset, 4));
  }

  set(offset: number, value: number): void {
    this.mmio.store(offset, 4, BigInt(value >>> 0));
  }

  store16(pa: number, value: number): void {
    this.memory.store(pa, 2, BigInt(value));
  }

  load16(pa: number): number {
    return Number(this.memory.load(pa, 2));
  }

  get offered(): bigint {
    this.set(reg.deviceFeaturesSel, 0);
    const low = this.get(reg.deviceFeatures);
    this.set(reg.deviceFeaturesSel, 1);
    return BigInt(low) | (BigInt(this.get(reg.deviceFeatures)) << 32n);
  }

  accept(features: bigint): void {
    for (const word of [0, 1]) {
      this.set(reg.driverFeaturesSel, word);
      this.set(reg.driverFeatures, Number(BigInt.asUintN(32, features >> BigInt(32 * word))));
    }
  }

  /** Initialises the device (3.1.1), with queues of a size, and answers them. Features: all, unless told. */
  start({ features = this.offered, size = 8, queues = 1 } = {}): DriverQueue[] {
    this.set(reg.status, 0);
    this.set(reg.status, status.acknowledge | status.driver);
    this.accept(features);
    let bits = status.acknowledge | status.driver;
    if (!this.legacy) this.set(reg.status, (bits |= status.featuresOk));
    const made = Array.from({ length: queues }, (_, index) => this.addQueue(index, size));
    this.set(reg.status, bits | status.driverOk);
    return made;
  }

  addQueue(index: number, size: number): DriverQueue {
    this.set(reg.queueSel, index);
    this.set(reg.queueNum, size);
    let [descriptors, available, used] = [0, 0, 0];
    if (this.legacy) {
      descriptors = this.room(2 * 4096 + 24 * size, 4096);
      available = descriptors + 16 * size;
      used = Math.ceil((available + 6 + 2 * size) / 4096) * 4096;
      this.set(reg.guestPageSize, 4096);
      this.set(reg.queueAlign, 4096);
      this.set(reg.queuePfn, descriptors / 4096);
    } else {
      descriptors = this.room(16 * size, 16);
      available = this.room(6 + 2 * size, 2);
      used = this.room(6 + 8 * size, 4);
      this.set(reg.queueDesc, descriptors);
      this.set(reg.queueDriver, available);
      this.set(reg.queueDevice, used);
      this.set(reg.queueReady, 1);
    }
    return { index, size, descriptors, available, used, nextDescriptor: 0, nextAvailable: 0, lastUsed: 0 };
  }

  writeDescriptor(table: number, index: number, pa: number | bigint, length: number, flags: number, next = 0): void {
    const at = table + 16 * index;
    this.memory.store(at, 8, BigInt(pa));
    this.memory.store(at + 8, 4, BigInt(length));
    this.store16(at + 12, flags);
    this.store16(at + 14, next);
  }

  /** Writes a chain into a table from an entry on, which may wrap. */
  writeChain(table: number, size: number, first: number, pieces: readonly Piece[]): void {
    for (const [i, { pa, length, write }] of pieces.entries()) {
      const more = i + 1 < pieces.length;
      const flags = (write ? descriptorFlag.write : 0) | (more ? descriptorFlag.next : 0);
      this.writeDescriptor(table, (first + i) % size, pa, length, flags, more ? (first + i + 1) % size : 0);
    }
  }

  /** Makes a buffer available, without telling the device; answers its head. */
  offer(queue: DriverQueue, pieces: readonly Piece[], { indirect = false } = {}): number {
    const head = queue.nextDescriptor;
    if (indirect) {
      const table = this.room(16 * pieces.length);
      this.writeChain(table, pieces.length, 0, pieces);
      this.writeDescriptor(queue.descriptors, head, table, 16 * pieces.length, descriptorFlag.indirect);
    } else this.writeChain(queue.descriptors, queue.size, head, pieces);
    queue.nextDescriptor = (head + (indirect ? 1 : pieces.length)) % queue.size;
    this.publish(queue, head);
    return head;
  }

  publish(queue: DriverQueue, head: number): void {
    this.store16(queue.available + 4 + 2 * (queue.nextAvailable % queue.size), head);
    queue.nextAvailable = (queue.nextAvailable + 1) & 0xffff;
    this.store16(queue.available + 2, queue.nextAvailable);
  }

  notify(queue: DriverQueue): void {
    this.set(reg.queueNotify, queue.index);
  }

  /** What the device has given back since last asked. */
  collect(queue: DriverQueue): { id: number; length: number }[] {
    const back: { id: number; length: number }[] = [];
    for (
      const end = this.load16(queue.used + 2);
      queue.lastUsed !== end;
      queue.lastUsed = (queue.lastUsed + 1) & 0xffff
    ) {
      const at = queue.used + 4 + 8 * (queue.lastUsed % queue.size);
      back.push({ id: Number(this.memory.load(at, 4)), length: Number(this.memory.load(at + 4, 4)) });
    }
    return back;
  }

  /** Offers, notifies and collects one buffer; answers how much the device says it has written. */
  transfer(queue: DriverQueue, pieces: readonly Piece[], options: { indirect?: boolean } = {}): number {
    const head = this.offer(queue, pieces, options);
    this.notify(queue);
    const back = this.collect(queue);
    if (back.length !== 1 || back[0].id !== head) throw new Error(`gave ${head}, got ${JSON.stringify(back)}`);
    return back[0].length;
  }
}

/** The 16 bytes that begin a request to a disk. */
export function blockHeader(type: number, sector: number | bigint = 0): Uint8Array {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, type, true);
  header.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(header.buffer);
}

/** Bytes that differ from place to place. */
export function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 101) & 0xff);
}

/** Whether bytes are the same: quick, where a matcher would compare one by one. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
