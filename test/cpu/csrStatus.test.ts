import { describe, expect, test } from "vitest";
import { csrOffset } from "../../src/cpu/csr/slots.ts";
import { HartUnderTest, ones } from "./hartUnderTest.ts";

const sd = 1n << 63n;
const fsDirty = 3n << 13n;

describe("mstatus", () => {
  test("it has the fields of M, S and U; UXL and SXL are 2, VS, XS and the endian bits 0", () => {
    const hart = new HartUnderTest();
    expect(hart.written("mstatus", ones)).toBe(sd | 0xa_007e_79aan);
    expect(hart.written("mstatus", 0n)).toBe(0xa_0000_0000n);
  });

  test("writing MPP 2, which is no privilege, makes it U", () => {
    const hart = new HartUnderTest();
    hart.write("mstatus", 3n << 11n);
    hart.write("mstatus", 2n << 11n);
    expect(hart.read("mstatus")).toBe(0xa_0000_0000n);
  });

  test("SD is what FS says, and is not kept in memory", () => {
    const hart = new HartUnderTest();
    for (const fs of [0n, 1n, 2n, 3n]) {
      const value = hart.written("mstatus", (fs << 13n) | sd) as bigint;
      expect(value >> 63n).toBe(fs === 3n ? 1n : 0n);
      expect((value >> 13n) & 3n).toBe(fs);
      expect((hart.read("sstatus") as bigint) >> 63n).toBe(fs === 3n ? 1n : 0n);
    }
    const view = new DataView(hart.state.memory.buffer, hart.state.base);
    expect(view.getBigUint64(csrOffset("mstatus"), true) >> 63n).toBe(0n);
  });

  test("FS that generated code makes Dirty in memory is what software reads", () => {
    const hart = new HartUnderTest();
    const view = new DataView(hart.state.memory.buffer, hart.state.base);
    const at = csrOffset("mstatus");
    view.setInt32(at, view.getInt32(at, true) | (3 << 13), true);
    expect(hart.read("mstatus")).toBe(sd | 0xa_0000_6000n);
  });

  test("without F, FS is zero", () => {
    expect(new HartUnderTest("rv64imac_zicsr").written("mstatus", ones)).toBe(0xa_007e_19aan);
  });

  test("MPRV, SUM and MXR change the context; MPP does while MPRV is set; interrupt enables change what is due", () => {
    const hart = new HartUnderTest();
    const tells = (change: () => void) => {
      const { context, interrupts } = hart.told;
      change();
      return [hart.told.context - context, hart.told.interrupts - interrupts];
    };
    expect(tells(() => hart.set("mstatus", 3n << 11n))).toEqual([0, 0]);
    expect(tells(() => hart.set("mstatus", 1n << 17n))).toEqual([1, 0]);
    expect(tells(() => hart.clear("mstatus", 1n << 12n))).toEqual([1, 0]);
    expect(tells(() => hart.set("mstatus", 1n << 18n))).toEqual([1, 0]);
    expect(tells(() => hart.set("sstatus", 1n << 19n))).toEqual([1, 0]);
    expect(tells(() => hart.set("mstatus", 8n))).toEqual([0, 1]);
    expect(tells(() => hart.set("sstatus", 2n))).toEqual([0, 1]);
    expect(tells(() => hart.set("mstatus", 8n))).toEqual([0, 0]);
  });
});

describe("sstatus", () => {
  test("it shows SIE, SPIE, SPP, FS, SUM, MXR, UXL and SD of mstatus, and writes no others", () => {
    const hart = new HartUnderTest();
    hart.write("mstatus", ones);
    expect(hart.read("sstatus")).toBe(sd | 0x2_000c_6122n);
    hart.write("sstatus", 0n);
    expect(hart.read("mstatus")).toBe(0xa_0072_1888n);
    hart.write("mstatus", 0n);
    hart.write("sstatus", ones);
    expect(hart.read("mstatus")).toBe(sd | 0xa_000c_6122n);
  });
});

describe("floating-point CSRs", () => {
  test("they are illegal while FS is Off and open when it is not, in every mode", () => {
    const hart = new HartUnderTest();
    for (const name of ["fflags", "frm", "fcsr"] as const) {
      hart.write("mstatus", 0n);
      expect([hart.read(name, 0), hart.write(name, 0n, 3)]).toEqual(["illegal", "illegal"]);
      hart.write("mstatus", 1n << 13n);
      expect(hart.read(name, 0)).toBe(0n);
    }
  });

  test("fcsr is frm and fflags; upper bits are dropped", () => {
    const hart = new HartUnderTest();
    hart.write("mstatus", fsDirty);
    expect(hart.written("fcsr", ones)).toBe(0xffn);
    expect([hart.read("fflags"), hart.read("frm")]).toEqual([31n, 7n]);
    hart.write("frm", 0xfan);
    hart.write("fflags", 0xe4n);
    expect(hart.read("fcsr")).toBe(0x44n);
    expect([hart.state.fflags, hart.state.frm]).toEqual([4, 2]);
  });

  test("writing one makes FS Dirty, reading one does not", () => {
    const hart = new HartUnderTest();
    hart.write("mstatus", 1n << 13n);
    hart.read("fcsr");
    expect(hart.read("mstatus")).toBe(0xa_0000_2000n);
    hart.write("frm", 0n);
    expect(hart.read("mstatus")).toBe(sd | 0xa_0000_6000n);
  });

  test("flags that generated code accrues in memory are what software reads", () => {
    const hart = new HartUnderTest();
    hart.write("mstatus", fsDirty);
    hart.state.fflags |= 0x10;
    expect(hart.read("fcsr")).toBe(0x10n);
    expect(hart.set("fflags", 1n)).toBe(0x10n);
    expect(hart.state.fflags).toBe(0x11);
  });

  test("without F they are absent", () => {
    const hart = new HartUnderTest("rv64imac_zicsr");
    hart.write("mstatus", ones);
    expect(hart.read("fcsr")).toBe("illegal");
  });
});
