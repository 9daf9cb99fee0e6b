import { describe, expect, test } from "vitest";
import { hpmEvents } from "../../src/cpu/csr/counter.ts";
import { mret, takeException } from "../../src/cpu/trap.ts";
import { HartUnderTest, ones } from "./hartUnderTest.ts";

const overflow = 1n << 63n;
const [minh, sinh, uinh] = [1n << 62n, 1n << 61n, 1n << 60n];
const lcofip = 1n << 13n;

describe("mcycle and minstret", () => {
  test("an instruction reads how many retired before it", () => {
    const hart = new HartUnderTest();
    expect(hart.read("minstret")).toBe(0n);
    expect(hart.read("minstret")).toBe(1n);
    hart.execute(10);
    expect([hart.read("minstret"), hart.read("mcycle")]).toEqual([12n, 13n]);
  });

  test("the instruction after a write reads what was written", () => {
    const hart = new HartUnderTest();
    hart.execute(1000);
    for (const name of ["minstret", "mcycle", "mhpmcounter5"] as const) {
      if (name === "mhpmcounter5") hart.write("mhpmevent5", 2n);
      expect(hart.written(name, 7n)).toBe(7n);
      expect(hart.read(name)).toBe(8n);
      hart.execute(3);
      expect(hart.read(name)).toBe(12n);
    }
  });

  test("they wrap at 64 bits", () => {
    const hart = new HartUnderTest();
    hart.write("minstret", ones);
    expect([hart.read("minstret"), hart.read("minstret")]).toEqual([ones, 0n]);
  });

  test("csrrs and csrrc write too", () => {
    const hart = new HartUnderTest();
    hart.write("minstret", 0n);
    expect(hart.set("minstret", 0x100n)).toBe(0n);
    expect(hart.read("minstret")).toBe(0x100n);
  });

  test("a debugger's write is what the next instruction reads, and its own look costs nothing", () => {
    const hart = new HartUnderTest();
    hart.csrs.poke(0xb02, 50n);
    expect(hart.csrs.peek(0xb02)).toBe(50n);
    expect(hart.read("minstret")).toBe(50n);
  });

  test("cycle and instret are their shadows, time is the clock", () => {
    const hart = new HartUnderTest();
    hart.write("mcycle", 100n);
    expect(hart.read("cycle")).toBe(100n);
    hart.write("minstret", 200n);
    expect(hart.read("instret")).toBe(200n);
    hart.clock = 0x1234n;
    expect(hart.read("time")).toBe(0x1234n);
  });

  test("without Zicntr and Zihpm the shadows are absent, the machine counters are not", () => {
    const hart = new HartUnderTest("rv64gc");
    for (const name of ["cycle", "time", "instret", "hpmcounter3", "hpmcounter31"] as const) {
      expect(hart.read(name)).toBe("illegal");
    }
    expect(hart.read("minstret")).not.toBe("illegal");
    expect(hart.read("mhpmcounter31")).toBe(0n);
  });
});

describe("counter enables", () => {
  const shadows = [
    ["cycle", 0n],
    ["time", 1n],
    ["instret", 2n],
    ["hpmcounter3", 3n],
    ["hpmcounter31", 31n],
  ] as const;

  test("S-mode needs the bit in mcounteren, U-mode those in mcounteren and scounteren, M-mode none", () => {
    const hart = new HartUnderTest();
    const readable = (name: (typeof shadows)[number][0]) =>
      ([3, 1, 0] as const).map((priv) => hart.read(name, priv) !== "illegal");
    for (const [name, bit] of shadows) {
      hart.write("mcounteren", 0n);
      hart.write("scounteren", 1n << bit);
      expect(readable(name)).toEqual([true, false, false]);
      hart.write("mcounteren", 1n << bit);
      expect(readable(name)).toEqual([true, true, true]);
      hart.write("scounteren", ~(1n << bit));
      expect(readable(name)).toEqual([true, true, false]);
      hart.write("mcounteren", ~(1n << bit));
      expect(readable(name)).toEqual([true, false, false]);
    }
  });

  test("both registers have 32 bits", () => {
    const hart = new HartUnderTest();
    expect([hart.written("mcounteren", ones), hart.written("scounteren", ones)]).toEqual([0xffff_ffffn, 0xffff_ffffn]);
  });
});

