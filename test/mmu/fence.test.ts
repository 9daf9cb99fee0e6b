import { describe, expect, test } from "vitest";
import { sv39 } from "../../src/mmu/index.ts";
import { type bench, filled, machineMode, page, ramBase, regimeOf, supervisorBench, translate } from "./fixture.ts";

describe("fences", () => {
  /** Two address spaces with a page, a superpage and a global page each filled. */
  function fenced() {
    const made = supervisorBench();
    made.tables.map(0x20_0000n, 0x80000 + 512 * 2, "vrwxad", 1);
    made.tables.map(0x9000n, page, "vrwxadg");
    for (const asid of [1, 2]) {
      made.mmu.setRegime(regimeOf(sv39, made.tables.root, { asid }));
      for (const va of [0x1000n, 0x20_5000n, 0x9000n]) translate(made.mmu, va);
    }
    return made;
  }
  const held = (mmu: ReturnType<typeof bench>["mmu"]) => {
    const inTlb = mmu.tlb.list().map(({ asid, va }) => `${asid}:${va.toString(16)}`);
    return { inTlb: inTlb.sort(), fast: filled(mmu).length };
  };

  test("without operands everything goes", () => {
    const { mmu } = fenced();
    mmu.fence("all");
    expect(held(mmu)).toEqual({ inTlb: [], fast: 0 });
  });

  test("with an ASID its entries go, and global ones stay", () => {
    const { mmu } = fenced();
    mmu.fence("asid", 0n, 2);
    expect(held(mmu)).toEqual({ inTlb: ["1:1000", "1:200000", "1:9000"], fast: 3 });
  });

  test("with an address all leaves for it go, superpages whole", () => {
    const { mmu } = fenced();
    mmu.fence("va", 0x3f_ffffn);
    expect(held(mmu)).toEqual({ inTlb: ["1:1000", "1:9000", "2:1000"], fast: 4 });
    mmu.fence("va", 0x9000n);
    expect(held(mmu)).toEqual({ inTlb: ["1:1000", "2:1000"], fast: 2 });
  });

  test("with both, only that address space's leaves for the address go, global ones stay", () => {
    const { mmu } = fenced();
    mmu.fence("va+asid", 0x1000n, 1);
    mmu.fence("va+asid", 0x9000n, 1);
    expect(held(mmu)).toEqual({ inTlb: ["1:200000", "1:9000", "2:1000", "2:200000"], fast: 5 });
  });

  test("an address that is not canonical fences nothing", () => {
    const { mmu } = fenced();
    const before = held(mmu);
    for (const bit of [38n, 39n, 63n]) mmu.fence("va", 0x1000n | (1n << bit));
    mmu.fence("va+asid", 0x1000n | (1n << 38n), 1);
    expect(held(mmu)).toEqual(before);
  });

  test("fences work while satp is Bare or M-mode runs, for they concern what is kept", () => {
    for (const regime of [machineMode, { ...machineMode, satp: { mode: 0, asid: 0, rootPpn: 0 } }]) {
      const { mmu } = fenced();
      mmu.setRegime(regime);
      mmu.fence("va", 0x1000n);
      expect(held(mmu).inTlb).not.toContain("1:1000");
    }
  });

  test("each form is counted", () => {
    const { mmu } = fenced();
    mmu.fence("all");
    mmu.fence("asid", 0n, 1);
    mmu.fence("va", 0n);
    mmu.fence("va", 1n << 60n);
    mmu.fence("va+asid", 0n, 1);
    expect(mmu.tlb.counters.fences).toEqual({ all: 1, asid: 1, va: 2, "va+asid": 1 });
  });

  test("fast entries for physical addresses outlive every fence", () => {
    const { mmu } = fenced();
    mmu.setRegime(machineMode);
    translate(mmu, BigInt(ramBase));
    mmu.fence("all");
    mmu.fence("asid", 0n, 0);
    expect(filled(mmu)).toEqual(["read 0x80000000"]);
  });
});
