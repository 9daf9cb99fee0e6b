import { describe, expect, test } from "vitest";
import { BlockError, type BlockStore, MemoryStore, VirtioBlock } from "../../src/devices/virtio/index.ts";
import { blockHeader, Driver, type DriverOptions, feature, type Piece, pattern, reg, same } from "./virtioDriver.ts";

const type = { in: 0, out: 1, flush: 4, getId: 8, discard: 11, writeZeroes: 13 } as const;
const [ok, ioError, unsupported] = [0, 1, 2];
const blockFeature = { readOnly: 1n << 5n, flush: 1n << 9n, writeZeroes: 1n << 14n } as const;

/** A disk and what it was asked, with errors on demand. */
class Recorder extends MemoryStore {
  readonly asked: string[] = [];
  failing = false;

  override read(sector: number, into: Uint8Array): void {
    this.#note(`read ${sector} + ${into.length / 512}`);
    super.read(sector, into);
  }

  override write(sector: number, from: Uint8Array): void {
    this.#note(`write ${sector} + ${from.length / 512}`);
    super.write(sector, from);
  }

  override flush(): void {
    this.#note("flush");
  }

  #note(what: string): void {
    this.asked.push(what);
    if (this.failing) throw new BlockError("the disk is broken");
  }
}

function connect({
  readOnly = false,
  sectors = 64,
  features,
  legacy = false,
}: DriverOptions & { readOnly?: boolean; sectors?: number; features?: bigint } = {}) {
  const store = new Recorder(pattern(sectors * 512, 9), { readOnly });
  const driver = new Driver(new VirtioBlock(store, { id: "disk-0" }), { legacy });
  const [queue] = driver.start({ features: features ?? driver.offered, size: 64 });
  const statusAt = driver.room(1);
  /** One request: its status, and how much the device says it has written. */
  const request = (header: Uint8Array, data: readonly Piece[] = []) => {
    driver.memory.store(statusAt, 1, 0xeen);
    const head = { pa: driver.put(header), length: header.length };
    const length = driver.transfer(queue, [head, ...data, { pa: statusAt, length: 1, write: true }]);
    return { status: Number(driver.memory.load(statusAt, 1)), length };
  };
  const room = (length: number): Piece => ({ pa: driver.room(length), length, write: true });
  const data = (bytes: Uint8Array): Piece => ({ pa: driver.put(bytes), length: bytes.length });
  const bytesOf = (...pieces: Piece[]) => pieces.flatMap(({ pa, length }) => [...driver.memory.read(pa, length)]);
  return { store, driver, queue, request, room, data, bytesOf };
}

describe("the configuration space", () => {
  test("says how many sectors there are, that blocks are 512 bytes, and physical ones 4096", () => {
    const { driver } = connect();
    expect(driver.mmio.load(reg.config, 8)).toBe(64n);
    expect(driver.get(reg.config + 12)).toBe(254);
    expect(driver.get(reg.config + 20)).toBe(512);
    expect(driver.mmio.load(reg.config + 24, 1)).toBe(3n);
    expect(driver.get(reg.config + 48)).toBe(32768);
  });

  test("goes with a feature that says whether the disk is read-only", () => {
    expect(connect({ readOnly: true }).driver.offered & (blockFeature.readOnly | blockFeature.writeZeroes)).toBe(32n);
    expect(connect().driver.offered & blockFeature.readOnly).toBe(0n);
  });
});

