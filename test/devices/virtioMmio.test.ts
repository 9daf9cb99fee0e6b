import { describe, expect, test } from "vitest";
import type { VirtioDevice, VirtioLink } from "../../src/devices/virtio/index.ts";
import type { Virtqueue } from "../../src/devices/virtio/virtqueue.ts";
import { Driver, feature, ramBase, reg, status } from "./virtioDriver.ts";

/** A device that gives each buffer back with the sum of its readable bytes written everywhere. */
class Summer implements VirtioDevice {
  readonly name = "summer";
  readonly id = 42;
  readonly features = (1n << 3n) | (1n << 33n);
  readonly queueSizes = [8, 64];
  readonly config = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  readonly written: [number, number, bigint][] = [];
  link: VirtioLink | undefined;
  resets = 0;

  connect(link: VirtioLink): void {
    this.link = link;
  }

  serve(_index: number, queue: Virtqueue): void {
    for (let chain = queue.take(); chain !== undefined; chain = queue.take()) {
      let sum = 0;
      chain.eachReadable(0, chain.readable, (bytes) => {
        for (const byte of bytes) sum += byte;
      });
      chain.eachWritable(0, chain.writable, (bytes) => bytes.fill(sum));
      queue.give(chain, chain.writable);
    }
  }

  writeConfig(offset: number, width: number, value: bigint): void {
    this.written.push([offset, width, value]);
  }

  reset(): void {
    this.resets++;
  }
}

function connect(legacy = false) {
  const device = new Summer();
  return { device, driver: new Driver(device, { legacy }) };
}

describe("identification", () => {
  test("is magic, version 2, the device's number and QEMU's vendor", () => {
    const { driver } = connect();
    expect(driver.get(reg.magic)).toBe(0x74726976);
    expect(driver.get(reg.version)).toBe(2);
    expect(driver.get(reg.deviceId)).toBe(42);
    expect(driver.get(reg.vendorId)).toBe(0x554d4551);
  });

  test("is version 1 with the legacy interface", () => {
    expect(connect(true).driver.get(reg.version)).toBe(1);
  });

  test("of a slot without a device is a device number of 0, and nothing happens there", () => {
    const driver = new Driver(undefined);
    expect(driver.get(reg.magic)).toBe(0x74726976);
    expect(driver.get(reg.version)).toBe(2);
    expect(driver.get(reg.deviceId)).toBe(0);
    driver.set(reg.status, 1);
    driver.set(reg.queueNotify, 0);
    expect(driver.get(reg.status)).toBe(0);
    expect(driver.mmio.load(reg.config, 8)).toBe(0n);
    expect(driver.levels).toEqual([]);
  });
});

describe("accesses", () => {
  test("of other widths than 4 read 0 and change nothing, but 8 are two of 4", () => {
    const { driver } = connect();
    expect(driver.mmio.load(reg.magic, 2)).toBe(0n);
    expect(driver.mmio.load(reg.magic, 1)).toBe(0n);
    expect(driver.mmio.load(reg.magic, 8)).toBe(0x2_7472_6976n);
    driver.mmio.store(reg.status, 1, 1n);
    expect(driver.get(reg.status)).toBe(0);
    driver.mmio.store(reg.status, 8, 1n);
    expect(driver.get(reg.status)).toBe(1);
  });

  test("that are not aligned, or lie beyond, are access faults", () => {
    const { driver } = connect();
    for (const [offset, width] of [
      [2, 4],
      [1, 2],
      [0x1fc, 8],
      [0x200, 4],
      [-4, 4],
      [0x104, 8],
    ] as const) {
      expect(driver.mmio.load(offset, width)).toBeUndefined();
      expect(driver.mmio.store(offset, width, 1n)).toBe(false);
    }
  });

  test("to the configuration space take any width, and it reads 0 beyond its end", () => {
    const { device, driver } = connect();
    expect(driver.mmio.load(reg.config, 8)).toBe(0x0807060504030201n);
    expect(driver.mmio.load(reg.config + 3, 1)).toBe(4n);
    expect(driver.mmio.load(reg.config + 8, 2)).toBe(9n);
    expect(driver.mmio.load(0x1fc, 4)).toBe(0n);
    driver.mmio.store(reg.config + 2, 2, 0xabcdn);
    expect(device.written).toEqual([[2, 2, 0xabcdn]]);
  });
});

