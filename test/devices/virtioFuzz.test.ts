import { describe, expect, test } from "vitest";
import {
  BlockError,
  MemoryStore,
  OverlayStore,
  SeededEntropy,
  VirtioBlock,
  VirtioConsole,
  type VirtioDevice,
  VirtioEntropy,
} from "../../src/devices/virtio/index.ts";
import { pageState } from "../../src/memory/physical.ts";
import { hammer, randomNumbers } from "./random.ts";
import { blockHeader, Driver, type DriverQueue, pattern, ramBase, reg, same } from "./virtioDriver.ts";

/** A disk that fails now and then, and must never be asked for what it has not. */
class Fragile extends MemoryStore {
  #calls = 0;

  override read(sector: number, into: Uint8Array): void {
    this.#check(sector, into);
    super.read(sector, into);
  }

  override write(sector: number, from: Uint8Array): void {
    this.#check(sector, from);
    super.write(sector, from);
  }

  #check(sector: number, bytes: Uint8Array): void {
    if (!Number.isInteger(sector) || bytes.length === 0 || bytes.length % 512 !== 0) {
      throw new Error(`${bytes.length} bytes at sector ${sector}`);
    }
    if (sector < 0 || sector + bytes.length / 512 > this.sectors) throw new Error(`sector ${sector} does not exist`);
    if (++this.#calls % 50 === 0) throw new BlockError("now and then");
  }
}

const kinds: Record<string, () => VirtioDevice> = {
  disk: () => new VirtioBlock(new Fragile(pattern(64 * 512))),
  "read-only disk": () => new VirtioBlock(new Fragile(pattern(64 * 512), { readOnly: true })),
  "disk with an overlay": () => new VirtioBlock(new OverlayStore(new Fragile(pattern(61 * 512)))),
  console: () => new VirtioConsole({ onOutput: () => {}, size: { cols: 80, rows: 25 } }),
  "random number generator": () => new VirtioEntropy(new SeededEntropy(1n)),
};
const cases = Object.keys(kinds).flatMap((kind) => [true, false].map((legacy) => ({ kind, legacy })));

type Random = (below: number) => number;

/** A descriptor that is mostly nearly right. */
function scribbleDescriptor(driver: Driver, table: number, index: number, random: Random, size: number): void {
  const address = [ramBase + random(0x10_0000), ramBase + 0xf_fff0, 0, 2 ** 52, table, ramBase + 0x1000][random(6)];
  const length = [0, 1, 16, 512, 513, 1024, 4096, 32, random(0x10000), 0xffffffff][random(10)];
  const flags = [0, 1, 2, 3, 4, 6, 5, 3, 1, 2, random(0x10000)][random(11)];
  const pa = random(4) === 0 ? address : ramBase + 0x8_0000 + random(0x4_0000);
  driver.writeDescriptor(table, index, pa, length, flags, random(8) === 0 ? random(0x10000) : random(size));
}

function scribble(driver: Driver, queue: DriverQueue, random: Random, headers: readonly number[]): void {
  const first = random(queue.size);
  for (let i = 0; i < 4; i++) scribbleDescriptor(driver, queue.descriptors, random(queue.size), random, queue.size);
  if (random(2) === 0) {
    // a chain that a disk would take for a request
    const next = (first + 1) % queue.size;
    driver.writeDescriptor(queue.descriptors, first, headers[random(headers.length)], 16, 1, next);
    driver.writeDescriptor(queue.descriptors, next, ramBase + 0x8_0000, [1, 513, 1025, 21][random(4)], 2);
  }
  if (random(50) === 0) driver.memory.store(ramBase + 0x1000 + random(0x2000), 8, BigInt(random(0xffffffff)));
  driver.publish(queue, random(20) === 0 ? random(0x10000) : first);
  if (random(3) !== 0) driver.notify(queue);
}

/**
 * From now on, each store to the registers now and then is checked: all bytes of RAM that it changes must be told to
 * those who watch. Answers how many times something had changed.
 */
function tellsAll(driver: Driver): () => number {
  const { memory, mmio } = driver;
  const ram = memory.bytes.subarray(memory.hostBase, memory.hostBase + memory.ramBytes);
  const store = mmio.store.bind(mmio);
  let stores = 0;
  let changes = 0;
  mmio.store = (offset, width, value) => {
    if (offset !== reg.queueNotify || ++stores % 300 !== 0) return store(offset, width, value);
    const before = ram.slice();
    const expected = ram.slice();
    memory.pageState.fill(pageState.polled);
    memory.onWatchedWrite = (pa, size) => {
      const at = pa - memory.ramBase;
      expected.set(ram.subarray(at, at + size), at);
    };
    const answer = store(offset, width, value);
    memory.pageState.fill(0);
    if (!same(expected, ram)) throw new Error(`store ${stores} changed RAM unheard`);
    if (!same(before, ram)) changes++;
    return answer;
  };
  return () => changes;
}

describe.each(cases)("a $kind (legacy: $legacy)", ({ kind, legacy }) => {
  test("takes any accesses to its registers without throwing", () => {
    const device = kinds[kind]();
    const driver = new Driver(device, { legacy });
    const registers = [...Object.values(reg), 0x84, 0x94, 0xa4, reg.queueNotify, reg.status, 0x108];
    hammer(driver.mmio, registers, 200_000, () => {
      if (device instanceof VirtioConsole) device.receive(Uint8Array.of(1));
    });
    expect(driver.warnings.length).toBeLessThanOrEqual(16);
  });

  test("takes any rings without throwing, writes nothing outside RAM, and works again after a reset", () => {
    const device = kinds[kind]();
    const driver = new Driver(device, { legacy });
    const random = randomNumbers(5);
    const queues = device.queueSizes.length;
    const headers = [0, 1, 4, 8, 13].flatMap((type) => [
      driver.put(blockHeader(type, 3)),
      driver.put(blockHeader(type, 63)),
    ]);
    const room = driver.room(0x1_0000, 4096);
    const told = tellsAll(driver);
    let used = 0;
    for (let round = 0; round < 2000; round++) {
      driver.rewind(room);
      for (const queue of driver.start({ queues, size: 8 })) {
        for (let i = 0; i < 12; i++) {
          scribble(driver, queue, random, headers);
          if (device instanceof VirtioConsole && random(4) === 0) device.receive(new Uint8Array(random(100)));
        }
        used += driver.load16(queue.used + 2);
      }
    }
    expect(used).toBeGreaterThan(500);
    expect(told()).toBeGreaterThan(5);
    // what lies around RAM in the WebAssembly memory is as it was
    const { bytes, hostBase, ramBytes } = driver.memory;
    expect(bytes.subarray(0, hostBase).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(hostBase + ramBytes).every((byte) => byte === 0)).toBe(true);
    driver.rewind(room);
    const queue = driver.start({ queues, size: 8 })[queues - 1];
    const pieces = [
      { pa: driver.put(blockHeader(8)), length: 16 },
      { pa: driver.room(21), length: 21, write: true },
    ];
    driver.transfer(queue, pieces);
  });
});
