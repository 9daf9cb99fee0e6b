import { describe, expect, test } from "vitest";
import { createDecoder, disassemble, evaluate, parseIsa } from "../../src/isa/index.ts";
import { randomDoublewords } from "./random.ts";
import { changes, hartWith, result } from "./toyHart.ts";

const s64 = (value: bigint): bigint => BigInt.asIntN(64, value);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const s32 = (value: bigint): bigint => u64(BigInt.asIntN(32, value));
const u32 = (value: bigint): bigint => BigInt.asUintN(32, value);

/** What each register–register instruction computes, in the words of its specification. */
const computed: Record<string, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  sll: (a, b) => a << (b % 64n),
  slt: (a, b) => (s64(a) < s64(b) ? 1n : 0n),
  sltu: (a, b) => (a < b ? 1n : 0n),
  xor: (a, b) => a ^ b,
  srl: (a, b) => a >> (b % 64n),
  sra: (a, b) => s64(a) >> (b % 64n),
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  addw: (a, b) => s32(a + b),
  subw: (a, b) => s32(a - b),
  sllw: (a, b) => s32(a << (b % 32n)),
  srlw: (a, b) => s32(u32(a) >> (b % 32n)),
  sraw: (a, b) => s32(BigInt.asIntN(32, a) >> (b % 32n)),
  mul: (a, b) => a * b,
  mulh: (a, b) => (s64(a) * s64(b)) >> 64n,
  mulhsu: (a, b) => (s64(a) * b) >> 64n,
  mulhu: (a, b) => (a * b) >> 64n,
  mulw: (a, b) => s32(a * b),
  div: (a, b) => (b === 0n ? -1n : s64(a) / s64(b)),
  divu: (a, b) => (b === 0n ? -1n : a / b),
  rem: (a, b) => (b === 0n ? a : s64(a) % s64(b)),
  remu: (a, b) => (b === 0n ? a : a % b),
  divw: (a, b) => (u32(b) === 0n ? -1n : s32(BigInt.asIntN(32, a) / BigInt.asIntN(32, b))),
  divuw: (a, b) => (u32(b) === 0n ? -1n : s32(u32(a) / u32(b))),
  remw: (a, b) => (u32(b) === 0n ? s32(a) : BigInt.asIntN(32, a) % BigInt.asIntN(32, b)),
  remuw: (a, b) => (u32(b) === 0n ? s32(a) : s32(u32(a) % u32(b))),
};

test.each(Object.keys(computed))("%s computes what the specification says", (name) => {
  const random = randomDoublewords(3);
  for (let round = 0; round < 60; round++) {
    const [a, b] = [random(), random()];
    expect(result(`${name} a0, a1, a2`, a, b), `${name} ${a}, ${b}`).toBe(u64(computed[name]!(a, b)));
  }
});

test("division by zero and overflow have the specified results", () => {
  const [least, ones] = [1n << 63n, u64(-1n)];
  expect(result("div a0, a1, a2", least, ones)).toBe(least);
  expect(result("rem a0, a1, a2", least, ones)).toBe(0n);
  expect(result("div a0, a1, a2", 7n, 0n)).toBe(ones);
  expect(result("rem a0, a1, a2", 7n, 0n)).toBe(7n);
  expect(result("divw a0, a1, a2", 0x8000_0000n, ones)).toBe(0xffff_ffff_8000_0000n);
  expect(result("remw a0, a1, a2", 0x8000_0000n, ones)).toBe(0n);
  expect(result("divuw a0, a1, a2", 1n, 0x1_0000_0000n)).toBe(ones);
  expect(result("remuw a0, a1, a2", 0x8000_0000n, 0n)).toBe(0xffff_ffff_8000_0000n);
});

test("immediate forms do what register forms do with the sign-extended immediate", () => {
  const random = randomDoublewords(5);
  for (const name of ["addi", "slti", "sltiu", "xori", "ori", "andi", "addiw"]) {
    const of = computed[name.replace("iu", "u").replace(/i(?=w?$)/, "")]!;
    for (const imm of [-2048n, -1n, 0n, 2047n]) {
      const a = random();
      expect(result(`${name} a0, a1, ${imm}`, a), `${name} ${a}, ${imm}`).toBe(u64(of(a, u64(imm))));
    }
  }
  for (const [name, top] of [
    ["slli", 63n],
    ["srli", 63n],
    ["srai", 63n],
    ["slliw", 31n],
    ["srliw", 31n],
    ["sraiw", 31n],
  ] as const) {
    for (const shamt of [0n, 1n, top]) {
      const a = random();
      expect(result(`${name} a0, a1, ${shamt}`, a)).toBe(u64(computed[name.replace("i", "")]!(a, shamt)));
    }
  }
});

test("lui and auipc add their sign-extended upper immediate to nothing and to pc", () => {
  expect(result("lui a0, 0x80000")).toBe(0xffff_ffff_8000_0000n);
  expect(result("lui a0, 0x7ffff")).toBe(0x7fff_f000n);
  expect(result("auipc a0, 0xfffff")).toBe(0x7fff_f000n);
  expect(result("auipc a0, 0x80000")).toBe(0n);
});

test("x0 is never written and reads as zero", () => {
  expect(changes("addi zero, a1, 1", { a1: 5n })).toEqual({});
  expect(changes("add a0, zero, a1", { a1: 5n })).toEqual({ a0: 5n });
  expect(hartWith({}).run("jal zero, pc+8")).toBe(0x8000_0008n);
});

