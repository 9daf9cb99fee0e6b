import { describe, expect, test } from "vitest";
import { csrOffset, csrSlots, slot } from "../../src/cpu/csr/slots.ts";
import { hartLayout } from "../../src/cpu/layout.ts";
import { HartState } from "../../src/cpu/state.ts";
import { csrName, csrNumber, csrNumbers } from "../../src/isa/csrNames.ts";
import { HartUnderTest, ones } from "./hartUnderTest.ts";

describe("hart state", () => {
  test("x0 stays zero, other registers keep the low 64 bits, unsigned", () => {
    const { state } = new HartUnderTest();
    state.setX(0, 5n);
    state.setX(31, -1n);
    expect([state.x(0), state.x(31)]).toEqual([0n, ones]);
  });

  test("registers lie where the layout says", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const state = new HartState(memory, 8192);
    const view = new DataView(memory.buffer, 8192);
    state.setX(3, 0x1122n);
    state.setF(4, 0x3344n);
    state.pc = 0x8000_0000n;
    state.fflags = 17;
    state.frm = 3;
    state.csr[slot.satp] = 99n;
    expect(view.getBigUint64(hartLayout.x + 24, true)).toBe(0x1122n);
    expect(view.getBigUint64(hartLayout.f + 32, true)).toBe(0x3344n);
    expect(view.getBigUint64(hartLayout.pc, true)).toBe(0x8000_0000n);
    expect(view.getInt32(hartLayout.fflags, true)).toBe(17);
    expect(view.getInt32(hartLayout.frm, true)).toBe(3);
    expect(view.getBigUint64(csrOffset("satp"), true)).toBe(99n);
  });

  test("mstatus is the first CSR word and all words lie between the layout's marks", () => {
    expect(csrOffset("mstatus")).toBe(hartLayout.csr);
    expect(hartLayout.csr + 8 * csrSlots.length).toBeLessThanOrEqual(hartLayout.scratchOps);
    expect(new Set(csrSlots).size).toBe(csrSlots.length);
  });

  test("reset enters M-mode at an address and clears registers, interrupts and MPRV", () => {
    const hart = new HartUnderTest();
    hart.state.setX(5, 1n);
    hart.write("mstatus", ones);
    hart.write("mtvec", 0x100n);
    hart.state.priv = 0;
    hart.state.reset(0x1000n);
    expect([hart.state.pc, hart.state.priv, hart.state.x(5)]).toEqual([0x1000n, 3, 0n]);
    expect(hart.read("mstatus")).toBe(0xa_0000_0000n);
    expect(hart.read("mtvec")).toBe(0n);
  });

  test("telling of an interrupt line happens when it changes only", () => {
    const { state, told } = new HartUnderTest();
    state.setLine(7, true);
    state.setLine(7, true);
    expect([told.interrupts, state.pending]).toEqual([1, 1 << 7]);
    state.setLine(7, false);
    expect([told.interrupts, state.pending]).toEqual([2, 0]);
  });
});