describe.each([{ legacy: false }, { legacy: true }])("requests (legacy: $legacy)", ({ legacy }) => {
  test("to read fill their pieces from the sector on, each asked of the store as a whole", () => {
    const { store, request, room, bytesOf } = connect({ legacy });
    const [first, second] = [room(1024), room(512)];
    expect(request(blockHeader(type.in, 7), [first, second])).toEqual({ status: ok, length: 1537 });
    expect(bytesOf(first, second)).toEqual([...store.image.subarray(7 * 512, 10 * 512)]);
    expect(store.asked).toEqual(["read 7 + 2", "read 9 + 1"]);
  });

  test("to write store their pieces from the sector on", () => {
    const { store, request, data } = connect({ legacy });
    const bytes = pattern(1536, 4);
    const pieces = [data(bytes.subarray(0, 1024)), data(bytes.subarray(1024))];
    expect(request(blockHeader(type.out, 61), pieces)).toEqual({ status: ok, length: 1 });
    expect([...store.image.subarray(61 * 512)]).toEqual([...bytes]);
    expect(store.asked).toEqual(["write 61 + 2", "write 63 + 1"]);
  });

  test("to flush and for the disk's name are answered", () => {
    const { store, request, room, bytesOf } = connect({ legacy });
    expect(request(blockHeader(type.flush))).toEqual({ status: ok, length: 1 });
    expect(store.asked).toEqual(["flush"]);
    const id = room(20);
    expect(request(blockHeader(type.getId), [id])).toEqual({ status: ok, length: 21 });
    expect(String.fromCharCode(...bytesOf(id))).toBe(`disk-0${"\0".repeat(14)}`);
  });
});

describe("pieces", () => {
  test.each([
    ["smaller than sectors", [100, 412, 512, 511, 1]],
    ["that end within sectors", [700, 1000, 348]],
    ["of one byte at both ends", [1, 2046, 1]],
  ])("%s are put together to sectors, and taken apart", (_, sizes) => {
    const { store, request, room, data, bytesOf } = connect();
    const bytes = pattern(2048, 3);
    let at = 0;
    const from = sizes.map((size) => data(bytes.subarray(at, (at += size))));
    expect(request(blockHeader(type.out, 2), from).status).toBe(ok);
    expect([...store.image.subarray(1024, 1024 + at)]).toEqual([...bytes.subarray(0, at)]);
    const into = sizes.map(room);
    expect(request(blockHeader(type.in, 2), into)).toEqual({ status: ok, length: at + 1 });
    expect(bytesOf(...into)).toEqual([...bytes.subarray(0, at)]);
  });

  test("may be shared by header, data and status: framing means nothing", () => {
    const { store, driver, queue } = connect();
    const sector = pattern(512, 6);
    const readable = new Uint8Array(528);
    readable.set(blockHeader(type.out, 3));
    readable.set(sector, 16);
    const pa = driver.put(readable);
    const state = driver.room(1);
    driver.transfer(queue, [
      { pa, length: 5 },
      { pa: pa + 5, length: 523 },
      { pa: state, length: 1, write: true },
    ]);
    expect([...store.image.subarray(3 * 512, 4 * 512)]).toEqual([...sector]);
    const whole = driver.room(513);
    const header = driver.put(blockHeader(type.in, 3));
    const pieces = [
      { pa: header, length: 16 },
      { pa: whole, length: 513, write: true },
    ];
    expect(driver.transfer(queue, pieces)).toBe(513);
    expect([...driver.memory.read(whole, 513)]).toEqual([...sector, ok]);
  });
});

