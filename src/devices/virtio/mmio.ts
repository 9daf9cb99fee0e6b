import type { AccessWidth, Device } from "../../memory/device.ts";
import type { PhysicalMemory } from "../../memory/physical.ts";
import { commonFeature, type VirtioDevice, type VirtioLink } from "./device.ts";
import { QueueRegisters } from "./queueRegisters.ts";
import { type RingFeatures, type Rings, ringProblem, Virtqueue } from "./virtqueue.ts";

export interface VirtioMmioOptions {
  /** The guest's memory, in which queues and buffers are. */
  readonly memory: PhysicalMemory;
  /** The interrupt line has changed; called within what caused it. */
  onInterrupt(level: boolean): void;
  /** The interface of version 1, with queues given by page number, in place of the modern one of version 2. */
  readonly legacy?: boolean | undefined;
  /** A driver did what no driver may do: one line that says what. */
  onWarning?(line: string): void;
}

/** Offsets (virtio 1.2, 4.2.2 and 4.2.4). */
const register = {
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
  queueDevice: 0x0a0,
  shmLen: 0x0b0,
  shmBase: 0x0b8,
  configGeneration: 0x0fc,
  config: 0x100,
} as const;

const magic = 0x74726976;
/** "QEMU": teaching kernels look for it. */
const vendor = 0x554d4551;
/** Bits of the status (2.1). */
const driverOk = 4;
const featuresOk = 8;
const needsReset = 64;
/** Bits of the interrupt status. */
const interrupt = { used: 1, config: 2 } as const;
const legacyPageBytes = 4096;
/** After so many lines of warning a guest is known well enough. */
const mostWarnings = 16;

/**
 * A slot for a virtio device: its registers in memory (virtio 1.2, 4.2). Without a device it says so by a device id of 0.
 *
 * Registers are accessed in 4 aligned bytes, 8 being two of them; narrower accesses read 0 and are ignored. The
 * configuration space takes any width. What is not aligned or beyond is an access fault. All as on QEMU.
 *
 * Requests are complete when the store to QueueNotify is. A driver that breaks a queue finds NEEDS_RESET in the status,
 * and the device at rest until it is reset.
 */
export class VirtioMmio implements Device, VirtioLink {
  readonly name: string;
  readonly size = 0x200;
  readonly #device: VirtioDevice | undefined;
  readonly #options: VirtioMmioOptions;
  readonly #legacy: boolean;
  /** Feature bits in words of 32: what is offered, and what the driver has written. */
  readonly #offered: readonly [number, number];
  readonly #written: [number, number] = [0, 0];
  readonly #ringFeatures: RingFeatures = { indirectDescriptors: false, eventIndex: false };
  readonly #queues: readonly QueueRegisters[];
  #features = 0n;
  #deviceFeaturesSel = 0;
  #driverFeaturesSel = 0;
  #queueSel = 0;
  #pageBytes = legacyPageBytes;
  #status = 0;
  #interruptStatus = 0;
  #level = false;
  #generation = 0;
  #broken = false;
  #warnings = 0;

  constructor(device: VirtioDevice | undefined, options: VirtioMmioOptions) {
    this.#device = device;
    this.#options = options;
    this.#legacy = options.legacy ?? false;
    this.name = device?.name ?? "virtio-mmio";
    const rings = commonFeature.indirectDescriptors | commonFeature.eventIndex;
    const transport = this.#legacy ? commonFeature.anyLayout : commonFeature.version1;
    const offered = (device?.features ?? 0n) | rings | transport;
    this.#offered = [Number(BigInt.asUintN(32, offered)), this.#legacy ? 0 : Number(offered >> 32n)];
    this.#queues = (device?.queueSizes ?? []).map((most) => new QueueRegisters(most));
    device?.connect(this);
  }

  get features(): bigint {
    return this.#features;
  }

  /** The level of the interrupt line. */
  get interrupt(): boolean {
    return this.#level;
  }