describe("numbers and names of CSRs", () => {
  test("names and numbers find each other", () => {
    for (const [name, number] of Object.entries(csrNumbers)) {
      expect(csrName(number)).toBe(name);
      expect(csrNumber(name)).toBe(number);
    }
    expect([csrNumber("toString"), csrName(0x7ff)]).toEqual([undefined, undefined]);
    expect([csrNumbers.pmpcfg14, csrNumbers.hpmcounter31, csrNumbers.mhpmevent3]).toEqual([0x3ae, 0xc1f, 0x323]);
  });

  test("a CSR that does not exist is illegal in every mode, even to read", () => {
    const { csrs } = new HartUnderTest();
    for (const number of [0x7a0, 0x7a5, 0x5a8, 0x747, 0x3c0, 0x3a1, 0xda1, 0xfb0, 0x015, 0xc80, 0x200, 0x600]) {
      expect(csrs.access(number, "set", undefined, 3)).toBeUndefined();
      expect(csrs.has(number)).toBe(false);
    }
  });

  test("bits 9:8 of the number are the least privilege", () => {
    const hart = new HartUnderTest();
    hart.write("mcounteren", ones);
    hart.write("scounteren", ones);
    expect([hart.read("mscratch", 3), hart.read("mscratch", 1), hart.read("mscratch", 0)]).toEqual([
      0n,
      "illegal",
      "illegal",
    ]);
    expect([hart.read("sscratch", 3), hart.read("sscratch", 1), hart.read("sscratch", 0)]).toEqual([0n, 0n, "illegal"]);
    expect(hart.read("time", 0)).toBe(0n);
  });

  test("bits 11:10 of the number make a CSR read-only: any write is illegal, even one that changes nothing", () => {
    const hart = new HartUnderTest();
    expect(hart.write("mhartid", 0n)).toBe("illegal");
    expect(hart.set("cycle", 0n)).toBe("illegal");
    expect(hart.clear("time", 0n)).toBe("illegal");
    expect(hart.read("mhartid")).toBe(0n);
  });

  test("every CSR of the table needs the privilege of its number and none throws on any value", () => {
    const hart = new HartUnderTest();
    for (const [name, number] of Object.entries(csrNumbers)) {
      if (!hart.csrs.has(number)) continue;
      const least = (number >> 8) & 3;
      if (least > 0) expect(hart.csrs.access(number, "set", undefined, 0), name).toBeUndefined();
      for (const value of [ones, 0n, 0x5555_5555_5555_5555n, 1n << 63n]) {
        hart.csrs.access(number, "write", value, 3);
        const read = hart.csrs.access(number, "set", undefined, 3);
        expect(read === undefined || (read >= 0n && read <= ones), name).toBe(true);
      }
    }
  });
});

describe("the three operations", () => {
  test("write replaces, set adds, clear removes, and each returns the old value", () => {
    const hart = new HartUnderTest();
    expect(hart.write("mscratch", 0xf0n)).toBe(0n);
    expect(hart.set("mscratch", 0x0fn)).toBe(0xf0n);
    expect(hart.clear("mscratch", 0x81n)).toBe(0xffn);
    expect(hart.read("mscratch")).toBe(0x7en);
  });

  test("an illegal access changes nothing", () => {
    const hart = new HartUnderTest();
    hart.write("mscratch", 7n);
    expect(hart.write("mscratch", 8n, 1)).toBe("illegal");
    expect(hart.read("mscratch")).toBe(7n);
  });

  test("a debugger peeks at everything and pokes what can be written, legalised", () => {
    const { csrs } = new HartUnderTest();
    expect(csrs.poke(csrNumbers.mepc, 0x1003n)).toBe(true);
    expect(csrs.peek(csrNumbers.mepc)).toBe(0x1002n);
    expect(csrs.poke(csrNumbers.mhartid, 1n)).toBe(false);
    expect([csrs.poke(0x7a0, 1n), csrs.peek(0x7a0)]).toEqual([false, undefined]);
    expect(csrs.peek(csrNumbers.time)).toBe(0n);
  });
});

describe("identity", () => {
  test("mhartid is the hart's number, the other identities are zero", () => {
    const hart = new HartUnderTest("max", { hartId: 3 });
    expect(hart.read("mhartid")).toBe(3n);
    for (const name of ["mvendorid", "marchid", "mimpid", "mconfigptr"] as const) expect(hart.read(name)).toBe(0n);
  });

  test("misa tells XLEN, the letters that are on, and S and U; it cannot be written", () => {
    const letters = (text: string) =>
      [...text].reduce((bits, letter) => bits | (1n << BigInt(letter.charCodeAt(0) - 97)), 2n << 62n);
    const hart = new HartUnderTest();
    expect(hart.read("misa")).toBe(letters("abcdfimsu"));
    expect(hart.written("misa", 0n)).toBe(letters("abcdfimsu"));
    expect(new HartUnderTest("rv64gc").read("misa")).toBe(letters("acdfimsu"));
    expect(new HartUnderTest("rv64ima_zicsr").read("misa")).toBe(letters("aimsu"));
  });
});

