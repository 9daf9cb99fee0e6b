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

  compressed("c.nop[imm]", "000 imm[5] 00000 imm[4:0] 01", "addi zero, zero, imm");
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

/** All compressed instructions. */
export const compressedStatements = [...integer];
