import { definitions } from "./define.ts";

/** Zicsr: control and status register instructions. */
export const csr = definitions("zicsr", (define) => {
  define("csrrw rd, csr, rs1", "csr rs1 001 rd 1110011", (m) => m.system("csrrw"));
  define("csrrs rd, csr, rs1", "csr rs1 010 rd 1110011", (m) => m.system("csrrs"));
  define("csrrc rd, csr, rs1", "csr rs1 011 rd 1110011", (m) => m.system("csrrc"));
  define("csrrwi rd, csr, zimm", "csr zimm 101 rd 1110011", (m) => m.system("csrrwi"));
  define("csrrsi rd, csr, zimm", "csr zimm 110 rd 1110011", (m) => m.system("csrrsi"));
  define("csrrci rd, csr, zimm", "csr zimm 111 rd 1110011", (m) => m.system("csrrci"));
});

/** Zifencei: its fields are reserved and ignored. */
export const instructionFence = definitions("zifencei", (define) => {
  define("fence.i [imm, rs1, rd]", "imm[11:0] rs1 001 rd 0001111", (m) => m.system("fence.i"));
});

/** Machine and supervisor instructions of the privileged specification. */
export const privileged = definitions("i", (define) => {
  define("mret", "0011000 00010 00000 000 00000 1110011", (m) => m.system("mret"));
  define("sret", "0001000 00010 00000 000 00000 1110011", (m) => m.system("sret"));
  define("wfi", "0001000 00101 00000 000 00000 1110011", (m) => m.system("wfi"));
  define("sfence.vma rs1, rs2", "0001001 rs2 rs1 000 00000 1110011", (m) => m.system("sfence.vma"));
});

/** Svinval: fine-grained address-translation cache invalidation. */
export const svinval = definitions("svinval", (define) => {
  define("sinval.vma rs1, rs2", "0001011 rs2 rs1 000 00000 1110011", (m) => m.system("sinval.vma"));
  define("sfence.w.inval", "0001100 00000 00000 000 00000 1110011", (m) => m.system("sfence.w.inval"));
  define("sfence.inval.ir", "0001100 00001 00000 000 00000 1110011", (m) => m.system("sfence.inval.ir"));
});

/** Zawrs: wait on reservation set. */
export const zawrs = definitions("zawrs", (define) => {
  define("wrs.nto", "000000001101 00000 000 00000 1110011", (m) => m.system("wrs.nto"));
  define("wrs.sto", "000000011101 00000 000 00000 1110011", (m) => m.system("wrs.sto"));
});