describe("mcountinhibit", () => {
  test("it has a bit for each counter, and none for time", () => {
    expect(new HartUnderTest().written("mcountinhibit", ones)).toBe(0xffff_fffdn);
  });

  test("the instruction that inhibits is counted, the one that releases is not, and nothing between them", () => {
    const hart = new HartUnderTest();
    hart.write("minstret", 100n);
    hart.set("mcountinhibit", 4n);
    expect([hart.read("minstret"), hart.read("minstret")]).toEqual([101n, 101n]);
    hart.execute(50);
    hart.clear("mcountinhibit", 4n);
    expect([hart.read("minstret"), hart.read("minstret")]).toEqual([101n, 102n]);
  });

  test("an inhibited counter can be written and keeps the value", () => {
    const hart = new HartUnderTest();
    hart.write("mcountinhibit", 1n);
    expect(hart.written("mcycle", 5n)).toBe(5n);
    hart.execute(9);
    expect(hart.read("mcycle")).toBe(5n);
  });

  test("other counters go on", () => {
    const hart = new HartUnderTest();
    hart.write("mcountinhibit", 1n);
    hart.execute(9);
    expect(hart.read("minstret")).toBe(10n);
  });
});

describe("hardware performance counters", () => {
  test("counters 3 to 31 hold 64 bits and stand still while no event is selected", () => {
    const hart = new HartUnderTest();
    for (const n of [3, 17, 31] as const) {
      expect(hart.written(`mhpmcounter${n}`, ones)).toBe(ones);
      hart.execute(5);
      expect(hart.read(`hpmcounter${n}`)).toBe(ones);
    }
  });

  test("event 1 counts cycles, 2 instructions, from the instruction after its selection", () => {
    const hart = new HartUnderTest();
    hart.write("mhpmevent3", 1n);
    hart.write("mhpmevent4", 2n);
    hart.execute(10);
    expect([hart.read("mhpmcounter3"), hart.read("mhpmcounter4")]).toEqual([11n, 11n]);
    hart.write("mhpmevent3", 0n);
    hart.execute(10);
    expect([hart.read("mhpmcounter3"), hart.read("mhpmcounter3")]).toEqual([14n, 14n]);
  });

  test("an event that does not exist becomes event 0", () => {
    const hart = new HartUnderTest();
    expect(hart.written("mhpmevent3", 0x1234n)).toBe(0n);
    expect(hart.written("mhpmevent3", (1n << 40n) | 2n)).toBe(0n);
    expect(hart.written("mhpmevent3", ones)).toBe(0xf000_0000_0000_0000n);
    expect(hart.written("mhpmevent3", 2n)).toBe(2n);
  });

  test("events of the machine's own are counted from the moment they are selected", () => {
    let misses = 5n;
    const hart = new HartUnderTest("max", { events: [{ id: hpmEvents.loadTlbMiss, count: () => misses }] });
    hart.write("mhpmevent6", BigInt(hpmEvents.loadTlbMiss));
    misses = 8n;
    expect(hart.read("mhpmcounter6")).toBe(3n);
    hart.write("mhpmcounter6", 100n);
    misses = 9n;
    expect(hart.read("mhpmcounter6")).toBe(101n);
  });

  test("without Sscofpmf, mhpmevent has no OF and no privilege bits", () => {
    const hart = new HartUnderTest("rv64gc");
    expect(hart.written("mhpmevent3", overflow | minh | 2n)).toBe(2n);
    expect(hart.read("scountovf")).toBe("illegal");
  });
});

