import { describe, expect, test } from "vitest";
import { SeededEntropy, VirtioEntropy } from "../../src/devices/virtio/index.ts";
import { Driver } from "./virtioDriver.ts";

function draw(seed: bigint, sizes: readonly number[]): number[] {
  const driver = new Driver(new VirtioEntropy(new SeededEntropy(seed)));
  const [queue] = driver.start();
  return sizes.flatMap((length) => {
    const pa = driver.room(length);
    expect(driver.transfer(queue, [{ pa, length, write: true }])).toBe(length);
    return [...driver.memory.read(pa, length)];
  });
}

describe("random bytes", () => {
  test("are the same for the same seed, however they are asked for", () => {
    const whole = draw(5n, [100]);
    expect(draw(5n, [1, 2, 3, 94])).toEqual(whole);
    expect(draw(6n, [100])).not.toEqual(whole);
    expect(draw(5n + (1n << 32n), [100])).not.toEqual(whole);
  });

  test("are as many as a buffer has room for, up to 64 KiB", () => {
    const driver = new Driver(new VirtioEntropy(new SeededEntropy(1n)));
    const [queue] = driver.start();
    expect(driver.transfer(queue, [{ pa: driver.room(0x30000), length: 0x30000, write: true }])).toBe(0x10000);
    expect(driver.transfer(queue, [{ pa: driver.room(4), length: 4 }])).toBe(0);
  });

  test("are spread evenly over values and bits, from any seed", () => {
    for (const seed of [0n, 1n, 0xffffffffffffffffn]) {
      const counts = new Array(256).fill(0);
      for (const byte of draw(seed, [0x10000])) counts[byte]++;
      // 256 of each on average; chi-square with 255 degrees of freedom is under 350 but once in 20,000 times
      const chiSquare = counts.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0);
      expect(chiSquare).toBeLessThan(350);
      expect(chiSquare).toBeGreaterThan(170);
    }
  });
});
