import { describe, expect, test } from "vitest";
import { mstatusBits as bits } from "../../src/cpu/csr/bits.ts";
import type { Privilege } from "../../src/cpu/state.ts";
import { executeSystem, type MemorylessOp, type SystemContext, type SystemOperands } from "../../src/cpu/system.ts";
import { type CsrName, csrNumbers } from "../../src/isa/csrNames.ts";
import { HartUnderTest } from "./hartUnderTest.ts";

const start = 0x8000_0000n;

class SystemUnderTest extends HartUnderTest {
  readonly fenced: [bigint | undefined, number | undefined][] = [];
  instructionFences = 0;
  readonly context: SystemContext = {
    state: this.state,
    csrs: this.csrs,
    fences: { fence: (va, asid) => this.fenced.push([va, asid]) },
    fenceInstructions: () => this.instructionFences++,
  };

  constructor(priv: Privilege = 3, mstatus = 0n) {
    super();
    this.write("mstatus", mstatus);
    this.write("mtvec", 0x100n);
    this.state.pc = start;
    this.state.priv = priv;
  }

  run(op: MemorylessOp, operands: Partial<SystemOperands> = {}) {
    return executeSystem(
      op,
      { rd: 0, rs1: 0, rs2: 0, imm: 0, bits: 0xffff_ffff, length: 4, ...operands },
      this.context,
    );
  }

  /** A CSR instruction on a named CSR. */
  csr(op: MemorylessOp, name: CsrName, rd: number, rs1: number) {
    return this.run(op, { rd, rs1, imm: csrNumbers[name] });
  }

  /** Cause, tval and pc of the trap into M-mode that was taken. */
  get trapped() {
    return [this.read("mcause", 3), this.read("mtval", 3), this.read("mepc", 3)];
  }
}

const isIllegal = (priv: Privilege, op: MemorylessOp, mstatus = 0n) => {
  const hart = new SystemUnderTest(priv, mstatus);
  const illegal = hart.run(op) === "trap";
  if (illegal) expect(hart.trapped).toEqual([2n, 0xffff_ffffn, start]);
  return illegal;
};

describe("illegal instructions", () => {
  test("put their own bits into tval: 32, or 16 for compressed ones", () => {
    const hart = new SystemUnderTest(1);
    expect(hart.run("illegal", { bits: 0xffff_ffff })).toBe("trap");
    expect(hart.trapped).toEqual([2n, 0xffff_ffffn, start]);
    expect([hart.state.pc, hart.state.priv]).toEqual([0x100n, 3]);
    hart.run("illegal", { bits: 0x9c5c, length: 2 });
    expect(hart.read("mtval")).toBe(0x9c5cn);
    hart.run("illegal", { bits: -1 });
    expect(hart.read("mtval")).toBe(0xffff_ffffn);
  });
});

describe("calls and breakpoints", () => {
  test("ecall's cause tells the privilege, its tval is 0", () => {
    for (const [priv, cause] of [
      [0, 8n],
      [1, 9n],
      [3, 11n],
    ] as const) {
      const hart = new SystemUnderTest(priv);
      expect(hart.run("ecall")).toBe("trap");
      expect(hart.trapped).toEqual([cause, 0n, start]);
    }
  });

  test("ebreak's tval is its address, of 2 or 4 bytes", () => {
    for (const length of [2, 4] as const) {
      const hart = new SystemUnderTest(0);
      expect(hart.run("ebreak", { length })).toBe("trap");
      expect(hart.trapped).toEqual([3n, start, start]);
    }
  });
});

describe("returns", () => {
  test("mret and sret redirect where they are legal", () => {
    const hart = new SystemUnderTest(3, 1n << 11n);
    hart.write("mepc", 0x4000n);
    expect(hart.run("mret")).toBe("redirect");
    expect([hart.state.pc, hart.state.priv]).toEqual([0x4000n, 1]);
    hart.write("sepc", 0x5000n);
    expect(hart.run("sret")).toBe("redirect");
    expect([hart.state.pc, hart.state.priv]).toEqual([0x5000n, 0]);
  });

  test("they are illegal elsewhere: mret below M, sret in U, and in S with TSR", () => {
    expect([isIllegal(0, "mret"), isIllegal(1, "mret"), isIllegal(3, "mret")]).toEqual([true, true, false]);
    expect([isIllegal(0, "sret"), isIllegal(1, "sret"), isIllegal(3, "sret")]).toEqual([true, false, false]);
    expect([isIllegal(1, "sret", bits.tsr), isIllegal(3, "sret", bits.tsr)]).toEqual([true, false]);
  });
});