describe("trap registers", () => {
  test("xtvec keeps MODE 0 and 1; a write with a reserved MODE is ignored", () => {
    const hart = new HartUnderTest();
    for (const name of ["mtvec", "stvec"] as const) {
      expect(hart.written(name, 0x8000_0104n)).toBe(0x8000_0104n);
      expect(hart.written(name, 0x8000_0205n)).toBe(0x8000_0205n);
      expect(hart.written(name, 0x8000_0302n)).toBe(0x8000_0205n);
      expect(hart.written(name, 0x8000_0303n)).toBe(0x8000_0205n);
    }
  });

  test("xepc has bit 0 clear with compressed instructions and bits 1:0 clear without", () => {
    for (const name of ["mepc", "sepc"] as const) {
      expect(new HartUnderTest("rv64gc").written(name, ones)).toBe(ones - 1n);
      expect(new HartUnderTest("rv64g").written(name, ones)).toBe(ones - 3n);
      expect(new HartUnderTest("rv64i_zicsr_zca").written(name, ones)).toBe(ones - 1n);
    }
  });

  test("xscratch, xcause and xtval hold any value", () => {
    const hart = new HartUnderTest();
    for (const name of ["mscratch", "mcause", "mtval", "sscratch", "scause", "stval"] as const) {
      expect(hart.written(name, ones)).toBe(ones);
      expect(hart.written(name, 0n)).toBe(0n);
    }
  });

  test("medeleg delegates what lower modes can raise; ecall from M and reserved causes are read-only zero", () => {
    expect(new HartUnderTest().written("medeleg", ones)).toBe(0xb3ffn);
  });

  test("mideleg delegates supervisor interrupts only, LCOFI where Sscofpmf is on", () => {
    expect(new HartUnderTest().written("mideleg", ones)).toBe(0x2222n);
    expect(new HartUnderTest("rv64gc").written("mideleg", ones)).toBe(0x222n);
  });
});

describe("satp", () => {
  test("it holds Bare, Sv39, Sv48 and Sv57 with 16 ASID bits and 44 PPN bits", () => {
    const hart = new HartUnderTest();
    for (const mode of [0n, 8n, 9n, 10n]) {
      const value = (mode << 60n) | ((1n << 60n) - 1n);
      expect(hart.written("satp", value)).toBe(value);
    }
  });

  test("a write with a mode that does not exist has no effect at all", () => {
    const hart = new HartUnderTest();
    hart.write("satp", (8n << 60n) | 0x1234n);
    const before = hart.told.context;
    for (const mode of [1n, 2n, 7n, 11n, 14n, 15n]) {
      expect(hart.written("satp", (mode << 60n) | 0x5678n)).toBe((8n << 60n) | 0x1234n);
    }
    expect(hart.told.context).toBe(before);
  });

  test("a machine may have fewer modes", () => {
    const hart = new HartUnderTest("max", { satpModes: [0, 8] });
    expect(hart.written("satp", 9n << 60n)).toBe(0n);
    expect(hart.written("satp", 8n << 60n)).toBe(8n << 60n);
  });

  test("with mstatus.TVM, S-mode may neither read nor write it; M-mode may", () => {
    const hart = new HartUnderTest();
    hart.set("mstatus", 1n << 20n);
    expect([hart.read("satp", 1), hart.write("satp", 0n, 1), hart.read("satp", 3)]).toEqual(["illegal", "illegal", 0n]);
    hart.clear("mstatus", 1n << 20n);
    expect(hart.read("satp", 1)).toBe(0n);
  });

  test("a write that changes it tells that the context changed", () => {
    const hart = new HartUnderTest();
    hart.write("satp", 8n << 60n);
    hart.write("satp", 8n << 60n);
    expect(hart.told.context).toBe(1);
  });
});

describe("physical memory protection", () => {
  test("16 entries have two configuration and sixteen address registers; those beyond and the odd ones are absent", () => {
    const hart = new HartUnderTest();
    expect(hart.written("pmpcfg2", 0x1fn)).toBe(0x1fn);
    expect(hart.written("pmpaddr15", ones)).toBe((1n << 54n) - 1n);
    expect([hart.read("pmpcfg4"), hart.read("pmpaddr16")]).toEqual(["illegal", "illegal"]);
    expect(hart.told.pmp).toBe(2);
  });

  test("locked entries keep their values", () => {
    const hart = new HartUnderTest();
    hart.write("pmpcfg0", 0x9fn);
    expect(hart.written("pmpcfg0", 0x1fn)).toBe(0x9fn);
    expect(hart.written("pmpaddr0", 5n)).toBe(0n);
  });
});