describe("features", () => {
  test("on offer are the device's, those of rings, and version 1", () => {
    const { device, driver } = connect();
    expect(driver.offered).toBe(device.features | feature.indirect | feature.eventIndex | feature.version1);
    driver.set(reg.deviceFeaturesSel, 2);
    expect(driver.get(reg.deviceFeatures)).toBe(0);
  });

  test("on offer by the legacy interface are the first 32, and any layout", () => {
    const { driver } = connect(true);
    expect(driver.offered).toBe((1n << 3n) | feature.indirect | feature.eventIndex | feature.anyLayout);
  });

  test("are the device's to know once FEATURES_OK is set", () => {
    const { device, driver } = connect();
    driver.accept(feature.version1 | (1n << 33n));
    expect(device.link?.features).toBe(0n);
    driver.set(reg.status, status.featuresOk);
    expect(device.link?.features).toBe(feature.version1 | (1n << 33n));
  });

  test("that were not offered are refused by clearing FEATURES_OK", () => {
    for (const bad of [1n << 0n, 1n << 34n, 1n << 63n]) {
      const { device, driver } = connect();
      driver.accept(feature.version1 | bad);
      driver.set(reg.status, 3 | status.featuresOk);
      expect(driver.get(reg.status)).toBe(3);
      expect(device.link?.features).toBe(0n);
    }
  });

  test("need not include version 1: teaching kernels never look at the second word", () => {
    const { driver } = connect();
    driver.set(reg.driverFeatures, 1 << 3);
    driver.set(reg.status, 3 | status.featuresOk);
    expect(driver.get(reg.status)).toBe(11);
  });

  test("do not change after FEATURES_OK", () => {
    const { device, driver } = connect();
    driver.accept(feature.version1);
    driver.set(reg.status, status.featuresOk);
    driver.accept(feature.version1 | feature.indirect);
    driver.set(reg.status, status.featuresOk | status.driver);
    expect(device.link?.features).toBe(feature.version1);
  });

  test("of the legacy interface hold at once, as far as they are on offer", () => {
    const { device, driver } = connect(true);
    driver.accept(0xffffffffffffffffn);
    expect(device.link?.features).toBe(driver.offered);
  });
});

describe("queues", () => {
  test("say how large they may be, and 0 where there is none", () => {
    const { driver } = connect();
    const sizes = [0, 1, 2, 0xffffffff].map((index) => {
      driver.set(reg.queueSel, index);
      return driver.get(reg.queueNumMax);
    });
    expect(sizes).toEqual([8, 64, 0, 0]);
  });

  test("are ready when the driver says so, and not any more when it says that", () => {
    const { driver } = connect();
    driver.start();
    expect(driver.get(reg.queueReady)).toBe(1);
    driver.set(reg.queueReady, 0);
    expect(driver.get(reg.queueReady)).toBe(0);
  });

  test("are not touched while they are not ready", () => {
    const { driver } = connect();
    const [queue] = driver.start();
    driver.set(reg.queueReady, 0);
    driver.offer(queue, [{ pa: driver.room(4), length: 4, write: true }]);
    driver.notify(queue);
    expect(driver.collect(queue)).toEqual([]);
  });

  const good = { size: 8, descriptors: ramBase, used: ramBase + 0x2000, high: 0 };
  test.each([
    ["of no entries", { ...good, size: 0 }],
    ["of a size that is no power of 2", { ...good, size: 6 }],
    ["of more entries than there may be", { ...good, size: 16 }],
    ["below RAM", { ...good, descriptors: 0x1000 }],
    ["that lie across RAM's end", { ...good, used: ramBase + 16 * 65536 - 8 }],
    ["at an address of 64 bits", { ...good, high: 0xffffffff }],
  ])("%s need a reset of the device", (_, { size, descriptors, used, high }) => {
    const { driver } = connect();
    driver.set(reg.queueNum, size);
    driver.set(reg.queueDesc, descriptors);
    driver.set(reg.queueDriver, ramBase + 0x1000);
    driver.set(reg.queueDriver + 4, high);
    driver.set(reg.queueDevice, used);
    driver.set(reg.queueReady, 1);
    expect(driver.get(reg.status) & status.needsReset).toBe(status.needsReset);
    expect(driver.get(reg.queueReady)).toBe(0);
    expect(driver.warnings).toHaveLength(1);
  });

  test("of the legacy interface are where the page number says, and read it back", () => {
    const { driver } = connect(true);
    const [queue] = driver.start();
    expect(driver.get(reg.queuePfn)).toBe(queue.descriptors / 4096);
    expect(driver.transfer(queue, [{ pa: driver.room(4), length: 4, write: true }])).toBe(4);
    driver.set(reg.queuePfn, 0);
    driver.offer(queue, [{ pa: driver.room(4), length: 4, write: true }]);
    driver.notify(queue);
    expect(driver.collect(queue)).toEqual([]);
    expect(driver.get(reg.queuePfn)).toBe(0);
  });

  test("of the legacy interface have used rings at pages, for drivers that name neither alignment nor page size", () => {
    const { driver } = connect(true);
    const descriptors = driver.room(3 * 4096, 4096);
    driver.set(reg.queueNum, 8);
    driver.set(reg.queuePfn, descriptors / 4096);
    const queue = { index: 0, size: 8, descriptors, available: descriptors + 128, used: descriptors + 4096 };
    expect(
      driver.transfer({ ...queue, nextDescriptor: 0, nextAvailable: 0, lastUsed: 0 }, [
        { pa: driver.room(4), length: 4, write: true },
      ]),
    ).toBe(4);
  });

  test("of the legacy interface may be used before DRIVER_OK, of the modern one are served when it is set", () => {
    for (const legacy of [true, false]) {
      const { driver } = connect(legacy);
      driver.set(reg.status, 3);
      const queue = driver.addQueue(0, 8);
      driver.offer(queue, [{ pa: driver.room(4), length: 4, write: true }]);
      driver.notify(queue);
      expect(driver.collect(queue)).toHaveLength(legacy ? 1 : 0);
      driver.set(reg.status, 7);
      expect(driver.collect(queue)).toHaveLength(legacy ? 0 : 1);
    }
  });

  test("know registers of their own interface only", () => {
    const modern = connect().driver;
    modern.set(reg.queuePfn, 5);
    expect(modern.get(reg.queuePfn)).toBe(0);
    const legacy = connect(true).driver;
    legacy.set(reg.queueReady, 1);
    expect(legacy.get(reg.queueReady)).toBe(0);
    expect(legacy.warnings).toEqual([]);
  });
});

