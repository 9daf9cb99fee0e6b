import { csrNumbers } from "../../../src/isa/index.ts";
import type { Generator, Mix, Snippet } from "../generator.ts";
import { float, integer } from "./compute.ts";

const operations = ["csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci"] as const;

/** CSRs that M-mode may write with anything without losing the harness, and whose values both sides define alike. */
const machineCsrs = [
  ...(["sscratch", "sepc", "scause", "stval", "stvec", "mepc", "mcause", "mtval", "medeleg", "mideleg"] as const),
  ...(["mcounteren", "scounteren", "senvcfg", "mstatus", "mstatus", "sstatus", "satp", "misa"] as const),
  ...(["fcsr", "fflags", "frm", "mie", "mip", "sip", "mhartid", "mconfigptr"] as const),
  ...Array.from({ length: 16 }, (_, n) => `pmpaddr${n}` as const),
].map((name) => csrNumbers[name]);

const supervisorCsrs = (
  ["sscratch", "sepc", "scause", "stval", "sstatus", "senvcfg", "scounteren", "sie", "sip", "fcsr", "frm"] as const
).map((name) => csrNumbers[name]);

const userCsrs = (["fcsr", "fflags", "frm"] as const).map((name) => csrNumbers[name]);

function operands(g: Generator, operation: string, csr: number): Readonly<Record<string, number>> {
  const rd = g.random.chance(15) ? 0 : g.freeRegister();
  const source = g.random.chance(15) ? 0 : g.random.below(32);
  return operation.endsWith("i") ? { rd, csr, zimm: source } : { rd, csr, rs1: source };
}

/** CSRs into which QEMU lets bits that deviations.ts names: what is written there is made tame before. */
const tamed: Readonly<Record<number, "even" | "low" | "plainCbie" | "address" | "half" | "standard" | "single">> = {
  [csrNumbers.mideleg]: "standard",
  [csrNumbers.mie]: "single",
  [csrNumbers.mip]: "standard",
  [csrNumbers.sie]: "single",
  [csrNumbers.medeleg]: "half",
  ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => [csrNumbers[`pmpaddr${n}`], "address"])),
  [csrNumbers.sepc]: "even",
  [csrNumbers.mepc]: "even",
  [csrNumbers.mstatus]: "low",
  [csrNumbers.sstatus]: "low",
  [csrNumbers.senvcfg]: "plainCbie",
};

/**
 * FS stays Dirty: when it becomes so is a deviation, and FS Off is the trap mix's business. MPP does not become 2, which
 * is WARL: what it is instead is open.
 */
function tameStatus(g: Generator, value: number, clears: boolean, unit: number): void {
  g.held.push(value);
  const bits = g.freeRegister();
  g.held.pop();
  const force = (upper: number, clear: boolean) => {
    g.op("lui", { rd: bits, upper }, unit);
    g.op("or", { rd: value, rs1: value, rs2: bits }, unit);
    if (clear) g.op("xor", { rd: value, rs1: value, rs2: bits }, unit);
  };
  force(0x6000, clears);
  force(0x1000, true);
}

/** Any CSR instruction on a register of the mode. */
const operation: Snippet = (g) => {
  const { random, environment } = g;
  const csr = random.pick(environment.mode === 3 ? machineCsrs : environment.mode === 1 ? supervisorCsrs : userCsrs);
  const how = tamed[csr];
  if (how === undefined) {
    const name = random.pick(operations);
    g.op(name, operands(g, name, csr));
    return;
  }
  const unit = g.unit();
  const value = g.freeRegister();
  if (how === "even") g.op("andi", { rd: value, rs1: random.below(32), imm: -2 }, unit);
  else if (how === "plainCbie") g.op("andi", { rd: value, rs1: random.below(32), imm: -0x21 }, unit);
  else if (how === "single") g.op("addi", { rd: value, rs1: 0, imm: 1 << random.pick([1, 3, 5, 7, 9]) }, unit);
  else {
    const shamt = { address: 10, half: 48, low: 32, standard: 52 }[how];
    const imm = { address: -1, half: -0x401, low: -1, standard: 0xaaa - 0x1000 }[how];
    g.op("andi", { rd: value, rs1: random.below(32), imm }, unit);
    g.op("slli", { rd: value, rs1: value, shamt }, unit);
    g.op("srli", { rd: value, rs1: value, shamt }, unit);
  }
  const name = how === "plainCbie" || how === "single" ? "csrrw" : random.pick(["csrrw", "csrrs", "csrrc"] as const);
  if (how === "low") tameStatus(g, value, name === "csrrc", unit);
  g.op(name, { ...operands(g, name, csr), rs1: value }, unit);
};

