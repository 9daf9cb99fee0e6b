import { describe, expect, test } from "vitest";
import { memoryRanges } from "../../src/debug/memoryRanges.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { sv39 } from "../../src/mmu/index.ts";

const root = 0x8000_1000;
const tables = { mode: sv39, asid: 0, root: BigInt(root) };

function memoryWith(entries: Readonly<Record<number, bigint>>) {
  const { memory } = createMachine({ ramBytes: 1 << 20 });
  for (const [at, pte] of Object.entries(entries)) memory.store(Number(at), 8, pte);
  return memory;
}

const table = (pa: number) => (BigInt(pa / 4096) << 10n) | 1n;
const leaf = (pa: number, flags: bigint) => (BigInt(pa / 4096) << 10n) | flags;
const rwx = 0xcfn;

describe("memory ranges", () => {
  test("joins neighbours in both address spaces with the same attributes", () => {
    const memory = memoryWith({
      [root]: table(0x8000_2000),
      2147491840: table(0x8000_3000),
      2147495936: leaf(0x8000_4000, rwx),
      2147495944: leaf(0x8000_5000, rwx),
      2147495952: leaf(0x8000_6000, 0xc3n),
      2147495960: leaf(0x8000_9000, 0xc3n),
    });
    expect(memoryRanges(memory, tables)).toEqual([
      { va: 0n, pa: 0x8000_4000n, bytes: 0x2000n, attributes: "rwx--ad" },
      { va: 0x2000n, pa: 0x8000_6000n, bytes: 0x1000n, attributes: "r----ad" },
      { va: 0x3000n, pa: 0x8000_9000n, bytes: 0x1000n, attributes: "r----ad" },
    ]);
  });

  test("shows the upper half by its canonical addresses", () => {
    const memory = memoryWith({ [root + 8 * 511]: leaf(0x8000_0000, rwx) });
    expect(memoryRanges(memory, tables)[0]).toMatchObject({ va: 0xffff_ffff_c000_0000n, bytes: 1n << 30n });
  });

  test("ends where tables name themselves, and leaves alone what is not RAM", () => {
    const self = Object.fromEntries(Array.from({ length: 512 }, (_, n) => [root + 8 * n, table(root)]));
    expect(memoryRanges(memoryWith(self), tables, 50).length).toBeLessThanOrEqual(50);
    expect(memoryRanges(memoryWith({ [root]: table(0x1000_0000) }), tables)).toEqual([]);
  });
});
