import { describe, expect, test } from "vitest";
import { matches } from "../../src/isa/encoding.ts";
import {
  assemble,
  compressedInstructions,
  createDecoder,
  type Decoded,
  disassemble,
  instructions,
  parseIsa,
} from "../../src/isa/index.ts";
import { randomWords } from "./random.ts";

const everything = createDecoder(parseIsa());

/** The name of the first definition that matches, special cases first: no grouping, no memory. */
function searched(bits: number, isaText: string): string {
  const isa = parseIsa(isaText);
  const all = (bits & 3) === 3 ? instructions.slice(1) : compressedInstructions;
  const found = all.filter((def) => def.availableIn(isa) && matches(def.encoding, bits));
  return (found.find(({ of }) => of !== undefined) ?? found[0])?.name ?? "illegal";
}

const nameOf = ({ def, compressed }: Decoded): string => (compressed ?? def).name;

describe.each(["max", "rv64gc", "rv64imac_zbkb", "rv64i"])("the decoder of %s", (isa) => {
  test("finds what a search of all definitions finds", () => {
    const [decode, random] = [createDecoder(parseIsa(isa)), randomWords(7)];
    for (let round = 0; round < 400; round++) {
      const wild = (random() | 3) >>> 0;
      expect(nameOf(decode(wild)), wild.toString(16)).toBe(searched(wild, isa));
      const def = instructions[1 + (random() % (instructions.length - 1))]!;
      const near = (def.match | (random() & ~def.mask)) >>> 0;
      expect(nameOf(decode(near)), near.toString(16)).toBe(searched(near, isa));
      const half = random() & 0xffff;
      if ((half & 3) !== 3) expect(nameOf(decode(half)), half.toString(16)).toBe(searched(half, isa));
    }
  });
});

test("operands stand in their slots", () => {
  expect(everything(assemble("lw a0, -8(sp)").bits)).toMatchObject({ rd: 10, rs1: 2, rs2: 0, imm: -8, length: 4 });
  expect(everything(assemble("sd s1, 2047(a5)").bits)).toMatchObject({ rd: 0, rs1: 15, rs2: 9, imm: 2047 });
  expect(everything(assemble("lui t0, 0xfffff").bits)).toMatchObject({ rd: 5, imm: -4096 });
  expect(everything(assemble("jal ra, pc-0x100000").bits)).toMatchObject({ rd: 1, imm: -0x10_0000 });
  expect(everything(assemble("csrrwi a0, mhartid, 31").bits)).toMatchObject({ rd: 10, rs1: 31, imm: 0xf14 });
  expect(everything(assemble("fmadd.d ft0, ft1, ft2, ft3, rup").bits)).toMatchObject({ rs3: 3, rm: 3, imm: 0 });
  expect(everything(assemble("amoadd.w.aqrl a0, a1, (a2)").bits)).toMatchObject({ rd: 10, rs1: 12, rs2: 11, imm: 3 });
});

test("a definition knows which operands it has, and in which registers", () => {
  const operands = (name: string) => instructions.find((def) => def.name === name)!.operands;
  expect(operands("add")).toEqual({ rd: "x", rs1: "x", rs2: "x" });
  expect(operands("fsd")).toEqual({ rs1: "x", rs2: "f", imm: true });
  expect(operands("fmadd.s")).toEqual({ rd: "f", rs1: "f", rs2: "f", rs3: "f", rm: true });
  expect(operands("fcvt.d.l")).toEqual({ rd: "f", rs1: "x", rm: true });
  expect(operands("csrrsi")).toEqual({ rd: "x", rs1: true, imm: true });
  expect(operands("feq.h")).toEqual({ rd: "x", rs1: "f", rs2: "f" });
});

test("a compressed instruction decodes to what it stands for, and ignores the halfword above it", () => {
  const decoded = everything(0xffff_4501);
  expect(decoded).toMatchObject({ length: 2, bits: 0x4501, rd: 10, rs1: 0, imm: 0 });
  expect(decoded.def.name).toBe("addi");
  expect(decoded.compressed!.name).toBe("c.li");
  expect(everything(0x4501)).toBe(decoded);
});

test("words may be given signed or unsigned", () => {
  expect(everything((-1 << 7) | 0x13)).toBe(everything(((-1 << 7) | 0x13) >>> 0));
  expect(everything((-1 << 7) | 0x13).bits).toBe(0xffff_ff93);
});

test("illegal words keep their length and their bits", () => {
  expect(everything(0)).toMatchObject({ length: 2, bits: 0 });
  expect(everything(0xffff_ffff)).toMatchObject({ length: 4, bits: 0xffff_ffff });
  expect(everything(0)!.def).toBe(instructions[0]);
});

test("reserved compressed encodings are illegal", () => {
  const reserved = [0x0000, 0x0004, 0x2001, 0x6101, 0x6001, 0x4002, 0x6002, 0x8002, 0x9c79, 0x9c7d];
  expect(reserved.map((bits) => nameOf(everything(bits)))).toEqual(reserved.map(() => "illegal"));
});