/** mtvec and mscratch, which the harness needs: what is written is read back and replaced at once. */
const borrowed: Snippet = (g) => {
  if (g.environment.mode !== 3) return operation(g);
  const unit = g.unit();
  const csr = csrNumbers[g.random.pick(["mtvec", "mscratch"] as const)];
  const [old, value] = [g.freeRegister(), g.freeRegister()];
  if (old === value) return integer(g);
  g.op("csrrw", { rd: old, csr, rs1: g.random.below(32) }, unit);
  g.op("csrrw", { rd: value, csr, rs1: old }, unit);
  // the harness's addresses are the same on both sides, and of no interest
  g.op("addi", { rd: old, rs1: 0, imm: 0 }, unit);
};

/** menvcfg without STCE, whose effect depends on the time, and without CDE and CBIE = 2: see deviations.ts. */
const environmentConfiguration: Snippet = (g) => {
  if (g.environment.mode !== 3) return operation(g);
  const unit = g.unit();
  const value = g.freeRegister();
  const high = g.freeRegister();
  if (high === value) return integer(g);
  g.op("slli", { rd: value, rs1: g.random.below(32), shamt: 4 }, unit);
  g.op("srli", { rd: value, rs1: value, shamt: 4 }, unit);
  g.op("addi", { rd: high, rs1: 0, imm: g.random.below(4) }, unit);
  g.op("slli", { rd: high, rs1: high, shamt: 61 }, unit);
  g.op("andi", { rd: value, rs1: value, imm: -0x21 }, unit);
  g.op("or", { rd: value, rs1: value, rs2: high }, unit);
  g.op("csrrw", { rd: g.freeRegister(), csr: csrNumbers.menvcfg, rs1: value }, unit);
};

/**
 * Half of the tests write pmpcfg, the other half go from M-mode to others: QEMU has the mret itself trap when there is
 * no PMP entry for the mode that it goes to (deviations.ts).
 */
const ownsPmp = (g: Generator) => (g.pool[0] & 1) === 0;

/** pmpcfg without L, which only a reset would undo, and without W: see deviations.ts. */
const protection: Snippet = (g) => {
  const { random } = g;
  if (g.environment.mode !== 3 || !ownsPmp(g)) return operation(g);
  const unit = g.unit();
  const [mask, value] = [g.freeRegister(), g.freeRegister()];
  if (mask === value) return integer(g);
  g.op("lui", { rd: mask, upper: 0x1d1d2000 }, unit);
  g.op("addi", { rd: mask, rs1: mask, imm: 0xd1d - 0x1000 }, unit);
  g.op("slli", { rd: value, rs1: mask, shamt: 32 }, unit);
  g.op("or", { rd: mask, rs1: mask, rs2: value }, unit);
  g.op("and", { rd: mask, rs1: mask, rs2: random.below(32) }, unit);
  const csr = csrNumbers[random.pick(["pmpcfg0", "pmpcfg2"] as const)];
  g.op("csrrw", { rd: value, csr, rs1: mask }, unit);
  g.op("csrrs", { rd: value, csr, rs1: 0 }, unit);
};

/** Whether there is such a CSR, and whether the mode may read or write it; the value is not kept. */
const existence: Snippet = (g) => {
  const { random } = g;
  const csr = random.chance(70) ? random.below(4096) : random.pick(Object.values(csrNumbers));
  // mstateen0h to 3h: see deviations.ts
  if (csr >= 0x31c && csr <= 0x31f) return integer(g);
  g.op("csrrs", { rd: 0, csr, rs1: 0 });
};

