import { definitions } from "./define.ts";
import type { I32, I64, LoadKind, Meaning, MeaningOf, Operands, StoreKind } from "./meaning.ts";

/** Computes a 64-bit value from two. */
export type Binary64 = (m: Meaning, a: I64, b: I64) => I64;
/** Computes a 32-bit value from two. */
export type Binary32 = (m: Meaning, a: I32, b: I32) => I32;
type Compare = (m: Meaning, a: I64, b: I64) => I32;

/** rd ← rs1 op rs2. */
export const registers64 =
  (compute: Binary64): MeaningOf =>
  (m, i) =>
    m.setX(i.rd, compute(m, m.x(i.rs1), m.x(i.rs2)));

/** rd ← rs1 op imm. */
export const immediate64 =
  (compute: Binary64): MeaningOf =>
  (m, i) =>
    m.setX(i.rd, compute(m, m.x(i.rs1), i.imm));

/** rd ← rs1 op rs2 in 32 bits, sign-extended. */
export const registers32 =
  (compute: Binary32): MeaningOf =>
  (m, i) =>
    m.setX(i.rd, m.sx(compute(m, m.wrap(m.x(i.rs1)), m.wrap(m.x(i.rs2)))));

/** rd ← rs1 op imm in 32 bits, sign-extended. */
export const immediate32 =
  (compute: Binary32): MeaningOf =>
  (m, i) =>
    m.setX(i.rd, m.sx(compute(m, m.wrap(m.x(i.rs1)), m.wrap(i.imm))));

/** The address rs1 + imm of loads and stores. */
export const address = (m: Meaning, i: Operands): I64 => m.i64.add(m.x(i.rs1), i.imm);

const load =
  (kind: LoadKind): MeaningOf =>
  (m, i) =>
    m.setX(i.rd, m.load(kind, address(m, i)));

const store =
  (kind: StoreKind): MeaningOf =>
  (m, i) =>
    m.store(kind, address(m, i), m.x(i.rs2));

const branch =
  (compare: Compare): MeaningOf =>
  (m, i) =>
    m.branch(compare(m, m.x(i.rs1), m.x(i.rs2)), i.offset);

const add: Binary64 = (m, a, b) => m.i64.add(a, b);
const sub: Binary64 = (m, a, b) => m.i64.sub(a, b);
const sll: Binary64 = (m, a, b) => m.i64.shl(a, b);
const srl: Binary64 = (m, a, b) => m.i64.shrU(a, b);
const sra: Binary64 = (m, a, b) => m.i64.shrS(a, b);
const slt: Binary64 = (m, a, b) => m.zx(m.i64.ltS(a, b));
const sltu: Binary64 = (m, a, b) => m.zx(m.i64.ltU(a, b));
const and: Binary64 = (m, a, b) => m.i64.and(a, b);
const or: Binary64 = (m, a, b) => m.i64.or(a, b);
const xor: Binary64 = (m, a, b) => m.i64.xor(a, b);
const addw: Binary32 = (m, a, b) => m.i32.add(a, b);
const subw: Binary32 = (m, a, b) => m.i32.sub(a, b);
const sllw: Binary32 = (m, a, b) => m.i32.shl(a, b);
const srlw: Binary32 = (m, a, b) => m.i32.shrU(a, b);
const sraw: Binary32 = (m, a, b) => m.i32.shrS(a, b);

/** Does nothing: fences between the memory accesses of harts that take turns, and hints. */
export const nothing: MeaningOf = () => {};

