import { describe, expect, test } from "vitest";
import { VirtioConsole, VirtioEntropy } from "../../src/devices/virtio/index.ts";
import { pageState } from "../../src/memory/physical.ts";
import {
  Driver,
  type DriverOptions,
  type DriverQueue,
  descriptorFlag,
  feature,
  type Piece,
  ramBase,
  reg,
  status,
} from "./virtioDriver.ts";

const ramEnd = ramBase + 16 * 65536;

/** A console, whose transmit queue shows what the device reads, and a receive queue that shows what it writes. */
function connect(options: DriverOptions & { features?: bigint; size?: number } = {}) {
  const printed: number[] = [];
  const device = new VirtioConsole({ onOutput: (bytes) => printed.push(...bytes) });
  const driver = new Driver(device, options);
  const { size = 8, features = driver.offered } = options;
  const [receive, transmit] = driver.start({ queues: 2, size, features });
  const text = (letters: string): Piece => ({
    pa: driver.put(Uint8Array.from(letters, (letter) => letter.charCodeAt(0))),
    length: letters.length,
  });
  return { device, driver, receive, transmit, text, output: () => String.fromCharCode(...printed) };
}

describe.each([{ legacy: false }, { legacy: true }])("a queue (legacy: $legacy)", ({ legacy }) => {
  test("delivers a chain's pieces in their order", () => {
    const { driver, transmit, text, output } = connect({ legacy });
    expect(driver.transfer(transmit, [text("one "), text(""), text("two "), text("three")])).toBe(0);
    expect(output()).toBe("one two three");
  });

  test("delivers several buffers on one notification, in their order", () => {
    const { driver, transmit, text, output } = connect({ legacy });
    const heads = ["a", "b", "c"].map((letter) => driver.offer(transmit, [text(letter)]));
    driver.notify(transmit);
    expect(driver.collect(transmit).map(({ id }) => id)).toEqual(heads);
    expect(output()).toBe("abc");
  });

  test("delivers indirect descriptors, alone or behind others", () => {
    const { driver, transmit, text, output } = connect({ legacy });
    driver.transfer(transmit, [text("alone "), text("and ")], { indirect: true });
    const table = driver.room(32);
    driver.writeChain(table, 2, 0, [text("the "), text("rest")]);
    const direct = text("behind ");
    driver.writeDescriptor(transmit.descriptors, 5, direct.pa, direct.length, descriptorFlag.next, 2);
    // the write flag of a descriptor that refers to a table means nothing
    driver.writeDescriptor(transmit.descriptors, 2, table, 32, descriptorFlag.indirect | descriptorFlag.write);
    driver.publish(transmit, 5);
    driver.notify(transmit);
    expect(output()).toBe("alone and behind the rest");
  });

  test("goes round its rings and through all 16 bits of its indices", () => {
    const { driver, transmit, text, output } = connect({ legacy, size: 2 });
    const piece = text("x");
    let notified = 0;
    for (let i = 0; i < 70_000; i++) {
      driver.offer(transmit, [piece]);
      if (i % 2 === 0) continue;
      driver.notify(transmit);
      notified += driver.collect(transmit).length;
    }
    expect(notified).toBe(70_000);
    expect(output().length).toBe(70_000);
    expect(driver.warnings).toEqual([]);
  });

  test("writes into pieces in their order, and tells those who watch the pages", () => {
    const { device, driver, receive } = connect({ legacy });
    const [first, second] = [driver.room(3), driver.room(100, 4096)];
    const heard: [number, number][] = [];
    driver.memory.pageState[(second - ramBase) / 4096] |= pageState.polled;
    driver.memory.onWatchedWrite = (pa, size) => heard.push([pa, size]);
    driver.offer(receive, [
      { pa: first, length: 3, write: true },
      { pa: second, length: 100, write: true },
    ]);
    device.receive(Uint8Array.of(1, 2, 3, 4, 5));
    expect(driver.collect(receive)).toEqual([{ id: 0, length: 5 }]);
    expect([...driver.memory.read(first, 3), ...driver.memory.read(second, 3)]).toEqual([1, 2, 3, 4, 5, 0]);
    expect(heard).toContainEqual([second, 2]);
  });
});

