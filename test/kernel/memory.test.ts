import { describe, expect, test } from "vitest";
import { kernel } from "../pagewalk/fixture.ts";

describe("a kernel's memory", () => {
  test("gives frames that are zero, whatever their last owner has put there without telling", () => {
    const { memory } = kernel();
    const first = memory.allocateFolio()!;
    memory.bytesOf(first.pfn).fill(7);
    memory.put(first);
    const second = memory.allocateFolio()!;
    expect(second.pfn).toBe(first.pfn);
    expect(memory.bytesOf(second.pfn).every((byte) => byte === 0)).toBe(true);
  });

  test("knows no page of a frame that is nobody's, and names what is given back too often", () => {
    const { memory } = kernel();
    const folio = memory.allocateFolio(2)!;
    expect(memory.pageOf(folio.pfn + 3)!.folio).toBe(folio);
    expect([memory.pageOf(folio.pfn + 4), memory.pageOf(1), memory.pageOf(2 ** 40)]).toEqual([null, null, null]);
    memory.put(folio);
    expect(memory.pageOf(folio.pfn)).toBeNull();
    folio.refCount = 0;
    expect(() => memory.put(folio)).toThrow(/too many references/);
  });

  test("says when there is no room for a shared zero page, or for huge pages", () => {
    const { memory } = kernel({ mebibytes: 1 });
    expect(() => memory.hugeZeroFolio()).toThrow(RangeError);
    expect(() => memory.fillPool(2n << 20n, 1)).toThrow(/no memory for 1 huge pages/);
    memory.fillPool(65536n, 2);
    expect(memory.hugetlbPool(65536n).pages).toBe(2);
  });

  test("makes single folios of a large one only where nobody else knows it", () => {
    const { memory } = kernel();
    const folio = memory.allocateFolio(3)!;
    expect(memory.splitFolio(folio)).toBe(false);
    folio.refCount = folio.mapCount = 8;
    expect(memory.splitFolio(folio)).toBe(true);
    const free = memory.frames.freeFrames;
    for (let i = 0; i < 8; i++) memory.put(memory.folioOf(folio.pfn + i)!);
    expect(memory.frames.freeFrames).toBe(free + 8);
  });
});