  wake(index: number): void {
    const queue = this.#queues[index]?.queue;
    // 2.1.2: nothing is consumed before DRIVER_OK; old drivers use a legacy device before they set it
    if (queue === undefined || this.#broken || (!this.#legacy && (this.#status & driverOk) === 0)) return;
    queue.begin();
    this.#device?.serve(index, queue);
    if (queue.end()) this.#raise(interrupt.used);
    if (queue.problem !== undefined) this.#fail(`queue ${index}: ${queue.problem}`);
  }

  configChanged(): void {
    this.#generation = (this.#generation + 1) >>> 0;
    if (this.#status & driverOk) this.#raise(interrupt.config);
  }

  load(offset: number, width: AccessWidth): bigint | undefined {
    if (!this.#isAccess(offset, width)) return undefined;
    if (offset >= register.config) return this.#loadConfig(offset - register.config, width);
    if (width === 8) return BigInt(this.#load(offset)) | (BigInt(this.#load(offset + 4)) << 32n);
    return width === 4 ? BigInt(this.#load(offset)) : 0n;
  }

  store(offset: number, width: AccessWidth, value: bigint): boolean {
    if (!this.#isAccess(offset, width)) return false;
    if (offset >= register.config) {
      this.#device?.writeConfig?.(offset - register.config, width, value);
    } else if (width >= 4 && this.#device !== undefined) {
      this.#store(offset, Number(BigInt.asUintN(32, value)));
      if (width === 8) this.#store(offset + 4, Number(value >> 32n));
    }
    return true;
  }

  #isAccess(offset: number, width: AccessWidth): boolean {
    return offset % width === 0 && offset >= 0 && offset + width <= this.size;
  }

  #loadConfig(offset: number, width: AccessWidth): bigint {
    const config = this.#device?.config;
    let value = 0n;
    for (let byte = width - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(config?.[offset + byte] ?? 0);
    return value;
  }

  #load(offset: number): number {
    switch (offset) {
      case register.magic:
        return magic;
      case register.version:
        return this.#legacy ? 1 : 2;
      case register.vendorId:
        return vendor;
    }
    if (this.#device === undefined) return 0;
    switch (offset) {
      case register.deviceId:
        return this.#device.id;
      case register.deviceFeatures:
        return this.#offered[this.#deviceFeaturesSel] ?? 0;
      case register.queueNumMax:
        return this.#queues[this.#queueSel]?.most ?? 0;
      case register.interruptStatus:
        return this.#interruptStatus;
      case register.status:
        return this.#status;
    }
    return this.#legacy ? this.#loadLegacy(offset) : this.#loadModern(offset);
  }

  #loadLegacy(offset: number): number {
    return offset === register.queuePfn ? (this.#queues[this.#queueSel]?.pfn ?? 0) : 0;
  }

  #loadModern(offset: number): number {
    switch (offset) {
      case register.queueReady:
        return this.#queues[this.#queueSel]?.queue === undefined ? 0 : 1;
      case register.configGeneration:
        return this.#generation;
      // there is no shared memory: its length and base are all ones
      case register.shmLen:
      case register.shmLen + 4:
      case register.shmBase:
      case register.shmBase + 4:
        return 0xffffffff;
      default:
        return 0;
    }
  }

  #store(offset: number, word: number): void {
    const queue = this.#queues[this.#queueSel];
    switch (offset) {
      case register.deviceFeaturesSel:
        this.#deviceFeaturesSel = word;
        break;
      case register.driverFeaturesSel:
        this.#driverFeaturesSel = word;
        break;
      case register.driverFeatures:
        this.#writeFeatures(word);
        break;
      case register.queueSel:
        this.#queueSel = word;
        break;
      case register.queueNum:
        if (queue !== undefined) queue.size = word;
        break;
      case register.queueNotify:
        this.wake(word);
        break;
      case register.interruptAck:
        this.#interruptStatus &= ~word;
        this.#update();
        break;
      case register.status:
        this.#setStatus(word & 0xff);
        break;
      default:
        if (this.#legacy) this.#storeLegacy(queue, offset, word);
        else if (queue !== undefined) this.#storeModern(queue, offset, word);
    }
  }

  #storeLegacy(queue: QueueRegisters | undefined, offset: number, word: number): void {
    if (offset === register.guestPageSize) {
      this.#pageBytes = word;
    } else if (offset === register.queueAlign && queue !== undefined && word > 0) {
      queue.align = word;
    } else if (offset === register.queuePfn && queue !== undefined) {
      queue.pfn = word;
      queue.queue = undefined;
      if (word !== 0) this.#enable(queue, queue.legacyRings(this.#pageBytes));
    }
  }

  #storeModern(queue: QueueRegisters, offset: number, word: number): void {
    if (offset === register.queueReady) {
      if (word === 0) queue.queue = undefined;
      else if (queue.queue === undefined) this.#enable(queue, queue.rings);
    } else if (offset >= register.queueDesc && offset <= register.queueDevice + 4 && (offset & 8) === 0) {
      queue.addresses[((offset - register.queueDesc) >> 4) * 2 + ((offset >> 2) & 1)] = word;
    }
  }

  #enable(queue: QueueRegisters, rings: Rings): void {
    const { memory } = this.#options;
    const problem = ringProblem(memory, queue.size, queue.most, rings);
    if (problem === undefined) queue.queue = new Virtqueue(memory, queue.size, rings, this.#ringFeatures);
    else this.#fail(`queue ${this.#queues.indexOf(queue)}: ${problem}`);
  }

  #writeFeatures(word: number): void {
    const sel = this.#driverFeaturesSel;
    if (sel > 1 || this.#status & (featuresOk | driverOk)) return;
    this.#written[sel] = word;
    // the legacy interface has no FEATURES_OK: what is written holds, as far as it is on offer
    if (this.#legacy) this.#accept();
  }

  #accept(): void {
    const [low, high] = this.#offered.map((word, index) => BigInt((word & this.#written[index]) >>> 0));
    this.#features = low | (high << 32n);
    this.#ringFeatures.indirectDescriptors = (this.#features & commonFeature.indirectDescriptors) !== 0n;
    this.#ringFeatures.eventIndex = (this.#features & commonFeature.eventIndex) !== 0n;
  }

  #setStatus(value: number): void {
    if (value === 0) {
      this.#reset();
      return;
    }
    const news = value & ~this.#status;
    let status = (value & ~needsReset) | (this.#status & needsReset);
    if (!this.#legacy && news & featuresOk) {
      // 2.2.2: bits that were not offered are refused. VERSION_1 is not insisted upon: teaching kernels leave it out
      if (this.#offered.every((word, index) => (this.#written[index] & ~word) === 0)) this.#accept();
      else status &= ~featuresOk;
    }
    this.#status = status;
    // what was made available too early, against the rules, is not lost
    if (news & driverOk) for (const index of this.#queues.keys()) this.wake(index);
  }

  #reset(): void {
    this.#status = 0;
    this.#broken = false;
    this.#deviceFeaturesSel = 0;
    this.#driverFeaturesSel = 0;
    this.#queueSel = 0;
    this.#pageBytes = legacyPageBytes;
    this.#written.fill(0);
    this.#accept();
    for (const queue of this.#queues) queue.reset();
    this.#device?.reset?.();
    this.#interruptStatus = 0;
    this.#update();
  }

  /** The driver must reset the device (2.1.2). The legacy interface has no way to say so. */
  #fail(problem: string): void {
    if (this.#broken) return;
    this.#broken = true;
    if (!this.#legacy) {
      this.#status |= needsReset;
      if (this.#status & driverOk) this.#raise(interrupt.config);
    }
    if (this.#warnings++ < mostWarnings) this.#options.onWarning?.(`${this.name}: ${problem}`);
  }

  #raise(bits: number): void {
    this.#interruptStatus |= bits;
    this.#update();
  }

  #update(): void {
    const level = this.#interruptStatus !== 0;
    if (level === this.#level) return;
    this.#level = level;
    this.#options.onInterrupt(level);
  }
}