describe("environment configuration", () => {
  const menvcfgAll = 0xe000_0000_0000_00f1n;

  test("menvcfg has the fields of the extensions that are on", () => {
    expect(new HartUnderTest().written("menvcfg", ones)).toBe(menvcfgAll);
    expect(new HartUnderTest("rv64gc").written("menvcfg", ones)).toBe(1n);
    expect(new HartUnderTest("rv64gc_zicbom").written("menvcfg", ones)).toBe(0x71n);
    expect(new HartUnderTest("rv64gc_zicboz").written("menvcfg", ones)).toBe(0x81n);
    expect(new HartUnderTest("rv64gc_svadu").written("menvcfg", ones)).toBe((1n << 61n) | 1n);
    expect(new HartUnderTest("rv64gc_svpbmt").written("menvcfg", ones)).toBe((1n << 62n) | 1n);
    expect(new HartUnderTest("rv64gc_sstc").written("menvcfg", ones)).toBe((1n << 63n) | 1n);
  });

  test("senvcfg has FIOM and the cache fields", () => {
    expect(new HartUnderTest().written("senvcfg", ones)).toBe(0xf1n);
    expect(new HartUnderTest("rv64gc").written("senvcfg", ones)).toBe(1n);
  });

  test("CBIE keeps its value when 2, which is reserved, is written", () => {
    const hart = new HartUnderTest();
    expect(hart.written("menvcfg", 0x10n)).toBe(0x10n);
    expect(hart.written("menvcfg", 0x61n)).toBe(0x51n);
    expect(hart.written("senvcfg", 0x20n)).toBe(0n);
  });

  test("ADUE and PBMTE change the context of translations, FIOM does not", () => {
    const hart = new HartUnderTest();
    hart.set("menvcfg", 1n);
    expect(hart.told.context).toBe(0);
    hart.set("menvcfg", 1n << 61n);
    hart.set("menvcfg", 1n << 62n);
    expect(hart.told.context).toBe(2);
  });

  test("mstateen has bit 63, and in mstateen0 ENVCFG; they are zero at reset", () => {
    const hart = new HartUnderTest();
    expect([hart.read("mstateen0"), hart.read("mstateen3")]).toEqual([0n, 0n]);
    expect(hart.written("mstateen0", ones)).toBe(3n << 62n);
    for (const name of ["mstateen1", "mstateen2", "mstateen3"] as const) {
      expect(hart.written(name, ones)).toBe(1n << 63n);
    }
  });

  test("mstateenN bit 63 opens sstateenN to S-mode; sstateenN is read-only zero", () => {
    const hart = new HartUnderTest();
    for (const n of [0, 1, 2, 3] as const) {
      expect(hart.read(`sstateen${n}`, 3)).toBe(0n);
      expect(hart.read(`sstateen${n}`, 1)).toBe("illegal");
      hart.write(`mstateen${n}`, 1n << 63n);
      expect(hart.write(`sstateen${n}`, ones, 1)).toBe(0n);
      expect(hart.read(`sstateen${n}`, 1)).toBe(0n);
      hart.write(`mstateen${n}`, 0n);
    }
  });

  test("mstateen0.ENVCFG opens senvcfg to S-mode; without Smstateen it is open", () => {
    const hart = new HartUnderTest();
    expect([hart.read("senvcfg", 1), hart.read("senvcfg", 3)]).toEqual(["illegal", 0n]);
    hart.write("mstateen0", 1n << 62n);
    expect(hart.read("senvcfg", 1)).toBe(0n);
    expect(new HartUnderTest("rv64gc").read("senvcfg", 1)).toBe(0n);
  });

  test("without Smstateen the stateen registers are absent", () => {
    const hart = new HartUnderTest("rv64gc");
    expect([hart.read("mstateen0"), hart.read("sstateen0")]).toEqual(["illegal", "illegal"]);
  });
});
