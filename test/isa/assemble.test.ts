import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  assemble,
  compressedInstructions,
  createDecoder,
  disassemble,
  instructions,
  parseIsa,
} from "../../src/isa/index.ts";

const decode = createDecoder(parseIsa());

// Words and texts as GNU binutils and LLVM have them.
test.each([
  [0x00150513, "addi a0, a0, 1"],
  [0xff9ff06f, "jal zero, pc-0x8"],
  [0x00008067, "jalr zero, 0(ra)"],
  [0xfeb508e3, "beq a0, a1, pc-0x10"],
  [0xdeadb537, "lui a0, 0xdeadb"],
  [0x43f5d513, "srai a0, a1, 63"],
  [0x0ff0000f, "fence iorw, iorw"],
  [0x0310000f, "fence rw, w"],
  [0x8330000f, "fence.tso"],
  [0x0100000f, "pause"],
  [0x0000100f, "fence.i"],
  [0x00200033, "ntl.p1"],
  [0x00300033, "ntl.pall"],
  [0x00400033, "ntl.s1"],
  [0x00500033, "ntl.all"],
  [0x900a, "c.ntl.p1"],
  [0x30529073, "csrrw zero, mtvec, t0"],
  [0x3002f573, "csrrci a0, mstatus, 5"],
  [0x7c002573, "csrrs a0, 0x7c0, zero"],
  [0x120000f3, "illegal 0x120000f3"],
  [0x12b50073, "sfence.vma a0, a1"],
  [0x02c5f553, "fadd.d fa0, fa1, fa2"],
  [0x02c58553, "fadd.d fa0, fa1, fa2, rne"],
  [0xc0151553, "fcvt.wu.s a0, fa0, rtz"],
  [0xd2050553, "fcvt.d.w fa0, a0"],
  [0x680627af, "illegal 0x680627af"],
  [0x0605a52f, "amoadd.w.aqrl a0, zero, (a1)"],
  [0x1005b52f, "lr.d a0, (a1)"],
  [0xf0180553, "fli.s fa0, 1"],
  [0xf2108553, "fli.d fa0, min"],
  [0x0045200f, "cbo.zero (a0)"],
  [0xfe15e013, "prefetch.r -32(a1)"],
  [0x81c5c573, "mop.r.0 a0, a1"],
  [0x0505, "c.addi a0, 1"],
  [0x713d, "c.addi16sp sp, -32"],
  [0x1028, "c.addi4spn a0, sp, 40"],
  [0x77fd, "c.lui a5, 0xfffff"],
  [0x8082, "c.jr ra"],
  [0xbffd, "c.j pc-0x2"],
  [0x6281, "c.mop.5"],
  [0x2148, "c.fld fa0, 128(a0)"],
  [0x9002, "c.ebreak"],
])("0x%s is %s", (bits, text) => {
  expect(disassemble(decode(bits))).toBe(text);
  if (!text.startsWith("illegal")) expect(assemble(text).bits).toBe(bits);
});

test("two words of each instruction mean what LLVM 19's disassembler says", () => {
  const lines = readFileSync(new URL("agreedWords.txt", import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  const seen = new Set<unknown>();
  for (const line of lines) {
    const [hex, text] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)];
    const decoded = decode(Number.parseInt(hex, 16));
    seen.add(decoded.compressed ?? decoded.def);
    expect(disassemble(decoded)).toBe(text);
    expect(assemble(text)).toEqual({ bits: Number.parseInt(hex, 16), length: hex.length / 2 });
  }
  const unseen = [...instructions.slice(1), ...compressedInstructions].filter((def) => !seen.has(def));
  // LLVM prints these as what they are special cases of; their words are above.
  expect(unseen.map(({ name }) => name.replace("c.", ""))).toEqual([
    "pause",
    ...["ntl.p1", "ntl.pall", "ntl.s1", "ntl.all"],
    ...["ntl.p1", "ntl.pall", "ntl.s1", "ntl.all"],
  ]);
});

test("targets are addresses when the instruction's own is known, and wrap around", () => {
  expect(disassemble(decode(0xff9ff06f), 0x8000_0000n)).toBe("jal zero, 0x7ffffff8");
  expect(disassemble(decode(0xff9ff06f), 0n)).toBe("jal zero, 0xfffffffffffffff8");
  expect(assemble("jal zero, 0x7ffffff8", { pc: 0x8000_0000n }).bits).toBe(0xff9ff06f);
  expect(assemble("jal zero, 0xfffffffffffffff8", { pc: 0n }).bits).toBe(0xff9ff06f);
});

test("registers have ABI and plain names, numbers several notations, spaces are free", () => {
  const { bits } = assemble("addi s0, a0, -16");
  for (const text of ["addi fp,x10,-0x10", "  ADDI   x8 ,  a0 , -0b10000 "]) expect(assemble(text).bits).toBe(bits);
  expect(assemble("fadd.d f10, f11, f12").bits).toBe(0x02c5f553);
  expect(assemble("lw a0 , 4 ( sp )").bits).toBe(assemble("lw a0, 4(sp)").bits);
  expect(assemble("csrrw zero, 0x305, t0").bits).toBe(0x30529073);
  expect(assemble("beq a0, a1, .-16").bits).toBe(0xfeb508e3);
  expect(assemble("lui a0, -1").bits).toBe(assemble("lui a0, 0xfffff").bits);
  expect(assemble("fli.s fa0, 1.0").bits).toBe(0xf0180553);
});

test.each([
  ["", "there is no instruction in it"],
  ["frob a0, a1", "there is no instruction frob"],
  ["illegal", "there is no instruction illegal"],
  ["addi a0, a0, 2048", "2048 does not fit imm"],
  ["addi a0, a0, 1x", '"1x" is no imm (a number)'],
  ["addi a0, a0", '"," is missing at ""'],
  ["addi a0, a0, 1, 2", '", 2" is too much'],
  ["addi a0, f1, 1", '"f1" is no x register'],
  ["fadd.d a0, fa1, fa2", '"a0" is no f register'],
  ["lw a0, 4(sp", '")" is missing at ""'],
  ["beq a0, a1, 0x80000000", "pc+N, pc-N, or an address when the instruction's is known"],
  ["beq a0, a1, pc+1", "1 does not fit offset"],
  ["csrrw a0, nosuch, a1", '"nosuch" is no csr (the name or number of a CSR)'],
  ["csrrw a0, 4096, a1", "4096 does not fit csr"],
  ["fadd.d ft0, ft1, ft2, up", "one of rne rtz rdn rup rmm dyn"],
  ["c.addi zero, 1", "rd of c.addi cannot be 0"],
  ["c.lui sp, 1", "rd of c.lui cannot be 2"],
  ["c.lw s2, 0(a0)", "18 does not fit rd'"],
  ["amocas.q a1, a2, (a4)", "11 does not fit rd"],
])("%o is refused: %s", (text, reason) => {
  expect(() => assemble(text)).toThrow(`cannot assemble "${text}": `);
  expect(() => assemble(text)).toThrow(reason);
});