test("loads extend as their names say, stores write their low bytes only", () => {
  const hart = hartWith({ a1: 16n });
  hart.memory.setBigUint64(16, 0xf1e2_d3c4_b5a6_9788n, true);
  const loaded = (name: string) => {
    hart.run(`${name} a0, 0(a1)`);
    return hart.xs[10];
  };
  expect(loaded("lb")).toBe(0xffff_ffff_ffff_ff88n);
  expect(loaded("lbu")).toBe(0x88n);
  expect(loaded("lh")).toBe(0xffff_ffff_ffff_9788n);
  expect(loaded("lhu")).toBe(0x9788n);
  expect(loaded("lw")).toBe(0xffff_ffff_b5a6_9788n);
  expect(loaded("lwu")).toBe(0xb5a6_9788n);
  expect(loaded("ld")).toBe(0xf1e2_d3c4_b5a6_9788n);
  hart.xs[12] = 0x1122_3344_5566_7788n;
  for (const [name, at] of [
    ["sb", 32],
    ["sh", 40],
    ["sw", 48],
    ["sd", 56],
  ] as const)
    hart.run(`${name} a2, ${at - 16}(a1)`);
  const stored = [32, 40, 48, 56].map((at) => hart.memory.getBigUint64(at, true));
  expect(stored).toEqual([0x88n, 0x7788n, 0x5566_7788n, 0x1122_3344_5566_7788n]);
});

test("addresses wrap around", () => {
  const hart = hartWith({ a1: u64(-8n) });
  hart.memory.setUint8(4, 7);
  hart.run("lbu a0, 12(a1)");
  expect(hart.xs[10]).toBe(7n);
});

describe("control transfer", () => {
  const taken = 0x7fff_fff0n;
  test.each([
    [
      "beq",
      [
        [1n, 1n, true],
        [1n, 2n, false],
      ],
    ],
    [
      "bne",
      [
        [1n, 1n, false],
        [1n, 2n, true],
      ],
    ],
    [
      "blt",
      [
        [-1n, 0n, true],
        [0n, -1n, false],
        [3n, 3n, false],
      ],
    ],
    [
      "bge",
      [
        [-1n, 0n, false],
        [0n, -1n, true],
        [3n, 3n, true],
      ],
    ],
    [
      "bltu",
      [
        [-1n, 0n, false],
        [0n, -1n, true],
        [3n, 3n, false],
      ],
    ],
    [
      "bgeu",
      [
        [-1n, 0n, true],
        [0n, -1n, false],
        [3n, 3n, true],
      ],
    ],
  ] as const)("%s branches when its comparison holds", (name, cases) => {
    for (const [a1, a2, holds] of cases) {
      expect(hartWith({ a1, a2 }).run(`${name} a1, a2, pc-16`)).toBe(holds ? taken : 0x8000_0004n);
    }
  });

  test("jal links the next instruction and jumps relative to itself", () => {
    const hart = hartWith({});
    expect(hart.run("jal ra, pc-16")).toBe(taken);
    expect(hart.xs[1]).toBe(0x8000_0004n);
  });

  test("jalr clears bit 0 of its target and reads rs1 before it writes rd", () => {
    const hart = hartWith({ ra: 0x9000_0001n });
    expect(hart.run("jalr ra, 4(ra)")).toBe(0x9000_0004n);
    expect(hart.xs[1]).toBe(0x8000_0004n);
  });

  test("compressed calls link two bytes on", () => {
    const hart = hartWith({ a0: 0x9000_0000n });
    expect(hart.run("c.jalr a0")).toBe(0x9000_0000n);
    expect(hart.xs[1]).toBe(0x8000_0002n);
    expect(hart.run("c.nop")).toBe(0x8000_0002n);
  });
});

test("system instructions are left to the hart, by name", () => {
  const hart = hartWith({ a0: 16n });
  for (const line of [
    "ecall",
    "ebreak",
    "c.ebreak",
    "mret",
    "sret",
    "wfi",
    "sfence.vma a0, a1",
    "fence.i",
    "wrs.nto",
  ]) {
    hart.run(line);
  }
  for (const line of ["csrrw a0, mstatus, a1", "csrrci a0, mstatus, 1", "lr.w a0, (a0)", "sc.d.rl a0, a1, (a0)"])
    hart.run(line);
  for (const line of ["amocas.q a0, a2, (a4)", "cbo.zero (a0)", "cbo.inval (a0)", "sinval.vma a0, a1"]) hart.run(line);
  expect(hart.systems.join(" ")).toBe(
    "ecall ebreak ebreak mret sret wfi sfence.vma fence.i wrs.nto csrrw csrrci lr.w sc.d amocas.q cbo.zero cbo.inval sinval.vma",
  );
});

test("fences, prefetches and hints do nothing", () => {
  for (const line of [
    "fence rw, rw",
    "fence.tso",
    "pause",
    "prefetch.w 32(a0)",
    "ntl.all",
    "c.ntl.p1",
    "c.mop.7",
    "c.nop 5",
  ]) {
    expect(changes(line, { a0: 1n, sp: 2n }), line).toEqual({});
  }
});

test("may-be-operations write zero", () => {
  expect(changes("mop.r.31 a0, a1", { a0: 7n, a1: 5n })).toEqual({ a0: 0n });
  expect(changes("mop.rr.7 a0, a1, a2", { a0: 7n })).toEqual({ a0: 0n });
});

test("an illegal word is the hart's business", () => {
  const hart = hartWith({});
  const decoded = createDecoder(parseIsa("rv64i"))(0x02c5_8533);
  expect(disassemble(decoded)).toBe("illegal 0x02c58533");
  evaluate(decoded, hart);
  expect(hart.systems).toEqual(["illegal"]);
});
