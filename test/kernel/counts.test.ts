import { describe, expect, test } from "vitest";
import {
  advisePageOut,
  collapse,
  copyMm,
  faultAnswer,
  faultIn,
  Mm,
  mprotect,
  unmapRange,
} from "../../src/kernel/index.ts";
import { sv39 } from "../../src/mmu/index.ts";
import { vmFlag } from "../../src/pagewalk/index.ts";
import { readSmaps } from "../../src/pagewalk/users/index.ts";
import { kernel, page, readWrite, twoMiB } from "../pagewalk/fixture.ts";

const base = 4n * twoMiB;

/** What a walk says of an address space, beside what it has counted. */
function bothCounts(mm: Mm) {
  const usage = mm.mmapLock.reading(() => readSmaps(mm));
  const sum = (of: (one: (typeof usage)[number]) => number) => usage.reduce((total, one) => total + of(one), 0) / 4096;
  return {
    walked: { resident: sum(({ rss }) => rss), total: sum(({ size }) => size) },
    counted: { resident: mm.residentPages, total: mm.totalPages },
  };
}

function expectAlike(mm: Mm) {
  const { walked, counted } = bothCounts(mm);
  expect(counted).toEqual(walked);
}

describe("an address space counts its pages", () => {
  test("as a walk does: faults, huge pages, fork, swap, unmapping, splits", () => {
    const { mm, memory, add } = kernel({ mebibytes: 32, swapBytes: 64 * 4096 });
    const store = (of: Mm, addr: bigint) => expect(faultIn(of, addr, "store")).toBe(faultAnswer.done);
    add(0n, 16);
    add(base, 1024, { flags: readWrite | vmFlag.VM_HUGEPAGE });
    for (let at = 0n; at < 8n; at++) store(mm, at * page);
    expect(faultIn(mm, 12n * page, "load")).toBe(faultAnswer.done);
    store(mm, base);
    expectAlike(mm);
    expect(mm.residentPages).toBe(8 + 512);

    const child = new Mm({ name: "child", memory, mode: sv39, asid: 2 });
    expect(copyMm(mm, child)).toBe(0);
    store(child, 0n);
    store(child, base);
    for (const one of [mm, child]) expectAlike(one);

    expect(mm.mmapLock.reading(() => advisePageOut(mm, 0n, 4n * page))).toBe(0);
    expectAlike(mm);
    expect(mm.mmapLock.writing(() => unmapRange(mm, 2n * page, 5n * page))).toBe(0);
    expect(mm.mmapLock.writing(() => mprotect(mm, 8n * page, 9n * page, vmFlag.VM_READ))).toBe(0);
    for (const one of [mm, child]) expectAlike(one);
  });

  test("and keeps the most that there were", () => {
    const { mm, add } = kernel();
    add(0n, 16);
    for (let at = 0n; at < 16n; at++) expect(faultIn(mm, at * page, "store")).toBe(faultAnswer.done);
    expect(mm.mmapLock.writing(() => unmapRange(mm, 0n, 16n * page))).toBe(0);
    expect([mm.totalPages, mm.residentPages]).toEqual([0, 0]);
    expect([mm.peakPages, mm.peakResident]).toEqual([16, 16]);
  });

  test("after small pages have become a huge one", () => {
    const { mm, add } = kernel({ mebibytes: 16 });
    const vma = add(base, 512);
    for (let at = 0n; at < 100n; at++) expect(faultIn(mm, base + at * page, "store")).toBe(faultAnswer.done);
    expect(mm.mmapLock.writing(() => collapse(vma, base, base + twoMiB))).toBe(0);
    expectAlike(mm);
    expect(mm.residentPages).toBe(512);
  });
});