describe("I/O errors", () => {
  test.each([
    ["beyond the end", 64, 512],
    ["across the end", 63, 1024],
    ["at a sector of 64 bits", 2n ** 64n - 1n, 512],
    ["of no whole sectors", 0, 500],
  ])("answer reads and writes %s, and the store is not asked", (_, sector, length) => {
    const { store, request, room, data } = connect();
    expect(request(blockHeader(type.in, sector), [room(length)])).toEqual({ status: ioError, length: 0 });
    expect(request(blockHeader(type.out, sector), [data(pattern(length))])).toEqual({ status: ioError, length: 1 });
    expect(store.asked).toEqual([]);
  });

  test("answer whatever the store cannot do", () => {
    const { store, request, room, data } = connect();
    store.failing = true;
    expect(request(blockHeader(type.in), [room(512)]).status).toBe(ioError);
    expect(request(blockHeader(type.out), [data(pattern(512))]).status).toBe(ioError);
    expect(request(blockHeader(type.flush)).status).toBe(ioError);
    store.failing = false;
    expect(request(blockHeader(type.in), [room(512)]).status).toBe(ok);
  });

  test("of the host's own making are not hidden from it", () => {
    const store: BlockStore = {
      sectors: 1,
      readOnly: false,
      read: () => {
        throw new TypeError("a mistake");
      },
      write: () => {},
      flush: () => {},
    };
    const driver = new Driver(new VirtioBlock(store));
    const [queue] = driver.start();
    const pieces = [
      { pa: driver.put(blockHeader(type.in)), length: 16 },
      { pa: driver.room(513), length: 513, write: true },
    ];
    expect(() => driver.transfer(queue, pieces)).toThrow(TypeError);
  });

  test("answer writes to a read-only disk, which is never written", () => {
    const { store, request, data } = connect({ readOnly: true });
    const segment = new Uint8Array(16);
    segment[8] = 1;
    expect(request(blockHeader(type.out), [data(pattern(512))]).status).toBe(ioError);
    expect(request(blockHeader(type.writeZeroes), [data(segment)]).status).toBe(ioError);
    expect(request(blockHeader(type.flush)).status).toBe(ok);
    expect(store.asked).toEqual(["flush"]);
  });
});

describe("flushes", () => {
  test("follow each write of a driver that knows none, before it is told that the write is done", () => {
    const { store, request, data } = connect({ features: feature.version1 });
    expect(request(blockHeader(type.out), [data(pattern(512))]).status).toBe(ok);
    expect(store.asked).toEqual(["write 0 + 1", "flush"]);
  });

  test("are a driver's own business if it knows them", () => {
    const { store, request, data } = connect({ features: feature.version1 | blockFeature.flush });
    request(blockHeader(type.out), [data(pattern(512))]);
    expect(store.asked).toEqual(["write 0 + 1"]);
  });
});

describe("writing zeroes", () => {
  const segment = (sector: number, sectors: number, flags = 0) => {
    const view = new DataView(new ArrayBuffer(16));
    view.setBigUint64(0, BigInt(sector), true);
    view.setUint32(8, sectors, true);
    view.setUint32(12, flags, true);
    return new Uint8Array(view.buffer);
  };

  test("makes as many sectors zero as it says, and no others", () => {
    const { store, request, data } = connect({ sectors: 1000 });
    const expected = store.image.slice().fill(0, 3 * 512, 303 * 512);
    expect(request(blockHeader(type.writeZeroes), [data(segment(3, 300, 1))]).status).toBe(ok);
    expect(same(store.image, expected)).toBe(true);
  });

  test.each([
    ["beyond the end", segment(60, 5), ioError],
    ["of more than 16 MiB", segment(0, 32769), ioError],
    ["in two segments", new Uint8Array(32), ioError],
    ["with flags that nobody knows", segment(0, 1, 2), unsupported],
  ])("%s is refused", (_, bytes, expected) => {
    const { store, request, data } = connect();
    expect(request(blockHeader(type.writeZeroes), [data(bytes)]).status).toBe(expected);
    expect(store.asked).toEqual([]);
  });
});

describe("other requests", () => {
  test("are not supported", () => {
    const { request } = connect();
    for (const unknown of [2, 7, type.discard, 0xffffffff]) {
      expect(request(blockHeader(unknown))).toEqual({ status: unsupported, length: 1 });
    }
  });

  test("without a whole header, or without a status, break the queue", () => {
    for (const pieces of [
      [15, 1],
      [16, 0],
    ]) {
      const { driver, queue } = connect();
      driver.offer(queue, [
        { pa: driver.room(16), length: pieces[0] },
        { pa: driver.room(1), length: pieces[1], write: true },
      ]);
      driver.notify(queue);
      expect(driver.collect(queue)).toEqual([]);
      expect(driver.warnings).toEqual(["virtio-blk: queue 0: a request without header or status"]);
    }
  });
});
