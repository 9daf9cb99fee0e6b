import type { AccessWidth } from "../../memory/device.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** What a device can ask of its transport. */
export interface VirtioLink {
  /** Feature bits that the driver has accepted; 0 before that. */
  readonly features: bigint;
  /** The device has something for a queue: the transport lets it {@link VirtioDevice.serve}, if the driver is ready. */
  wake(queue: number): void;
  /** The configuration space has changed. */
  configChanged(): void;
}

/** A virtio device without its transport (virtio 1.2, chapter 5). A guest's nonsense never throws. */
export interface VirtioDevice {
  /** For messages and memory maps: `virtio-blk` … */
  readonly name: string;
  /** The device type's number (chapter 5). */
  readonly id: number;
  /** Bits of the device's own kind that it offers; the transport adds those of queues and transports. */
  readonly features: bigint;
  /** How many entries each queue can have at most: powers of 2. */
  readonly queueSizes: readonly number[];
  /** The configuration space as it is now, little-endian; reads as 0 beyond. */
  readonly config: Uint8Array;
  /** Called once, by the transport that the device is put into. */
  connect(link: VirtioLink): void;
  /** Something may be available in a queue. Buffers are taken and given back before this returns. */
  serve(index: number, queue: Virtqueue): void;
  /** The driver writes to the configuration space; ignored without it. */
  writeConfig?(offset: number, width: AccessWidth, value: bigint): void;
  /** The driver has reset the device. */
  reset?(): void;
}

/** Feature bits of queues and transports (chapter 6). */
export const commonFeature = {
  anyLayout: 1n << 27n,
  indirectDescriptors: 1n << 28n,
  eventIndex: 1n << 29n,
  version1: 1n << 32n,
} as const;
