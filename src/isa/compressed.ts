import { compressedDefinitions } from "./define.ts";

/**
 * Zca: C without floating-point loads and stores (unprivileged specification, "C" Extension, RV64 column). What is
 * excluded is reserved, another instruction, or has a name of its own; HINTs are what their expansions do: nothing.
 */
const integer = compressedDefinitions("zca", (compressed) => {
  compressed("c.addi4spn rd', sp, uimm", "000 uimm[5:4|9:6|2|3] rd' 00 where uimm!=0", "addi rd', sp, uimm");
  compressed("c.lw rd', uimm(rs1')", "010 uimm[5:3] rs1' uimm[2|6] rd' 00", "lw rd', uimm(rs1')");
  compressed("c.ld rd', uimm(rs1')", "011 uimm[5:3] rs1' uimm[7:6] rd' 00", "ld rd', uimm(rs1')");
  compressed("c.sw rs2', uimm(rs1')", "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", "sw rs2', uimm(rs1')");
  compressed("c.sd rs2', uimm(rs1')", "111 uimm[5:3] rs1' uimm[7:6] rs2' 00", "sd rs2', uimm(rs1')");

  compressed("c.nop [imm]", "000 imm[5] 00000 imm[4:0] 01", "addi zero, zero, imm");
  compressed("c.addi rd, imm", "000 imm[5] rd imm[4:0] 01 where rd!=0", "addi rd, rd, imm");
  compressed("c.addiw rd, imm", "001 imm[5] rd imm[4:0] 01 where rd!=0", "addiw rd, rd, imm");
  compressed("c.li rd, imm", "010 imm[5] rd imm[4:0] 01", "addi rd, zero, imm");
  compressed("c.addi16sp sp, imm", "011 imm[9] 00010 imm[4|6|8:7|5] 01 where imm!=0", "addi sp, sp, imm");
  compressed("c.lui rd, upper", "011 upper[17] rd upper[16:12] 01 where rd!=2 upper!=0", "lui rd, upper");
  compressed("c.srli rd', shamt", "100 shamt[5] 00 rd' shamt[4:0] 01", "srli rd', rd', shamt");
  compressed("c.srai rd', shamt", "100 shamt[5] 01 rd' shamt[4:0] 01", "srai rd', rd', shamt");
  compressed("c.andi rd', imm", "100 imm[5] 10 rd' imm[4:0] 01", "andi rd', rd', imm");
  compressed("c.sub rd', rs2'", "100 0 11 rd' 00 rs2' 01", "sub rd', rd', rs2'");
  compressed("c.xor rd', rs2'", "100 0 11 rd' 01 rs2' 01", "xor rd', rd', rs2'");
  compressed("c.or rd', rs2'", "100 0 11 rd' 10 rs2' 01", "or rd', rd', rs2'");
  compressed("c.and rd', rs2'", "100 0 11 rd' 11 rs2' 01", "and rd', rd', rs2'");
  compressed("c.subw rd', rs2'", "100 1 11 rd' 00 rs2' 01", "subw rd', rd', rs2'");
  compressed("c.addw rd', rs2'", "100 1 11 rd' 01 rs2' 01", "addw rd', rd', rs2'");
  compressed("c.j offset", "101 offset[11|4|9:8|10|6|7|3:1|5] 01", "jal zero, offset");
  compressed("c.beqz rs1', offset", "110 offset[8|4:3] rs1' offset[7:6|2:1|5] 01", "beq rs1', zero, offset");
  compressed("c.bnez rs1', offset", "111 offset[8|4:3] rs1' offset[7:6|2:1|5] 01", "bne rs1', zero, offset");

  compressed("c.slli rd, shamt", "000 shamt[5] rd shamt[4:0] 10", "slli rd, rd, shamt");
  compressed("c.lwsp rd, uimm(sp)", "010 uimm[5] rd uimm[4:2|7:6] 10 where rd!=0", "lw rd, uimm(sp)");
  compressed("c.ldsp rd, uimm(sp)", "011 uimm[5] rd uimm[4:3|8:6] 10 where rd!=0", "ld rd, uimm(sp)");
  compressed("c.jr rs1", "100 0 rs1 00000 10 where rs1!=0", "jalr zero, 0(rs1)");
  compressed("c.mv rd, rs2", "100 0 rd rs2 10 where rs2!=0", "add rd, zero, rs2");
  compressed("c.ebreak", "100 1 00000 00000 10", "ebreak");
  compressed("c.jalr rs1", "100 1 rs1 00000 10 where rs1!=0", "jalr ra, 0(rs1)");
  compressed("c.add rd, rs2", "100 1 rd rs2 10 where rs2!=0", "add rd, rd, rs2");
  compressed("c.swsp rs2, uimm(sp)", "110 uimm[5:2|7:6] rs2 10", "sw rs2, uimm(sp)");
  compressed("c.sdsp rs2, uimm(sp)", "111 uimm[5:3|8:6] rs2 10", "sd rs2, uimm(sp)");
});