describe("interrupts", () => {
  test("come for used buffers, and stay until all causes are acknowledged", () => {
    const { device, driver } = connect();
    const [queue] = driver.start({ features: feature.version1 });
    driver.transfer(queue, [{ pa: driver.room(1), length: 1, write: true }]);
    expect(driver.levels).toEqual([true]);
    expect(driver.get(reg.interruptStatus)).toBe(1);
    device.link?.configChanged();
    expect(driver.get(reg.interruptStatus)).toBe(3);
    driver.set(reg.interruptAck, 1);
    expect(driver.get(reg.interruptStatus)).toBe(2);
    expect(driver.levels).toEqual([true]);
    driver.set(reg.interruptAck, 0xffffffff);
    expect(driver.levels).toEqual([true, false]);
    expect(driver.mmio.interrupt).toBe(false);
  });

  test("do not come when there was nothing to use", () => {
    const { driver } = connect();
    const [queue] = driver.start();
    driver.notify(queue);
    driver.set(reg.queueNotify, 7);
    expect(driver.levels).toEqual([]);
  });

  test("come for a changed configuration, with another generation, once the driver is there", () => {
    const { device, driver } = connect();
    const before = driver.get(reg.configGeneration);
    device.link?.configChanged();
    expect(driver.get(reg.configGeneration)).not.toBe(before);
    expect(driver.levels).toEqual([]);
    driver.start();
    device.link?.configChanged();
    expect(driver.get(reg.interruptStatus)).toBe(2);
  });
});

describe("reset", () => {
  test("takes back everything that the driver has set, and the interrupt", () => {
    const { device, driver } = connect();
    const [queue] = driver.start();
    driver.transfer(queue, [{ pa: driver.room(1), length: 1, write: true }]);
    const resets = device.resets;
    driver.set(reg.status, 0);
    expect(device.resets).toBe(resets + 1);
    expect(driver.levels).toEqual([true, false]);
    expect([reg.status, reg.interruptStatus, reg.queueReady].map((offset) => driver.get(offset))).toEqual([0, 0, 0]);
    expect(device.link?.features).toBe(0n);
    const [again] = driver.start();
    expect(driver.transfer(again, [{ pa: driver.room(1), length: 1, write: true }])).toBe(1);
  });

  test("of a legacy device takes its queues away", () => {
    const { driver } = connect(true);
    driver.start();
    driver.set(reg.status, 0);
    expect(driver.get(reg.queuePfn)).toBe(0);
  });

  test("is needed after nonsense: the status says so, with an interrupt, and the driver cannot clear it", () => {
    const { driver } = connect();
    const [queue] = driver.start();
    driver.publish(queue, 999);
    driver.notify(queue);
    expect(driver.get(reg.status)).toBe(15 | status.needsReset);
    expect(driver.get(reg.interruptStatus)).toBe(2);
    driver.set(reg.status, 15);
    expect(driver.get(reg.status)).toBe(15 | status.needsReset);
    const [again] = driver.start();
    expect(driver.get(reg.status)).toBe(15);
    expect(driver.transfer(again, [{ pa: driver.room(1), length: 1, write: true }])).toBe(1);
  });
});