describe("waiting", () => {
  test("wfi waits behind itself when nothing is pending, and goes on when something is", () => {
    const hart = new SystemUnderTest(1);
    expect([hart.run("wfi"), hart.state.pc]).toEqual(["wait", start + 4n]);
    hart.write("mie", 2n, 3);
    hart.write("mip", 2n, 3);
    expect([hart.run("wfi"), hart.state.pc]).toEqual(["next", start + 4n]);
  });

  test("wfi sees a supervisor timer that is due", () => {
    const hart = new SystemUnderTest(3);
    hart.write("menvcfg", 1n << 63n);
    hart.write("mie", 1n << 5n);
    hart.write("stimecmp", 10n);
    hart.clock = 10n;
    expect(hart.run("wfi")).toBe("next");
  });

  test("wfi is illegal in U, and in S with TW; never in M", () => {
    expect([isIllegal(0, "wfi"), isIllegal(1, "wfi"), isIllegal(3, "wfi")]).toEqual([true, false, false]);
    expect([isIllegal(1, "wfi", bits.tw), isIllegal(3, "wfi", bits.tw)]).toEqual([true, false]);
  });

  test("wrs.nto is illegal below M with TW, wrs.sto never is", () => {
    expect([isIllegal(0, "wrs.nto"), isIllegal(1, "wrs.nto"), isIllegal(3, "wrs.nto")]).toEqual([false, false, false]);
    expect([0, 1, 3].map((priv) => isIllegal(priv as Privilege, "wrs.nto", bits.tw))).toEqual([true, true, false]);
    expect([0, 1, 3].map((priv) => isIllegal(priv as Privilege, "wrs.sto", bits.tw))).toEqual([false, false, false]);
  });
});

describe("fences", () => {
  test("sfence.vma and sinval.vma pass on address and ASID; x0 means all, a register of value 0 means 0", () => {
    for (const op of ["sfence.vma", "sinval.vma"] as const) {
      const hart = new SystemUnderTest(1);
      hart.state.setX(5, 0xffff_ffff_8000_0123n);
      hart.state.setX(6, 0x7_0042n);
      hart.run(op);
      hart.run(op, { rs1: 5 });
      hart.run(op, { rs2: 6 });
      hart.run(op, { rs1: 5, rs2: 6 });
      hart.run(op, { rs1: 7, rs2: 7 });
      expect(hart.fenced).toEqual([
        [undefined, undefined],
        [0xffff_ffff_8000_0123n, undefined],
        [undefined, 0x42],
        [0xffff_ffff_8000_0123n, 0x42],
        [0n, 0],
      ]);
    }
  });

  test("the engine looks anew behind a fence", () => {
    const hart = new SystemUnderTest(3);
    expect([hart.run("sfence.vma"), hart.state.pc]).toEqual(["redirect", start + 4n]);
    expect([hart.run("fence.i"), hart.state.pc, hart.instructionFences]).toEqual(["redirect", start + 8n, 1]);
  });

  test("sfence.vma and sinval.vma are illegal in U, and in S with TVM", () => {
    for (const op of ["sfence.vma", "sinval.vma"] as const) {
      expect([isIllegal(0, op), isIllegal(1, op), isIllegal(3, op)]).toEqual([true, false, false]);
      expect([isIllegal(1, op, bits.tvm), isIllegal(3, op, bits.tvm)]).toEqual([true, false]);
    }
  });

  test("an illegal fence flushes nothing", () => {
    const hart = new SystemUnderTest(0);
    hart.run("sfence.vma");
    expect(hart.fenced).toEqual([]);
  });

  test("sfence.w.inval and sfence.inval.ir are illegal in U only, whatever TVM says", () => {
    for (const op of ["sfence.w.inval", "sfence.inval.ir"] as const) {
      expect([0, 1, 3].map((priv) => isIllegal(priv as Privilege, op, bits.tvm))).toEqual([true, false, false]);
    }
  });

  test("fence.i is legal everywhere", () => {
    expect([0, 1, 3].map((priv) => isIllegal(priv as Privilege, "fence.i"))).toEqual([false, false, false]);
  });
});