/** Zcd: loads and stores of doubles. */
const zcd = compressedDefinitions("zcd", (compressed) => {
  compressed("c.fld fd', uimm(rs1')", "001 uimm[5:3] rs1' uimm[7:6] rd' 00", "fld fd', uimm(rs1')");
  compressed("c.fsd fs2', uimm(rs1')", "101 uimm[5:3] rs1' uimm[7:6] rs2' 00", "fsd fs2', uimm(rs1')");
  compressed("c.fldsp fd, uimm(sp)", "001 uimm[5] rd uimm[4:3|8:6] 10", "fld fd, uimm(sp)");
  compressed("c.fsdsp fs2, uimm(sp)", "101 uimm[5:3|8:6] rs2 10", "fsd fs2, uimm(sp)");
});

/** Zcb: simple instructions; those whose expansions other extensions define need these too. */
const zcb = compressedDefinitions("zcb", (compressed) => {
  compressed("c.lbu rd', uimm(rs1')", "100 000 rs1' uimm[0|1] rd' 00", "lbu rd', uimm(rs1')");
  compressed("c.lhu rd', uimm(rs1')", "100 001 rs1' 0 uimm[1] rd' 00", "lhu rd', uimm(rs1')");
  compressed("c.lh rd', uimm(rs1')", "100 001 rs1' 1 uimm[1] rd' 00", "lh rd', uimm(rs1')");
  compressed("c.sb rs2', uimm(rs1')", "100 010 rs1' uimm[0|1] rs2' 00", "sb rs2', uimm(rs1')");
  compressed("c.sh rs2', uimm(rs1')", "100 011 rs1' 0 uimm[1] rs2' 00", "sh rs2', uimm(rs1')");
  compressed("c.zext.b rd'", "100 1 11 rd' 11 000 01", "andi rd', rd', 255");
  compressed("c.sext.b rd'", "100 1 11 rd' 11 001 01", "sext.b rd', rd'");
  compressed("c.zext.h rd'", "100 1 11 rd' 11 010 01", "zext.h rd', rd'");
  compressed("c.sext.h rd'", "100 1 11 rd' 11 011 01", "sext.h rd', rd'");
  compressed("c.zext.w rd'", "100 1 11 rd' 11 100 01", "add.uw rd', rd', zero");
  compressed("c.not rd'", "100 1 11 rd' 11 101 01", "xori rd', rd', -1");
  compressed("c.mul rd', rs2'", "100 1 11 rd' 10 rs2' 01", "mul rd', rd', rs2'");
});

/** Zcmop: may-be-operations in the space of c.lui with an immediate of 0; they write no register. */
const zcmop = compressedDefinitions("zcmop", (compressed) => {
  compressed("c.mop.{odd}", "011 0 0 odd[3:1] 1 00000 01", "addi zero, zero, 0");
});

/** Zihintntl in the space of `c.add zero, rs2`. */
const zihintntl = compressedDefinitions("zca zihintntl", (compressed) => {
  compressed("c.ntl.p1", "100 1 00000 00010 10", "ntl.p1", { of: "c.add" });
  compressed("c.ntl.pall", "100 1 00000 00011 10", "ntl.pall", { of: "c.add" });
  compressed("c.ntl.s1", "100 1 00000 00100 10", "ntl.s1", { of: "c.add" });
  compressed("c.ntl.all", "100 1 00000 00101 10", "ntl.all", { of: "c.add" });
});

/** All compressed instructions. */
export const compressedStatements = [...integer, ...zcd, ...zcb, ...zcmop, ...zihintntl];