describe("interrupts", () => {
  test("are suppressed by the available ring's flag", () => {
    const { driver, transmit, text } = connect({ features: feature.version1 });
    driver.store16(transmit.available, 1);
    driver.transfer(transmit, [text("x")]);
    expect(driver.levels).toEqual([]);
    driver.store16(transmit.available, 0);
    driver.transfer(transmit, [text("x")]);
    expect(driver.levels).toEqual([true]);
  });

  test("with event indices come only when the entry that the driver waits for is used", () => {
    const { driver, transmit, text } = connect();
    const usedEvent = transmit.available + 4 + 2 * transmit.size;
    const availEvent = transmit.used + 4 + 8 * transmit.size;
    driver.store16(usedEvent, 2);
    driver.store16(transmit.available, 1); // the flag does not count
    const interrupted = [1, 2, 3, 4].map(() => {
      driver.transfer(transmit, [text("x")]);
      const level = driver.mmio.interrupt;
      driver.set(reg.interruptAck, 1);
      return level;
    });
    expect(interrupted).toEqual([false, false, true, false]);
    expect(driver.load16(availEvent)).toBe(4);
    // of several that are used at once, any may be the one
    driver.store16(usedEvent, 5);
    for (let i = 0; i < 4; i++) driver.offer(transmit, [text("x")]);
    driver.notify(transmit);
    expect(driver.mmio.interrupt).toBe(true);
  });
});

/** Offers an indirect table, with something wrong about it. */
function refer(
  driver: Driver,
  queue: DriverQueue,
  { nested = 0, flags = descriptorFlag.indirect as number, length = 32, table = 0 },
): void {
  const good = driver.room(32);
  driver.writeDescriptor(good, 0, ramBase, 16, nested);
  driver.writeDescriptor(queue.descriptors, 0, table === 0 ? good : table, length, flags, 1);
  driver.publish(queue, 0);
}

/** What a driver may write into a queue that nobody should. */
const nonsense: [string, (driver: Driver, queue: DriverQueue) => void][] = [
  ["a head beyond the table", (driver, queue) => driver.publish(queue, queue.size)],
  [
    "a next beyond the table",
    (driver, queue) => {
      driver.writeDescriptor(queue.descriptors, 0, ramBase, 1, descriptorFlag.next, queue.size);
      driver.publish(queue, 0);
    },
  ],
  [
    "a descriptor that is its own next",
    (driver, queue) => {
      driver.writeDescriptor(queue.descriptors, 0, ramBase, 1, descriptorFlag.next, 0);
      driver.publish(queue, 0);
    },
  ],
  [
    "a loop of empty descriptors in an indirect table",
    (driver, queue) => {
      const table = driver.room(32);
      driver.writeDescriptor(table, 0, 0, 0, descriptorFlag.next, 1);
      driver.writeDescriptor(table, 1, 0, 0, descriptorFlag.next, 0);
      driver.writeDescriptor(queue.descriptors, 0, table, 32, descriptorFlag.indirect);
      driver.publish(queue, 0);
    },
  ],
  ["a buffer below RAM", (driver, queue) => driver.offer(queue, [{ pa: 0, length: 1 }])],
  ["a buffer across RAM's end", (driver, queue) => driver.offer(queue, [{ pa: ramEnd - 1, length: 2 }])],
  ["a buffer of 4 GiB less one", (driver, queue) => driver.offer(queue, [{ pa: ramBase, length: 0xffffffff }])],
  [
    "a buffer at an address of 64 bits",
    (driver, queue) => {
      driver.writeDescriptor(queue.descriptors, 0, 0xffffffff_80000000n, 1, 0);
      driver.publish(queue, 0);
    },
  ],
  [
    "a readable piece after a writable one",
    (driver, queue) =>
      driver.offer(queue, [
        { pa: ramBase, length: 1, write: true },
        { pa: ramBase, length: 1 },
      ]),
  ],
  ["more buffers than entries", (driver, queue) => driver.store16(queue.available + 2, queue.size + 1)],
  ["an index that goes back", (driver, queue) => driver.store16(queue.available + 2, 0xffff)],
  ["an indirect table in an indirect table", (driver, queue) => refer(driver, queue, { nested: 4 })],
  ["an indirect descriptor that has a next one", (driver, queue) => refer(driver, queue, { flags: 4 | 1 })],
  ["an indirect table of no bytes", (driver, queue) => refer(driver, queue, { length: 0 })],
  ["an indirect table that ends within a descriptor", (driver, queue) => refer(driver, queue, { length: 24 })],
  ["an indirect table below RAM", (driver, queue) => refer(driver, queue, { table: 0x1000 })],
  ["an indirect table that ends beyond RAM", (driver, queue) => refer(driver, queue, { table: ramEnd - 16 })],
];