/** A write to a read-only CSR, or to one of a more privileged mode. */
const forbidden: Snippet = (g) => {
  const { random, environment } = g;
  const csr = random.below(1024) | 0xc00;
  const least = (environment.mode + 1) << 8;
  const other = environment.mode === 3 ? csr : (random.below(4096) & ~0x300) | (least & 0x300) | 0x200;
  g.op(random.pick(["csrrci", "csrrsi", "csrrwi"] as const), {
    rd: g.freeRegister(),
    csr: random.chance(50) ? csr : other,
    zimm: random.between(1, 31),
  });
};

/** mret or sret to the next instruction, in a mode that mstatus gives. */
const goDown: Snippet = (g) => {
  const { random, environment } = g;
  if (environment.mode === 0 || random.chance(70) || (environment.mode === 3 && ownsPmp(g))) return operation(g);
  const unit = g.unit();
  const isMachine = environment.mode === 3 && random.chance(50);
  const [address, status] = [g.freeRegister(), g.freeRegister()];
  if (address === status) return integer(g);
  const csr = (m: number, s: number) => (isMachine ? m : s);
  if (environment.mode === 3) {
    // stvec may be anything: nothing may go there
    g.op("csrrw", { rd: 0, csr: csrNumbers.medeleg, rs1: 0 }, unit);
    g.op("csrrw", { rd: 0, csr: csrNumbers.mideleg, rs1: 0 }, unit);
    // page tables would be anywhere: deviations.ts, pcie-windows
    g.op("csrrw", { rd: 0, csr: csrNumbers.satp, rs1: 0 }, unit);
  }
  // MPP 1, 1 with SPP, or 3
  const [upper, imm] = random.pick([
    [0x1000, -0x800],
    [0x1000, -0x700],
    [0x2000, -0x800],
  ] as const);
  g.op("lui", { rd: status, upper }, unit);
  g.op("addiw", { rd: status, rs1: status, imm }, unit);
  g.op("csrrs", { rd: 0, csr: csr(0x300, 0x100), rs1: status }, unit);
  const at = g.op("auipc", { rd: address, upper: 0 }, unit);
  const add = g.op("addi", { rd: address, rs1: address, imm: 0 }, unit);
  g.op("csrrw", { rd: 0, csr: csr(0x341, 0x141), rs1: address }, unit);
  g.op(isMachine ? "mret" : "sret", {}, unit);
  g.code.patch(add, g.catalogue.encode("addi", { rd: address, rs1: address, imm: g.code.at - at }));
};

/** wfi where it is illegal or something is pending; sret and satp under TSR and TVM. */
const trapped: Snippet = (g) => {
  const { environment, random } = g;
  if (environment.mode === 3) return operation(g);
  const tvm = (environment.mstatus & (1 << 20)) !== 0;
  const tw = (environment.mstatus & (1 << 21)) !== 0;
  const tsr = (environment.mstatus & (1 << 22)) !== 0;
  const isUser = environment.mode === 0;
  if (tw || isUser) g.op("wfi", {});
  if (tsr || isUser) g.op("sret", {});
  if (tvm || isUser) g.op("csrrw", operands(g, "csrrw", csrNumbers.satp));
  g.op(random.pick(["sfence.vma", "sinval.vma"]), { rs1: random.below(32), rs2: random.below(32) });
};

export const csrMix: Mix = {
  name: "csr",
  share: 0.2,
  snippets: [
    [16, operation],
    [1, borrowed],
    [2, environmentConfiguration],
    [2, protection],
    [4, existence],
    [1, forbidden],
    [1, goDown],
    [1, trapped],
    [6, integer],
    [1, float],
  ],
  length: 900,
  rounds: 2,
  prepare: (g) => {
    const { random, environment } = g;
    environment.mode = random.pick([3, 3, 1, 1, 0] as const);
    environment.mstatus |= random.word() & 0x7c0000;
    environment.mcounteren = random.word();
    environment.scounteren = random.word();
    environment.menvcfg = BigInt(random.word() & 0xd1);
    environment.senvcfg = random.word() & 0xd1;
    if (random.chance(50)) environment.medeleg = random.word() & 0xb1ff;
  },
};
