import { createDecoder, type Decoder } from "../../../src/isa/index.ts";
import { withField } from "../catalogue.ts";
import type { Generator, Mix, Snippet } from "../generator.ts";
import { float, integer, narrow } from "./compute.ts";
import { forwardBranch } from "./control.ts";
import { access, narrowAccess } from "./memory.ts";

let decoder: { readonly isa: string; readonly decode: Decoder } | undefined;

/** Whether an encoding is illegal in the generator's instruction set. */
export function isIllegal(g: Generator, bits: number): boolean {
  const isa = g.catalogue.isa.toString();
  if (decoder?.isa !== isa) decoder = { isa, decode: createDecoder(g.catalogue.isa) };
  return decoder.decode(bits).def.index === 0;
}

const majorOpcodes = [0x03, 0x07, 0x0f, 0x13, 0x1b, 0x23, 0x27, 0x2f, 0x33, 0x3b, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x73];

/** 32 bits that are no instruction: anything, or a real opcode with fields that nothing has. */
const illegalWord: Snippet = (g) => {
  const { random } = g;
  for (let tries = 0; tries < 50; tries++) {
    const opcode = random.chance(80) ? random.pick(majorOpcodes) : random.below(32) * 4 + 3;
    const bits = (random.word() & ~0x7f) | opcode;
    if ((bits & 0x1f) === 0x1f || !isIllegal(g, bits)) continue;
    g.emit(bits);
    return;
  }
};

/** One bit of a real instruction changed, so that it becomes none. */
const damaged: Snippet = (g) => {
  const { random } = g;
  for (let tries = 0; tries < 50; tries++) {
    const bits = g.filled(random.pick(g.catalogue.integer)) ^ (1 << random.between(7, 31));
    if (!isIllegal(g, bits)) continue;
    g.emit(bits);
    return;
  }
};

/** 16 bits that are no instruction; all zeros among them. */
const illegalHalf: Snippet = (g) => {
  const { random } = g;
  for (let tries = 0; tries < 200; tries++) {
    const bits = random.chance(2) ? 0 : random.word() & 0xffff;
    if ((bits & 3) === 3 || !isIllegal(g, bits)) continue;
    g.emit(bits);
    return;
  }
};

const environmentCall: Snippet = (g) => {
  g.op(g.random.pick(["ecall", "ebreak", "c.ebreak"]), {});
};

/** What only more privileged modes may do; in M-mode nothing of it is done. */
const privileged: Snippet = (g) => {
  const { random, environment } = g;
  if (environment.mode === 3) return integer(g);
  const names = ["mret", "sret", "wfi", "sfence.vma", "sinval.vma"];
  // sret and wfi do what they are for in S-mode; in U-mode sfence.w.inval is a deviation of QEMU's
  const name = random.pick(environment.mode === 0 ? names : ["mret", "sfence.vma", "sinval.vma"]);
  const operands = name.endsWith("vma") ? { rs1: random.below(32), rs2: random.below(32) } : {};
  g.op(name, operands);
};

/** An access at the end of the data: all of it inside, or all of it outside. */
const edge: Snippet = (g) => {
  const { random, catalogue, environment } = g;
  if (environment.mode === 3) return access(g);
  const template = random.pick([...catalogue.loads, ...catalogue.stores]);
  const unit = g.unit();
  const register = g.freeRegister();
  g.held.push(register);
  // 0x5000 bytes from s0 reach behind the data wherever s0 points to
  g.op("lui", { rd: register, upper: 0x4000 + 0x1000 * random.below(2) }, unit);
  g.op("add", { rd: register, rs1: register, rs2: random.pick([8, 9]) }, unit);
  g.emit(
    withField(template, withField(template, g.filled(template), "rs1", register), "imm", 8 * random.between(-200, 200)),
    unit,
  );
  g.held.pop();
};

/** lr, sc and amo at misaligned addresses. */
const misalignedAtomic: Snippet = (g) => {
  const { random, catalogue } = g;
  const unit = g.unit();
  const register = g.freeRegister();
  g.op("addi", { rd: register, rs1: random.pick([2, 8, 9]), imm: random.between(-64, 64) }, unit);
  g.op("ori", { rd: register, rs1: register, imm: random.between(1, 3) }, unit);
  g.held.push(register);
  const template = random.chance(60)
    ? random.pick(catalogue.amos)
    : catalogue.named(random.pick(["lr.w{aqrl}", "lr.d{aqrl}", "sc.w{aqrl}", "sc.d{aqrl}"]));
  g.emit(withField(template, g.filled(template), "rs1", register), unit);
  g.held.pop();
};

/** A jump to where nothing may be executed; t6 says where to go on. */
export const wildJump: Snippet = (g) => {
  const { random } = g;
  const unit = g.unit();
  const rd = random.chance(50) ? 0 : g.freeRegister();
  let base = random.pick([2, 8, 9]);
  if (g.environment.mode === 3 || random.chance(40)) {
    base = g.freeRegister();
    // Nothing is above 64 GiB on either board.
    g.op("lui", { rd: base, upper: random.between(0x41000, 0x7f000) << 12 }, unit);
    g.op("slli", { rd: base, rs1: base, shamt: random.between(8, 33) }, unit);
  }
  const at = g.op("auipc", { rd: 31, upper: 0 }, unit);
  g.op("addi", { rd: 31, rs1: 31, imm: g.code.at + 8 - at }, unit);
  g.op("jalr", { rd, rs1: base, imm: random.between(-2048, 2047) }, unit);
};

/** Floating-point instructions while FS is Off, and a change of FS where that is allowed. */
const floatStatus: Snippet = (g) => {
  const { random, environment } = g;
  if (environment.mode === 0) return float(g);
  const unit = g.unit();
  const register = g.freeRegister();
  const csr = environment.mode === 3 ? 0x300 : 0x100;
  g.op("lui", { rd: register, upper: 0x6000 }, unit);
  g.op("csrrc", { rd: 0, csr, rs1: register }, unit);
  for (let n = random.below(3); n > 0; n--) float(g);
  g.op("lui", { rd: register, upper: 0x6000 }, unit);
  g.op("csrrs", { rd: 0, csr, rs1: register }, unit);
};

/** Any exception may be delegated but ecall from S, with which the supervisor's handler asks for help. */
function delegate(g: Generator): void {
  const { random, environment } = g;
  if (random.chance(50)) environment.medeleg = random.word() & 0xb1ff;
  environment.mode = random.pick([0, 0, 1, 1, 3] as const);
}

export const trapMix: Mix = {
  name: "trap",
  share: 0.1,
  snippets: [
    [3, illegalWord],
    [2, damaged],
    [2, illegalHalf],
    [2, environmentCall],
    [2, privileged],
    [2, edge],
    [2, misalignedAtomic],
    [2, wildJump],
    [1, floatStatus],
    [24, integer],
    [10, narrow],
    [8, access],
    [2, narrowAccess],
    [4, float],
    [4, forwardBranch],
  ],
  length: 900,
  rounds: 2,
  prepare: delegate,
};
