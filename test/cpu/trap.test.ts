import { describe, expect, test } from "vitest";
import { mstatusBits as bits, causes } from "../../src/cpu/csr/bits.ts";
import type { Privilege, TrapRecord } from "../../src/cpu/state.ts";
import { mret, sret, takeException, takeInterrupt } from "../../src/cpu/trap.ts";
import { HartUnderTest, ones } from "./hartUnderTest.ts";

const interrupt = 1n << 63n;

/** A hart at 0x8000_1000 with handlers at 0x100 (M) and 0x200 (S). */
function hartIn(priv: Privilege): HartUnderTest {
  const hart = new HartUnderTest();
  hart.write("mtvec", 0x100n);
  hart.write("stvec", 0x200n);
  hart.state.pc = 0x8000_1000n;
  hart.state.priv = priv;
  return hart;
}

/** Fields of mstatus, by name, that are not zero. */
function status(hart: HartUnderTest): string[] {
  const value = hart.read("mstatus", 3) as bigint;
  const names = ["sie", "mie", "spie", "mpie", "spp", "mprv"] as const;
  const set: string[] = names.filter((name) => value & bits[name]);
  return [...set, `mpp=${(value >> 11n) & 3n}`];
}

describe("an exception into M-mode", () => {
  test("records pc, cause, tval and the privilege it came from, and goes to mtvec", () => {
    for (const priv of [0, 1, 3] as const) {
      const hart = hartIn(priv);
      takeException(hart.state, causes.loadPage, 0xdead_beefn);
      expect([hart.state.pc, hart.state.priv]).toEqual([0x100n, 3]);
      expect([hart.read("mepc"), hart.read("mcause"), hart.read("mtval")]).toEqual([0x8000_1000n, 13n, 0xdead_beefn]);
      expect(status(hart)).toEqual([`mpp=${priv}`]);
      expect([hart.read("sepc"), hart.read("scause"), hart.read("stval")]).toEqual([0n, 0n, 0n]);
    }
  });

  test("moves MIE to MPIE and clears MIE; SIE stays", () => {
    const hart = hartIn(1);
    hart.write("mstatus", bits.mie | bits.sie, 3);
    takeException(hart.state, causes.illegal, 0n);
    expect(status(hart)).toEqual(["sie", "mpie", "mpp=1"]);
    takeException(hart.state, causes.illegal, 0n);
    expect(status(hart)).toEqual(["sie", "mpp=3"]);
  });

  test("keeps all 64 bits of tval", () => {
    const hart = hartIn(3);
    takeException(hart.state, causes.loadAccess, ones);
    expect(hart.read("mtval")).toBe(ones);
  });

  test("replaces an interrupt's cause entirely", () => {
    const hart = hartIn(3);
    takeInterrupt(hart.state, 7);
    expect(hart.read("mcause")).toBe(interrupt | 7n);
    takeException(hart.state, causes.ecallM, 0n);
    expect(hart.read("mcause")).toBe(11n);
  });
});

