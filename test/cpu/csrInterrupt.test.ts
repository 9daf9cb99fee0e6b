import { describe, expect, test } from "vitest";
import { HartUnderTest, ones } from "./hartUnderTest.ts";

const stce = 1n << 63n;
const [ssip, stip, seip, lcofip] = [1n << 1n, 1n << 5n, 1n << 9n, 1n << 13n];

describe("mip and mie", () => {
  test("mie enables the six standard interrupts and LCOFI, the latter with Sscofpmf only", () => {
    expect(new HartUnderTest().written("mie", ones)).toBe(0x2aaan);
    expect(new HartUnderTest("rv64gc").written("mie", ones)).toBe(0xaaan);
  });

  test("M-mode writes SSIP, STIP, SEIP and LCOFIP; MSIP, MTIP and MEIP are read-only", () => {
    expect(new HartUnderTest().written("mip", ones)).toBe(0x2222n);
    expect(new HartUnderTest("rv64gc").written("mip", ones)).toBe(0x222n);
  });

  test("MSIP, MTIP and MEIP follow their lines", () => {
    const hart = new HartUnderTest();
    for (const interrupt of [3, 7, 11]) {
      hart.state.setLine(interrupt, true);
      expect(hart.written("mip", 0n)).toBe(1n << BigInt(interrupt));
      hart.state.setLine(interrupt, false);
      expect(hart.read("mip")).toBe(0n);
    }
  });

  test("SEIP reads as the written bit or the line", () => {
    const hart = new HartUnderTest();
    hart.state.setLine(9, true);
    expect(hart.read("mip")).toBe(seip);
    expect(hart.written("mip", 0n)).toBe(seip);
    hart.set("mip", seip);
    hart.state.setLine(9, false);
    expect(hart.read("mip")).toBe(seip);
    hart.clear("mip", seip);
    expect(hart.read("mip")).toBe(0n);
  });

  test("csrrs and csrrc on mip do not write the SEIP line back into the SEIP bit", () => {
    const hart = new HartUnderTest();
    hart.state.setLine(9, true);
    expect(hart.set("mip", ssip)).toBe(seip);
    expect(hart.clear("mip", 0n)).toBe(seip | ssip);
    hart.state.setLine(9, false);
    expect(hart.read("mip")).toBe(ssip);
  });

  test("a write that changes what is pending, enabled or delegated is told of", () => {
    const hart = new HartUnderTest();
    hart.write("mie", 2n);
    hart.write("mip", 2n);
    hart.write("mideleg", 2n);
    hart.write("mideleg", 2n);
    expect(hart.told.interrupts).toBe(3);
  });
});

describe("sip and sie", () => {
  test("they show delegated interrupts only", () => {
    const hart = new HartUnderTest();
    hart.write("mie", ones);
    hart.write("mip", ones);
    expect([hart.read("sip"), hart.read("sie")]).toEqual([0n, 0n]);
    hart.write("mideleg", ssip | seip);
    expect([hart.read("sip"), hart.read("sie")]).toEqual([ssip | seip, ssip | seip]);
  });

  test("in sip, SSIP and LCOFIP can be written when delegated; STIP and SEIP cannot", () => {
    const hart = new HartUnderTest();
    hart.write("sip", ones);
    expect(hart.read("mip")).toBe(0n);
    hart.write("mideleg", ones);
    hart.write("sip", ones);
    expect(hart.read("mip")).toBe(ssip | lcofip);
    hart.write("mip", ones);
    hart.write("sip", 0n);
    expect(hart.read("mip")).toBe(stip | seip);
  });

  test("sie writes the delegated bits of mie and leaves the others", () => {
    const hart = new HartUnderTest();
    hart.write("mideleg", stip);
    hart.write("mie", 0x80n | ssip);
    hart.write("sie", ones);
    expect(hart.read("mie")).toBe(0x80n | ssip | stip);
    hart.write("sie", 0n);
    expect(hart.read("mie")).toBe(0x80n | ssip);
  });

  test("the SEIP line shows in sip", () => {
    const hart = new HartUnderTest();
    hart.write("mideleg", seip);
    hart.state.setLine(9, true);
    expect(hart.read("sip", 1)).toBe(seip);
  });
});

describe("stimecmp", () => {
  const withTimer = () => {
    const hart = new HartUnderTest();
    hart.write("menvcfg", stce);
    hart.write("stimecmp", 100n);
    return hart;
  };

  test("STIP is time >= stimecmp, unsigned, at the moment it is read", () => {
    const hart = withTimer();
    expect(hart.read("mip")).toBe(0n);
    hart.clock = 99n;
    expect(hart.read("mip")).toBe(0n);
    hart.clock = 100n;
    expect(hart.read("mip")).toBe(stip);
    hart.write("stimecmp", ones);
    expect(hart.read("mip")).toBe(0n);
    hart.clock = ones;
    expect(hart.read("mip")).toBe(stip);
  });

  test("STIP shows in sip when delegated", () => {
    const hart = withTimer();
    hart.write("mideleg", stip);
    hart.clock = 200n;
    expect(hart.read("sip", 1)).toBe(stip);
  });

  test("with STCE, M-mode cannot write STIP; without, it can, and stimecmp does not count", () => {
    const hart = withTimer();
    hart.write("mip", stip);
    expect(hart.read("mip")).toBe(0n);
    hart.clock = 200n;
    expect(hart.read("mip")).toBe(stip);
    hart.clear("menvcfg", stce);
    expect(hart.read("mip")).toBe(0n);
    expect(hart.written("mip", stip)).toBe(stip);
    hart.clock = 0n;
    hart.set("menvcfg", stce);
    expect(hart.read("mip")).toBe(0n);
  });

  test("S-mode needs menvcfg.STCE and mcounteren.TM, U-mode never gets it", () => {
    const hart = new HartUnderTest();
    expect([hart.read("stimecmp", 3), hart.read("stimecmp", 1)]).toEqual([0n, "illegal"]);
    hart.write("menvcfg", stce);
    expect(hart.read("stimecmp", 1)).toBe("illegal");
    hart.write("mcounteren", 2n);
    expect([hart.read("stimecmp", 1), hart.read("stimecmp", 0)]).toEqual([0n, "illegal"]);
    hart.write("menvcfg", 0n);
    expect(hart.read("stimecmp", 1)).toBe("illegal");
  });

  test("without Sstc it is absent and STCE is zero", () => {
    const hart = new HartUnderTest("rv64gc");
    expect([hart.read("stimecmp"), hart.written("menvcfg", stce)]).toEqual(["illegal", 0n]);
  });

  test("the deadline is stimecmp while STCE is set; changes of either are told of", () => {
    const hart = new HartUnderTest();
    hart.write("stimecmp", 100n);
    expect(hart.csrs.timerDeadline()).toBeUndefined();
    const { timer } = hart.told;
    hart.write("menvcfg", stce);
    hart.write("stimecmp", 50n);
    expect([hart.csrs.timerDeadline(), hart.told.timer - timer]).toEqual([50n, 2]);
  });

  test("bringing the timer up to date at its deadline raises the interrupt", () => {
    const hart = withTimer();
    const { interrupts } = hart.told;
    hart.clock = 100n;
    hart.csrs.updateTimer();
    expect([hart.state.pending, hart.told.interrupts - interrupts]).toEqual([1 << 5, 1]);
  });
});
