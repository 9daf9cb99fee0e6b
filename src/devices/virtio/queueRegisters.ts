import type { Rings, Virtqueue } from "./virtqueue.ts";

/** Until the driver says otherwise, as on QEMU: some legacy drivers never do. */
const legacyAlign = 4096;

/** What a driver has written about one queue, and the queue while it is in use. */
export class QueueRegisters {
  /** QueueNumMax. */
  readonly most: number;
  /** QueueNum. */
  size: number;
  /** QueueDesc, QueueDriver, QueueDevice: low and high half each. */
  readonly addresses = new Uint32Array(6);
  /** QueueAlign and QueuePFN, of the legacy interface. */
  align = legacyAlign;
  pfn = 0;
  /** There while QueueReady is 1, or QueuePFN is not 0. */
  queue: Virtqueue | undefined;

  constructor(most: number) {
    this.most = most;
    this.size = most;
  }

  reset(): void {
    this.size = this.most;
    this.addresses.fill(0);
    this.align = legacyAlign;
    this.pfn = 0;
    this.queue = undefined;
  }

  /** Where the modern interface's driver has put the queue. Beyond 2^53 no address is exact, and none is RAM. */
  get rings(): Rings {
    const [descLow, descHigh, driverLow, driverHigh, deviceLow, deviceHigh] = this.addresses;
    return {
      descriptors: descHigh * 2 ** 32 + descLow,
      available: driverHigh * 2 ** 32 + driverLow,
      used: deviceHigh * 2 ** 32 + deviceLow,
    };
  }

  /** Where the legacy interface's driver has put the queue (2.7.2): the parts follow each other, the last aligned. */
  legacyRings(pageBytes: number): Rings {
    const descriptors = this.pfn * pageBytes;
    const available = descriptors + 16 * this.size;
    const used = Math.ceil((available + 6 + 2 * this.size) / this.align) * this.align;
    return { descriptors, available, used };
  }
}