describe("CSR instructions", () => {
  test("csrrw swaps, csrrs sets and csrrc clears with a register", () => {
    const hart = new SystemUnderTest();
    hart.state.setX(5, 0xf0f0n);
    hart.state.setX(6, 0x00ffn);
    expect(hart.csr("csrrw", "mscratch", 7, 5)).toBe("next");
    expect(hart.csr("csrrs", "mscratch", 8, 6)).toBe("next");
    expect(hart.csr("csrrc", "mscratch", 9, 6)).toBe("next");
    expect([7, 8, 9].map((r) => hart.state.x(r))).toEqual([0n, 0xf0f0n, 0xf0ffn]);
    expect([hart.read("mscratch"), hart.state.pc]).toEqual([0xf000n, start]);
  });

  test("with the same register as source and destination the source is read first", () => {
    const hart = new SystemUnderTest();
    hart.write("mscratch", 1n);
    hart.state.setX(5, 2n);
    hart.csr("csrrw", "mscratch", 5, 5);
    expect([hart.state.x(5), hart.read("mscratch")]).toEqual([1n, 2n]);
  });

  test("the immediate forms take five bits, zero-extended", () => {
    const hart = new SystemUnderTest();
    hart.csr("csrrwi", "mscratch", 0, 31);
    expect(hart.read("mscratch")).toBe(31n);
    hart.csr("csrrci", "mscratch", 0, 3);
    hart.csr("csrrsi", "mscratch", 5, 1);
    expect([hart.read("mscratch"), hart.state.x(5)]).toEqual([29n, 28n]);
  });

  test("csrrs and csrrc with x0 or 0 do not write: read-only CSRs can be read so", () => {
    for (const op of ["csrrs", "csrrc", "csrrsi", "csrrci"] as const) {
      expect(new SystemUnderTest().csr(op, "mhartid", 5, 0)).toBe("next");
      const hart = new SystemUnderTest();
      expect(hart.csr(op, "mhartid", 5, 1)).toBe("trap");
      expect(hart.trapped[0]).toBe(2n);
    }
  });

  test("csrrw writes even x0, and csrrs a register that holds 0", () => {
    const hart = new SystemUnderTest();
    expect(hart.csr("csrrw", "mhartid", 0, 0)).toBe("trap");
    expect(hart.csr("csrrwi", "mhartid", 0, 0)).toBe("trap");
    expect(hart.csr("csrrs", "mhartid", 0, 6)).toBe("trap");
    hart.write("mscratch", 9n);
    hart.csr("csrrw", "mscratch", 0, 0);
    expect(hart.read("mscratch")).toBe(0n);
  });

  test("an illegal access leaves rd alone", () => {
    const hart = new SystemUnderTest(0);
    hart.state.setX(5, 77n);
    expect(hart.csr("csrrs", "mscratch", 5, 0)).toBe("trap");
    expect(hart.state.x(5)).toBe(77n);
  });

  test("a write that changes translations, interrupts or deadlines redirects behind itself; others do not", () => {
    const redirects = (name: CsrName, value: bigint) => {
      const hart = new SystemUnderTest();
      hart.state.setX(5, value);
      const outcome = hart.csr("csrrw", name, 0, 5);
      expect(hart.state.pc).toBe(outcome === "redirect" ? start + 4n : start);
      return outcome;
    };
    for (const [name, value] of [
      ["satp", 8n << 60n],
      ["mstatus", bits.mie],
      ["mstatus", bits.mprv],
      ["mie", 2n],
      ["mip", 2n],
      ["sie", 0n],
      ["mideleg", 2n],
      ["pmpaddr0", 1n],
      ["stimecmp", 1n],
      ["menvcfg", 1n << 61n],
    ] as const) {
      expect([name, redirects(name, value)]).toEqual([name, name === "sie" ? "next" : "redirect"]);
    }
    for (const name of ["mscratch", "mtvec", "mepc", "medeleg", "sscratch", "mcounteren"] as const) {
      expect([name, redirects(name, 4n)]).toEqual([name, "next"]);
    }
  });
});