describe("delegation", () => {
  test("a delegated exception from U or S goes to S-mode and leaves the M registers alone", () => {
    for (const priv of [0, 1] as const) {
      const hart = hartIn(priv);
      hart.write("medeleg", ones, 3);
      hart.write("mstatus", bits.sie | bits.mie | bits.mpp, 3);
      takeException(hart.state, causes.storePage, 0x1234n);
      expect([hart.state.pc, hart.state.priv]).toEqual([0x200n, 1]);
      expect([hart.read("sepc"), hart.read("scause"), hart.read("stval")]).toEqual([0x8000_1000n, 15n, 0x1234n]);
      expect(status(hart)).toEqual(["mie", "spie", ...(priv === 1 ? ["spp"] : []), "mpp=3"]);
      expect([hart.read("mepc", 3), hart.read("mcause", 3), hart.read("mtval", 3)]).toEqual([0n, 0n, 0n]);
    }
  });

  test("traps of M-mode are never delegated", () => {
    const hart = hartIn(3);
    hart.write("medeleg", ones);
    hart.write("mideleg", ones);
    takeException(hart.state, causes.illegal, 0n);
    expect(hart.state.priv).toBe(3);
    takeInterrupt(hart.state, 1);
    expect([hart.state.priv, hart.read("mcause")]).toEqual([3, interrupt | 1n]);
  });

  test("medeleg says it cause by cause, and says nothing of interrupts", () => {
    const hart = hartIn(0);
    hart.write("medeleg", 1n << 8n, 3);
    takeException(hart.state, causes.ecallU, 0n);
    expect(hart.state.priv).toBe(1);
    hart.state.priv = 0;
    takeException(hart.state, causes.breakpoint, 0n);
    expect(hart.state.priv).toBe(3);
    const other = hartIn(0);
    other.write("medeleg", ones, 3);
    takeInterrupt(other.state, 9);
    expect(other.state.priv).toBe(3);
  });

  test("a delegated interrupt goes to S-mode with tval 0", () => {
    const hart = hartIn(0);
    hart.write("mideleg", 1n << 5n, 3);
    hart.write("stval", 77n, 3);
    takeInterrupt(hart.state, 5);
    expect([hart.state.priv, hart.read("scause"), hart.read("stval")]).toEqual([1, interrupt | 5n, 0n]);
  });
});

describe("vectored mode", () => {
  test("interrupts go to base + 4 * cause, exceptions to base", () => {
    const hart = hartIn(3);
    hart.write("mtvec", 0x8000_0001n);
    takeInterrupt(hart.state, 11);
    expect(hart.state.pc).toBe(0x8000_0000n + 44n);
    takeException(hart.state, causes.illegal, 0n);
    expect(hart.state.pc).toBe(0x8000_0000n);
  });

  test("it holds for stvec too, up to the end of the address space", () => {
    const hart = hartIn(0);
    hart.write("mideleg", ones, 3);
    hart.write("stvec", ones - 2n, 3);
    takeInterrupt(hart.state, 1);
    expect(hart.state.pc).toBe(0n);
  });

  test("direct mode sends interrupts to base", () => {
    const hart = hartIn(3);
    takeInterrupt(hart.state, 7);
    expect(hart.state.pc).toBe(0x100n);
  });
});

describe("mret", () => {
  test("returns to mepc in MPP; MIE := MPIE, MPIE := 1, MPP := U", () => {
    for (const priv of [0n, 1n, 3n]) {
      const hart = hartIn(3);
      hart.write("mepc", 0x4000n);
      hart.write("mstatus", (priv << 11n) | bits.mpie);
      expect(mret(hart.state)).toBe(true);
      expect([hart.state.pc, hart.state.priv]).toEqual([0x4000n, Number(priv)]);
      expect(status(hart)).toEqual(["mie", "mpie", "mpp=0"]);
    }
  });

  test("clears MPRV when it leaves M-mode, and keeps it when it does not", () => {
    for (const [mpp, kept] of [
      [0n, false],
      [1n, false],
      [3n, true],
    ] as const) {
      const hart = hartIn(3);
      hart.write("mstatus", (mpp << 11n) | bits.mprv);
      mret(hart.state);
      expect(status(hart).includes("mprv")).toBe(kept);
    }
  });

  test("is illegal below M-mode and then changes nothing", () => {
    for (const priv of [0, 1] as const) {
      const hart = hartIn(priv);
      expect(mret(hart.state)).toBe(false);
      expect([hart.state.pc, hart.state.priv]).toEqual([0x8000_1000n, priv]);
    }
  });

  test("undoes the trap that it returns from", () => {
    const hart = hartIn(1);
    hart.write("mstatus", bits.mie | bits.sie, 3);
    takeInterrupt(hart.state, 7);
    mret(hart.state);
    expect([hart.state.pc, hart.state.priv]).toEqual([0x8000_1000n, 1]);
    expect(status(hart)).toEqual(["sie", "mie", "mpie", "mpp=0"]);
  });
});