describe("counter overflow", () => {
  const counting = (value: bigint) => {
    const hart = new HartUnderTest();
    hart.write("mhpmcounter3", value);
    hart.write("mhpmevent3", 2n);
    return hart;
  };

  test("the deadline is the number of instructions to the wrap, which sets OF and LCOFIP", () => {
    const hart = counting(ones - 9n);
    expect(hart.csrs.nextOverflow()).toBe(10n);
    hart.execute(9);
    hart.csrs.checkOverflow();
    expect([hart.state.pending, hart.csrs.nextOverflow()]).toEqual([0, 1n]);
    hart.execute(1);
    hart.csrs.checkOverflow();
    expect(hart.state.pending).toBe(1 << 13);
    expect(hart.read("mip")).toBe(lcofip);
    expect(hart.read("mhpmevent3")).toBe(overflow | 2n);
    expect(hart.read("mhpmcounter3")).toBe(2n);
    expect(hart.csrs.nextOverflow()).toBeUndefined();
  });

  test("while OF is set the counter wraps without an interrupt", () => {
    const hart = counting(0n);
    hart.write("mhpmevent3", overflow | 2n);
    hart.write("mhpmcounter3", ones);
    hart.execute(5);
    hart.csrs.checkOverflow();
    expect(hart.read("mip")).toBe(0n);
    expect(hart.read("mhpmcounter3")).toBe(5n);
  });

  test("writing the counter or clearing OF after the wrap causes no further interrupt", () => {
    const hart = counting(ones);
    hart.execute(1);
    hart.csrs.checkOverflow();
    hart.write("mip", 0n);
    hart.write("mhpmevent3", 2n);
    hart.execute(3);
    hart.csrs.checkOverflow();
    hart.write("mhpmcounter3", 0n);
    expect(hart.read("mip")).toBe(0n);
    expect(hart.read("scountovf")).toBe(0n);
  });

  test("an overflow between two looks is found by whatever looks next", () => {
    const hart = counting(ones - 2n);
    hart.execute(20);
    expect(hart.read("scountovf")).toBe(8n);
    expect(hart.read("mip")).toBe(lcofip);
  });

  test("an overflow that nobody has looked at yet is due at once", () => {
    const hart = counting(ones - 2n);
    hart.execute(20);
    expect(hart.csrs.nextOverflow()).toBe(0n);
    hart.csrs.checkOverflow();
    expect(hart.csrs.nextOverflow()).toBeUndefined();
  });

  test("a counter that is inhibited has no deadline", () => {
    const hart = counting(ones);
    hart.write("mhpmcounter3", ones - 100n);
    hart.write("mcountinhibit", 8n);
    expect(hart.csrs.nextOverflow()).toBeUndefined();
    hart.write("mcountinhibit", 0n);
    expect(hart.csrs.nextOverflow()).toBe(100n);
  });

  test("M-mode reads every OF bit of scountovf, S-mode those that mcounteren opens, U-mode none", () => {
    const hart = new HartUnderTest();
    hart.write("mhpmevent3", overflow);
    hart.write("mhpmevent31", overflow);
    expect(hart.read("scountovf", 3)).toBe(0x8000_0008n);
    expect(hart.read("scountovf", 1)).toBe(0n);
    hart.write("mcounteren", 1n << 31n);
    expect(hart.read("scountovf", 1)).toBe(0x8000_0000n);
    expect(hart.read("scountovf", 0)).toBe("illegal");
  });
});

describe("counting in some privileges only", () => {
  /** Ten instructions in U-mode, an exception, ten in M-mode with mret the last. */
  const excursion = (hart: HartUnderTest) => {
    hart.execute(10);
    takeException(hart.state, 8, 0n);
    hart.execute(9);
    mret(hart.state);
    hart.execute(1);
  };

  test("MINH, SINH and UINH stop a counter while the hart runs in that privilege; mret counts where it starts", () => {
    for (const [filter, counted] of [
      [0n, 40n],
      [minh, 20n],
      [uinh, 20n],
      [sinh, 40n],
      [minh | uinh, 0n],
    ] as const) {
      const hart = new HartUnderTest();
      hart.write("mhpmevent3", 2n | filter);
      hart.write("mhpmcounter3", 0n);
      hart.state.priv = 0;
      excursion(hart);
      excursion(hart);
      hart.state.priv = 3;
      expect(hart.csrs.peek(0xb03)).toBe(counted);
    }
  });

  test("mcyclecfg and minstretcfg do the same for cycle and instret, with Smcntrpmf", () => {
    const hart = new HartUnderTest("rv64gc_zicntr_smcntrpmf");
    expect(hart.written("minstretcfg", ones)).toBe(minh | sinh | uinh);
    hart.write("minstretcfg", minh);
    hart.write("mcyclecfg", uinh);
    hart.csrs.poke(0xb02, 0n);
    hart.csrs.poke(0xb00, 0n);
    hart.state.priv = 0;
    excursion(hart);
    expect([hart.csrs.peek(0xb02), hart.csrs.peek(0xb00)]).toEqual([10n, 10n]);
    expect(new HartUnderTest("rv64gc_zicntr_zihpm_sscofpmf").read("minstretcfg")).toBe("illegal");
  });
});

describe("a copied hart", () => {
  test("continues to count from a copy of its block", () => {
    const hart = new HartUnderTest();
    hart.write("minstret", 500n);
    hart.write("mhpmevent3", 2n | uinh);
    const bytes = new Uint8Array(hart.state.memory.buffer, hart.state.base, 4096);
    const copy = bytes.slice();
    hart.execute(100);
    hart.write("minstret", 0n);
    bytes.set(copy);
    hart.retired -= 101n;
    expect(hart.read("minstret")).toBe(501n);
  });
});