describe.each([{ legacy: false }, { legacy: true }])("a driver's nonsense (legacy: $legacy)", ({ legacy }) => {
  test.each(nonsense)("%s: nothing is done, and the device rests until it is reset", (_, write) => {
    const { driver, transmit, text, output } = connect({ legacy });
    write(driver, transmit);
    driver.notify(transmit);
    expect(driver.collect(transmit)).toEqual([]);
    expect(driver.warnings).toHaveLength(1);
    expect((driver.get(reg.status) & status.needsReset) !== 0).toBe(!legacy);
    driver.notify(transmit);
    expect(driver.warnings).toHaveLength(1);
    expect(output()).toBe("");
    const [, again] = driver.start({ queues: 2 });
    driver.transfer(again, [text("again")]);
    expect(output()).toBe("again");
  });

  test("an indirect descriptor that was not agreed upon is nonsense", () => {
    const { driver, transmit, text } = connect({ legacy, features: legacy ? 0n : feature.version1 });
    driver.offer(transmit, [text("x")], { indirect: true });
    driver.notify(transmit);
    expect(driver.warnings).toEqual(["virtio-console: queue 1: an indirect descriptor, which was not agreed upon"]);
  });

  test("buffers before the nonsense are still given back", () => {
    const { driver, transmit, text, output } = connect({ legacy });
    driver.offer(transmit, [text("good")]);
    driver.publish(transmit, 77);
    driver.notify(transmit);
    expect(driver.collect(transmit)).toHaveLength(1);
    expect(output()).toBe("good");
    expect(driver.get(reg.interruptStatus) & 1).toBe(1);
  });
});

describe("work is bounded", () => {
  test("when the device's own writes keep making buffers available", () => {
    const driver = new Driver(new VirtioEntropy({ fill: (bytes) => bytes.fill(counter++) }));
    let counter = 1;
    const [queue] = driver.start();
    // every descriptor's buffer is the available index's low byte: each fill makes one more available
    for (let i = 0; i < queue.size; i++) {
      driver.writeDescriptor(queue.descriptors, i, queue.available + 2, 1, descriptorFlag.write);
    }
    driver.store16(queue.available + 2, 1);
    driver.notify(queue);
    expect(driver.collect(queue).length).toBeLessThanOrEqual(queue.size);
  });

  test("when every buffer is all of RAM, a thousand times over", () => {
    const printed = { bytes: 0 };
    const device = new VirtioConsole({ onOutput: (bytes) => (printed.bytes += bytes.length) });
    const driver = new Driver(device, { ramPages: 1024 });
    const [, transmit] = driver.start({ queues: 2 });
    const pieces = Array.from({ length: 1024 }, () => ({ pa: ramBase, length: 1024 * 65536 }));
    driver.offer(transmit, pieces, { indirect: true });
    driver.notify(transmit);
    expect(printed.bytes).toBe(0);
    expect(driver.warnings).toHaveLength(1);
  });
});