describe("sret", () => {
  test("returns to sepc in SPP; SIE := SPIE, SPIE := 1, SPP := U", () => {
    for (const spp of [0n, bits.spp]) {
      const hart = hartIn(1);
      hart.write("sepc", 0x4000n);
      hart.write("mstatus", spp | bits.spie, 3);
      expect(sret(hart.state)).toBe(true);
      expect([hart.state.pc, hart.state.priv]).toEqual([0x4000n, spp ? 1 : 0]);
      expect(status(hart)).toEqual(["sie", "spie", "mpp=0"]);
    }
  });

  test("with SPIE clear, clears SIE", () => {
    const hart = hartIn(1);
    hart.write("mstatus", bits.sie, 3);
    sret(hart.state);
    expect(status(hart)).toEqual(["spie", "mpp=0"]);
  });

  test("in M-mode it leaves M-mode and clears MPRV, whatever TSR says", () => {
    const hart = hartIn(3);
    hart.write("mstatus", bits.spp | bits.mprv | bits.tsr | bits.mpp);
    expect(sret(hart.state)).toBe(true);
    expect([hart.state.priv, ...status(hart)]).toEqual([1, "spie", "mpp=3"]);
  });

  test("is illegal in U-mode, and in S-mode with TSR", () => {
    expect(sret(hartIn(0).state)).toBe(false);
    const hart = hartIn(1);
    hart.write("mstatus", bits.tsr, 3);
    expect(sret(hart.state)).toBe(false);
    expect([hart.state.pc, hart.state.priv]).toEqual([0x8000_1000n, 1]);
  });
});

describe("whoever follows traps", () => {
  test("hears of each with cause, tval, pc and the privileges", () => {
    const hart = hartIn(0);
    const traps: TrapRecord[] = [];
    hart.state.onTrap = (trap) => traps.push(trap);
    hart.write("mideleg", 2n, 3);
    takeException(hart.state, causes.ecallU, 0n);
    hart.state.priv = 1;
    takeInterrupt(hart.state, 1);
    expect(traps).toEqual([
      { cause: 8, interrupt: false, tval: 0n, pc: 0x8000_1000n, from: 0, to: 3, dataFrom: 0 },
      { cause: 1, interrupt: true, tval: 0n, pc: 0x100n, from: 1, to: 1, dataFrom: 1 },
    ]);
  });

  test("traps and returns tell that the context changed", () => {
    const hart = hartIn(0);
    const { context } = hart.told;
    takeException(hart.state, causes.ecallU, 0n);
    mret(hart.state);
    expect(hart.told.context - context).toBe(2);
  });
});

describe("a supervisor outside the guest", () => {
  test("gets the exceptions of U-mode, and nothing of the hart changes", () => {
    const hart = hartIn(0);
    const seen: [number, bigint][] = [];
    const records: TrapRecord[] = [];
    hart.state.onTrap = (trap) => records.push(trap);
    hart.state.supervise((cause, tval) => seen.push([cause, tval]));
    takeException(hart.state, causes.storePage, 0x1000n);
    expect(seen).toEqual([[causes.storePage, 0x1000n]]);
    expect([hart.state.pc, hart.state.priv, hart.read("mcause", 3)]).toEqual([0x8000_1000n, 0, 0n]);
    expect(records.map(({ cause, from, to, pc }) => [cause, from, to, pc])).toEqual([[15, 0, 1, 0x8000_1000n]]);
  });

  test("does not get those of S- and M-mode", () => {
    for (const priv of [1, 3] as const) {
      const hart = hartIn(priv);
      const seen: number[] = [];
      hart.state.supervise((cause) => seen.push(cause));
      takeException(hart.state, causes.breakpoint, 0n);
      expect([seen, hart.state.pc]).toEqual([[], 0x100n]);
    }
  });
});
