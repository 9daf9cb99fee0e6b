import { describe, expect, test } from "vitest";
import { type TerminalSize, VirtioConsole } from "../../src/devices/virtio/index.ts";
import { Driver, reg, status } from "./virtioDriver.ts";

function connect(size?: TerminalSize) {
  const printed: Uint8Array[] = [];
  const device = new VirtioConsole({ onOutput: (bytes) => printed.push(bytes), size });
  const driver = new Driver(device);
  return { device, driver, printed };
}

describe("input", () => {
  test("waits until the guest has buffers, and fills one after the other", () => {
    const { device, driver } = connect();
    device.receive(Uint8Array.of(1, 2));
    device.receive(Uint8Array.of(3, 4, 5));
    expect(device.waiting).toBe(5);
    const [receive] = driver.start({ queues: 2 });
    expect(device.waiting).toBe(5);
    const [small, large] = [driver.room(3), driver.room(64)];
    driver.offer(receive, [{ pa: small, length: 3, write: true }]);
    driver.offer(receive, [{ pa: large, length: 64, write: true }]);
    driver.notify(receive);
    expect(driver.collect(receive).map(({ length }) => length)).toEqual([3, 2]);
    expect([...driver.memory.read(small, 3), ...driver.memory.read(large, 2)]).toEqual([1, 2, 3, 4, 5]);
    expect(device.waiting).toBe(0);
  });

  test("goes into buffers that wait at once, with an interrupt, one buffer at a time", () => {
    const { device, driver } = connect();
    const [receive] = driver.start({ queues: 2 });
    for (let i = 0; i < 2; i++) driver.offer(receive, [{ pa: driver.room(64), length: 64, write: true }]);
    driver.notify(receive);
    expect(driver.collect(receive)).toEqual([]);
    device.receive(Uint8Array.of(65));
    expect(driver.levels).toEqual([true]);
    expect(driver.collect(receive)).toEqual([{ id: 0, length: 1 }]);
    device.receive(Uint8Array.of(66));
    expect(driver.collect(receive)).toEqual([{ id: 1, length: 1 }]);
  });

  test("is the console's own: the caller may use its bytes again", () => {
    const { device, driver } = connect();
    const bytes = Uint8Array.of(65);
    device.receive(bytes);
    bytes[0] = 90;
    const [receive] = driver.start({ queues: 2 });
    const pa = driver.room(1);
    driver.offer(receive, [{ pa, length: 1, write: true }]);
    driver.notify(receive);
    expect(driver.memory.load(pa, 1)).toBe(65n);
  });

  test("survives a reset, and buffers without room for it", () => {
    const { device, driver } = connect();
    driver.start({ queues: 2 });
    device.receive(Uint8Array.of(65));
    const [receive] = driver.start({ queues: 2 });
    driver.offer(receive, [{ pa: driver.room(4), length: 4 }]);
    driver.notify(receive);
    expect(driver.collect(receive)).toEqual([{ id: 0, length: 0 }]);
    expect(device.waiting).toBe(1);
  });
});

describe("output", () => {
  test("is handed on in pieces of at most 64 KiB, which are the host's", () => {
    const { driver, printed } = connect();
    const [, transmit] = driver.start({ queues: 2 });
    const pa = driver.room(0x18000);
    driver.memory.write(pa, new Uint8Array(0x18000).fill(7));
    driver.transfer(transmit, [{ pa, length: 0x18000 }]);
    driver.memory.write(pa, new Uint8Array(0x18000));
    expect(printed.map((bytes) => bytes.length)).toEqual([0x10000, 0x8000]);
    expect(printed.every((bytes) => bytes.every((byte) => byte === 7))).toBe(true);
  });

  test("in an emergency needs no queue", () => {
    const { driver, printed } = connect();
    driver.set(reg.config + 8, 0x141);
    driver.set(reg.config, 0x141);
    expect(printed).toEqual([Uint8Array.of(0x41)]);
  });
});

describe("the size", () => {
  test("is in the configuration space, and changes with an interrupt", () => {
    const { device, driver } = connect({ cols: 80, rows: 24 });
    expect(driver.offered & 1n).toBe(1n);
    driver.start({ queues: 2 });
    expect([driver.mmio.load(reg.config, 2), driver.mmio.load(reg.config + 2, 2)]).toEqual([80n, 24n]);
    device.resize({ cols: 132, rows: 50 });
    expect([driver.mmio.load(reg.config, 2), driver.mmio.load(reg.config + 2, 2)]).toEqual([132n, 50n]);
    expect(driver.get(reg.interruptStatus)).toBe(2);
    expect(driver.get(reg.status)).toBe(15 & ~status.needsReset);
  });

  test("is not on offer if it is not known", () => {
    const { device, driver } = connect();
    expect(driver.offered & 1n).toBe(0n);
    driver.start({ queues: 2 });
    device.resize({ cols: 132, rows: 50 });
    expect(driver.levels).toEqual([]);
  });
});