/** RV64I (unprivileged specification, "RV32I" and "RV64I Base Integer Instruction Set"). */
export const base = definitions("i", (define) => {
  define("lui rd, upper", "upper[31:12] rd 0110111", (m, i) => m.setX(i.rd, i.imm));
  define("auipc rd, upper", "upper[31:12] rd 0010111", (m, i) => m.setX(i.rd, m.i64.add(m.pc(), i.imm)));
  define("jal rd, offset", "offset[20|10:1|11|19:12] rd 1101111", (m, i) => {
    m.setX(i.rd, m.nextPc());
    m.jumpRel(i.offset);
  });
  define("jalr rd, imm(rs1)", "imm[11:0] rs1 000 rd 1100111", (m, i) => {
    m.setX(i.rd, m.nextPc());
    m.jump(m.i64.and(address(m, i), m.k64(-2)));
  });

  const branches = (name: string, funct3: string, compare: Compare) =>
    define(`${name} rs1, rs2, offset`, `offset[12|10:5] rs2 rs1 ${funct3} offset[4:1|11] 1100011`, branch(compare));
  branches("beq", "000", (m, a, b) => m.i64.eq(a, b));
  branches("bne", "001", (m, a, b) => m.i64.ne(a, b));
  branches("blt", "100", (m, a, b) => m.i64.ltS(a, b));
  branches("bge", "101", (m, a, b) => m.i64.geS(a, b));
  branches("bltu", "110", (m, a, b) => m.i64.ltU(a, b));
  branches("bgeu", "111", (m, a, b) => m.i64.geU(a, b));

  define("lb rd, imm(rs1)", "imm[11:0] rs1 000 rd 0000011", load("s8"));
  define("lh rd, imm(rs1)", "imm[11:0] rs1 001 rd 0000011", load("s16"));
  define("lw rd, imm(rs1)", "imm[11:0] rs1 010 rd 0000011", load("s32"));
  define("ld rd, imm(rs1)", "imm[11:0] rs1 011 rd 0000011", load("i64"));
  define("lbu rd, imm(rs1)", "imm[11:0] rs1 100 rd 0000011", load("u8"));
  define("lhu rd, imm(rs1)", "imm[11:0] rs1 101 rd 0000011", load("u16"));
  define("lwu rd, imm(rs1)", "imm[11:0] rs1 110 rd 0000011", load("u32"));
  define("sb rs2, imm(rs1)", "imm[11:5] rs2 rs1 000 imm[4:0] 0100011", store("i8"));
  define("sh rs2, imm(rs1)", "imm[11:5] rs2 rs1 001 imm[4:0] 0100011", store("i16"));
  define("sw rs2, imm(rs1)", "imm[11:5] rs2 rs1 010 imm[4:0] 0100011", store("i32"));
  define("sd rs2, imm(rs1)", "imm[11:5] rs2 rs1 011 imm[4:0] 0100011", store("i64"));

  define("addi rd, rs1, imm", "imm[11:0] rs1 000 rd 0010011", immediate64(add));
  define("slti rd, rs1, imm", "imm[11:0] rs1 010 rd 0010011", immediate64(slt));
  define("sltiu rd, rs1, imm", "imm[11:0] rs1 011 rd 0010011", immediate64(sltu));
  define("xori rd, rs1, imm", "imm[11:0] rs1 100 rd 0010011", immediate64(xor));
  define("ori rd, rs1, imm", "imm[11:0] rs1 110 rd 0010011", immediate64(or));
  define("andi rd, rs1, imm", "imm[11:0] rs1 111 rd 0010011", immediate64(and));
  define("slli rd, rs1, shamt", "000000 shamt[5:0] rs1 001 rd 0010011", immediate64(sll));
  define("srli rd, rs1, shamt", "000000 shamt[5:0] rs1 101 rd 0010011", immediate64(srl));
  define("srai rd, rs1, shamt", "010000 shamt[5:0] rs1 101 rd 0010011", immediate64(sra));
  define("add rd, rs1, rs2", "0000000 rs2 rs1 000 rd 0110011", registers64(add));
  define("sub rd, rs1, rs2", "0100000 rs2 rs1 000 rd 0110011", registers64(sub));
  define("sll rd, rs1, rs2", "0000000 rs2 rs1 001 rd 0110011", registers64(sll));
  define("slt rd, rs1, rs2", "0000000 rs2 rs1 010 rd 0110011", registers64(slt));
  define("sltu rd, rs1, rs2", "0000000 rs2 rs1 011 rd 0110011", registers64(sltu));
  define("xor rd, rs1, rs2", "0000000 rs2 rs1 100 rd 0110011", registers64(xor));
  define("srl rd, rs1, rs2", "0000000 rs2 rs1 101 rd 0110011", registers64(srl));
  define("sra rd, rs1, rs2", "0100000 rs2 rs1 101 rd 0110011", registers64(sra));
  define("or rd, rs1, rs2", "0000000 rs2 rs1 110 rd 0110011", registers64(or));
  define("and rd, rs1, rs2", "0000000 rs2 rs1 111 rd 0110011", registers64(and));

  define("addiw rd, rs1, imm", "imm[11:0] rs1 000 rd 0011011", immediate32(addw));
  define("slliw rd, rs1, shamt", "0000000 shamt[4:0] rs1 001 rd 0011011", immediate32(sllw));
  define("srliw rd, rs1, shamt", "0000000 shamt[4:0] rs1 101 rd 0011011", immediate32(srlw));
  define("sraiw rd, rs1, shamt", "0100000 shamt[4:0] rs1 101 rd 0011011", immediate32(sraw));
  define("addw rd, rs1, rs2", "0000000 rs2 rs1 000 rd 0111011", registers32(addw));
  define("subw rd, rs1, rs2", "0100000 rs2 rs1 000 rd 0111011", registers32(subw));
  define("sllw rd, rs1, rs2", "0000000 rs2 rs1 001 rd 0111011", registers32(sllw));
  define("srlw rd, rs1, rs2", "0000000 rs2 rs1 101 rd 0111011", registers32(srlw));
  define("sraw rd, rs1, rs2", "0100000 rs2 rs1 101 rd 0111011", registers32(sraw));

  // rs1 and rd, and fm values without a meaning, are reserved and ignored ("Memory Ordering Instructions").
  define("fence pred, succ[, fm, rs1, rd]", "fm pred succ rs1 000 rd 0001111", nothing);
  define("fence.tso", "1000 0011 0011 00000 000 00000 0001111", nothing, { of: "fence" });
  define("ecall", "000000000000 00000 000 00000 1110011", (m) => m.system("ecall"));
  define("ebreak", "000000000001 00000 000 00000 1110011", (m) => m.system("ebreak"));
});
