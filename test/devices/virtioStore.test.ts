import { describe, expect, test } from "vitest";
import { BlockError, MemoryStore, OverlayStore } from "../../src/devices/virtio/index.ts";
import { randomNumbers } from "./random.ts";
import { pattern, same } from "./virtioDriver.ts";

describe("a disk in memory", () => {
  test("is made of whole sectors", () => {
    expect(() => new MemoryStore(new Uint8Array(513))).toThrow(RangeError);
    expect(new MemoryStore(new Uint8Array(1024)).sectors).toBe(2);
  });
});

describe("an overlay", () => {
  test("reads like a disk that was written, while the one below stays as it was", () => {
    const sectors = 3003; // the last block is not whole
    const before = pattern(sectors * 512, 2);
    const below = new MemoryStore(before.slice(), { readOnly: true });
    const overlay = new OverlayStore(below);
    const model = new MemoryStore(before.slice());
    const random = randomNumbers(7);
    const news = pattern(64 * 512, 5);
    for (let i = 0; i < 3000; i++) {
      const sector = random(sectors);
      const bytes = news.subarray(i, i + 512 * (1 + random(Math.min(40, sectors - sector))));
      if (random(2) === 0) {
        overlay.write(sector, bytes);
        model.write(sector, bytes);
      } else {
        const found = new Uint8Array(bytes.length);
        overlay.read(sector, found);
        expect(same(found, model.image.subarray(sector * 512, sector * 512 + bytes.length))).toBe(true);
      }
    }
    const all = new Uint8Array(sectors * 512);
    overlay.read(0, all);
    expect(same(all, model.image)).toBe(true);
    expect(same(below.image, before)).toBe(true);
    expect(overlay.readOnly).toBe(false);
  });

  test("takes memory only for what was written, a MiB at a time", () => {
    const overlay = new OverlayStore(new MemoryStore(new Uint8Array(4 << 20)));
    overlay.read(0, new Uint8Array(4 << 20));
    expect(overlay.bytes).toBe(0);
    for (let sector = 0; sector < 8192; sector += 32) overlay.write(sector, new Uint8Array(512));
    expect(overlay.bytes).toBe(1 << 20);
    overlay.write(8, new Uint8Array(512));
    expect(overlay.bytes).toBe(2 << 20);
  });

  test("asks the disk below for as much at once as was not written", () => {
    const asked: string[] = [];
    const below = new (class extends MemoryStore {
      override read(sector: number, into: Uint8Array): void {
        asked.push(`${sector} + ${into.length / 512}`);
        super.read(sector, into);
      }
    })(new Uint8Array(512 * 512));
    const overlay = new OverlayStore(below);
    overlay.write(104, new Uint8Array(4096));
    overlay.read(3, new Uint8Array(400 * 512));
    expect(asked).toEqual(["3 + 101", "112 + 291"]);
  });

  test("is as before when the disk below fails during a write", () => {
    const below = new MemoryStore(pattern(8192));
    let failing = false;
    const overlay = new OverlayStore({
      sectors: below.sectors,
      readOnly: true,
      read: (sector, into) => {
        if (failing) throw new BlockError("broken");
        below.read(sector, into);
      },
      write: () => {},
      flush: () => {},
    });
    failing = true;
    expect(() => overlay.write(1, pattern(512, 5))).toThrow(BlockError);
    // a block that is written as a whole needs nothing from below
    overlay.write(8, pattern(4096, 6));
    failing = false;
    const found = new Uint8Array(8192);
    overlay.read(0, found);
    expect(found).toEqual(Uint8Array.of(...pattern(8192).subarray(0, 4096), ...pattern(4096, 6)));
  });
});
