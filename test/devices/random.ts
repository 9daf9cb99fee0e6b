import type { AccessWidth, Device } from "../../src/memory/device.ts";

/** A generator of the same numbers in each run (xorshift32): a whole number below its argument. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const widths: readonly AccessWidth[] = [1, 2, 4, 8];

/**
 * Throws random accesses at a device, near its registers and anywhere: whatever it loads must fit the width, and
 * nothing may throw. `between` runs now and then.
 */
export function hammer(device: Device, registers: readonly number[], accesses: number, between = () => {}): void {
  const random = randomNumbers(99);
  const word = () => (BigInt(random(0x1_0000_0000 - 1)) << 32n) | BigInt(random(0x1_0000_0000 - 1));
  const values = [() => 0n, () => 1n, () => 0xffn, () => 0xffffffffffffffffn, word, () => word() & 0xffn];
  for (let i = 0; i < accesses; i++) {
    const width = widths[random(4)];
    const near = registers[random(registers.length)] + random(8);
    const offset = random(4) === 0 ? random(device.size + 16) - 8 : near;
    const value = BigInt.asUintN(8 * width, values[random(values.length)]());
    if (random(2) === 0) {
      const loaded = device.load(offset, width);
      if (loaded !== undefined && (loaded < 0n || loaded >= 1n << BigInt(8 * width))) {
        throw new Error(`${width} bytes at ${offset} read ${loaded}`);
      }
    } else device.store(offset, width, value);
    if (i % 100 === 0) between();
  }
}