test("compressed hints write no register but x0", () => {
  // c.nop 1; c.addi a0, 0; c.li zero, 5; c.lui zero, 1; c.mv zero, a0; c.add zero, a0; c.slli zero, 3; c.srli s0, 0
  for (const bits of [0x0005, 0x0501, 0x4015, 0x6005, 0x802a, 0x902a, 0x000e, 0x8001]) {
    const { def, rd, rs1, imm } = everything(bits);
    expect(def.index, bits.toString(16)).not.toBe(0);
    expect(rd === 0 || (rd === rs1 && imm === 0), bits.toString(16)).toBe(true);
  }
});

describe("switched off, an extension's encodings are illegal", () => {
  const cases: [string, string, string[]][] = [
    ["rv64i", "rv64im", ["mul a0, a1, a2", "remuw a0, a1, a2"]],
    ["rv64im", "rv64ima", ["lr.w a0, (a1)", "amoswap.d.aq a0, a1, (a2)"]],
    ["rv64ima", "rv64imac", ["c.addi a0, 1", "c.ldsp a0, 0(sp)"]],
    ["rv64imac", "rv64imafc", ["flw ft0, 0(a0)", "fadd.s ft0, ft1, ft2", "csrrs a0, fcsr, zero"]],
    ["rv64imafc", "rv64gc", ["c.fld fs0, 0(a0)", "c.fsdsp fs0, 0(sp)", "fcvt.s.d ft0, ft1", "fence.i"]],
    ["rv64gc", "rv64gc_zbkb", ["rev8 a0, a1", "ror a0, a1, a2", "pack a0, a1, a2"]],
    ["rv64gc_zbkb", "rv64gc_zbb", ["clz a0, a1", "max a0, a1, a2", "orc.b a0, a1"]],
    ["rv64gc_zbkc", "rv64gc_zbc", ["clmulr a0, a1, a2"]],
    ["rv64gc_zfhmin", "rv64gc_zfh", ["fadd.h ft0, ft1, ft2", "fclass.h a0, ft0"]],
    ["rv64gc", "rv64gc_zfhmin", ["flh ft0, 0(a0)", "fcvt.d.h ft0, ft1"]],
    ["rv64if_zfhmin", "rv64id_zfhmin", ["fcvt.d.h ft0, ft1", "fcvt.h.d ft0, ft1"]],
    ["rv64gc_zfa", "rv64gc_zfa_zfh", ["fli.h ft0, 1", "fround.h ft0, ft1"]],
    ["rv64gc_zcb", "rv64gc_zcb_zba", ["c.zext.w a0"]],
    ["rv64gc_zcb", "rv64gc_zcb_zbb", ["c.sext.b a0", "c.zext.h a0", "c.sext.h a0"]],
    ["rv64gc", "rv64gc_zcb", ["c.mul a0, a1", "c.not a0", "c.lbu a0, 3(a1)"]],
    ["rv64gc", "rv64gc_zcmop_zimop", ["c.mop.7", "mop.r.31 a0, a1", "mop.rr.7 a0, a1, a2"]],
    ["rv64gc", "rv64gc_zacas_zawrs", ["amocas.w a0, a1, (a2)", "amocas.q a0, a2, (a4)", "wrs.nto", "wrs.sto"]],
    ["rv64gc", "rv64gc_zicbom_zicboz", ["cbo.clean (a0)", "cbo.flush (a0)", "cbo.inval (a0)", "cbo.zero (a0)"]],
    ["rv64gc", "rv64gc_svinval", ["sinval.vma a0, a1", "sfence.w.inval", "sfence.inval.ir"]],
    ["rv64gc", "rv64gc_zicond_zbs_zbkx", ["czero.eqz a0, a1, a2", "bexti a0, a1, 63", "xperm4 a0, a1, a2"]],
  ];
  test.each(cases)("%s, unlike %s", (without, having, lines) => {
    const [decodeWithout, decodeHaving] = [createDecoder(parseIsa(without)), createDecoder(parseIsa(having))];
    for (const line of lines) {
      const { bits } = assemble(line);
      expect(disassemble(decodeHaving(bits)), line).toBe(line);
      if (!line.includes("fcsr")) expect(decodeWithout(bits).def.index, line).toBe(0);
    }
  });
});

test("switched off, a hint is what it is a special case of, which does nothing", () => {
  const decode = createDecoder(parseIsa("rv64gc"));
  const names = ["prefetch.w 32(a0)", "pause", "ntl.all", "c.ntl.p1"].map((line) =>
    nameOf(decode(assemble(line).bits)),
  );
  expect(names).toEqual(["ori", "fence", "add", "c.add"]);
});

test("without Zbb, zext.h is Zbkb's packw with x0", () => {
  const { bits } = assemble("zext.h a0, a1");
  expect(disassemble(createDecoder(parseIsa("rv64gc_zbb"))(bits))).toBe("zext.h a0, a1");
  expect(disassemble(createDecoder(parseIsa("rv64gc_zbkb"))(bits))).toBe("packw a0, a1, zero");
});

test("odd registers of amocas.q are reserved", () => {
  const { bits } = assemble("amocas.q a0, a2, (a4)");
  expect(everything(bits).def.name).toBe("amocas.q{aqrl}");
  expect(everything(bits | (1 << 7)).def.index).toBe(0);
  expect(everything(bits | (1 << 20)).def.index).toBe(0);
});

test("the decoder remembers a bounded number of words", () => {
  const first = everything(0x13);
  for (let k = 0; k < 70_000; k++) everything((k << 12) | 0x37);
  expect(everything(0x13)).toEqual(first);
});
