import { fill, withField } from "../catalogue.ts";
import type { Generator, Mix, Snippet } from "../generator.ts";
import { napot, pmpRwx } from "../image.ts";
import { float, integer, narrow } from "./compute.ts";
import { access, narrowAccess } from "./memory.ts";

const loopCounter = 30;

/** Most levels of branches inside branches. */
const deepest = 4;

/** A branch over some instructions. */
export const forwardBranch: Snippet = (g) => {
  if (g.depth > deepest) return integer(g);
  const template = g.random.pick(g.catalogue.branches);
  const bits = fill(template, g.random);
  const at = g.emit(withField(template, bits, "offset", 4));
  g.some(5);
  g.landHere(template, at, bits);
};

/** The same, compressed. */
const narrowBranch: Snippet = (g) => {
  if (g.depth > deepest || !g.catalogue.isa.has("c")) return integer(g);
  const template = g.catalogue.named(g.random.pick(["c.beqz", "c.bnez", "c.j"]));
  const bits = fill(template, g.random);
  const at = g.emit(withField(template, bits, "offset", 2));
  const deep = g.depth;
  g.depth = deepest;
  for (let n = g.random.between(1, 4); n > 0; n--) (g.random.chance(50) ? integer : narrow)(g);
  g.depth = deep;
  g.landHere(template, at, bits);
};

/** A loop of a few turns. */
const loop: Snippet = (g) => {
  if (g.loops > 0 || g.depth > 1) return integer(g);
  g.loops++;
  const unit = g.unit();
  g.op("addi", { rd: loopCounter, rs1: 0, imm: g.random.between(2, 12) }, unit);
  const start = g.code.at;
  g.some(8);
  g.op("addi", { rd: loopCounter, rs1: loopCounter, imm: -1 }, unit);
  const template = g.catalogue.named("bne");
  g.emit(
    withField(template, withField(template, template.match, "rs1", loopCounter), "offset", start - g.code.at),
    unit,
  );
  g.loops--;
};

/** jal over some instructions. */
const jumpOver: Snippet = (g) => {
  if (g.depth > deepest) return integer(g);
  const template = g.catalogue.named("jal");
  const bits = withField(template, template.match, "rd", g.random.chance(50) ? 0 : g.freeRegister());
  const at = g.emit(withField(template, bits, "offset", 4));
  g.some(4);
  g.landHere(template, at, bits);
};

/** auipc and jalr to a place further on; bit 0 of the target is ignored. */
const computedJump: Snippet = (g) => {
  if (g.depth > deepest) return integer(g);
  const base = g.freeRegister();
  const unit = g.unit();
  const at = g.op("auipc", { rd: base, upper: 0 }, unit);
  const narrowForm = g.catalogue.isa.has("c") && g.random.chance(30);
  if (narrowForm) {
    const adjust = g.op("addi", { rd: base, rs1: base, imm: 0 }, unit);
    g.op(g.random.chance(50) ? "c.jr" : "c.jalr", { rs1: base }, unit);
    some(g);
    g.code.patch(adjust, g.catalogue.encode("addi", { rd: base, rs1: base, imm: g.code.at - at }));
    return;
  }
  const rd = g.random.chance(30) ? base : g.random.chance(50) ? 0 : g.freeRegister();
  const jump = g.op("jalr", { rd, rs1: base, imm: 0 }, unit);
  some(g);
  const imm = g.code.at - at + (g.random.chance(20) ? 1 : 0);
  g.code.patch(jump, g.catalogue.encode("jalr", { rd, rs1: base, imm }));
};

function some(g: Generator): void {
  for (let n = g.random.between(1, 3); n > 0; n--) (g.random.chance(60) ? integer : access)(g);
}

/** A subroutine, jumped over, and a call of it: backwards. */
const call: Snippet = (g) => {
  if (g.depth > 2 || g.held.length > 0) return integer(g);
  const jal = g.catalogue.named("jal");
  const unit = g.unit();
  const over = g.emit(jal.match, unit);
  const start = g.code.at;
  g.held.push(1);
  some(g);
  g.held.pop();
  g.op("jalr", { rd: 0, rs1: 1, imm: 0 }, unit);
  g.landHere(jal, over, jal.match);
  g.emit(withField(jal, withField(jal, jal.match, "rd", 1), "offset", start - g.code.at), unit);
};

export const branchMix: Mix = {
  name: "branch",
  snippets: [
    [6, forwardBranch],
    [2, narrowBranch],
    [2, loop],
    [2, jumpOver],
    [2, computedJump],
    [1, call],
    [8, integer],
    [3, narrow],
    [2, access],
    [1, narrowAccess],
    [1, float],
  ],
};

/** Overwrites an instruction further on and executes it behind a fence.i. */
const overwrite: Snippet = (g) => {
  const { random, catalogue } = g;
  const [pointer, value] = [g.freeRegister(), g.freeRegister()];
  if (pointer === value) return integer(g);
  const fresh = g.filled(random.pick(catalogue.integer));
  const upper = (fresh + 0x800) & ~0xfff;
  const unit = g.unit();
  g.op("lui", { rd: value, upper }, unit);
  g.op("addiw", { rd: value, rs1: value, imm: ((fresh - upper) << 20) >> 20 }, unit);
  const at = g.op("auipc", { rd: pointer, upper: 0 }, unit);
  const store = g.op("sw", { rs2: value, rs1: pointer, imm: 0 }, unit);
  const before = random.below(3);
  for (let n = 0; n < before; n++) (random.chance(50) ? integer : narrow)(g);
  g.op("fence.i", {}, unit);
  for (let n = random.below(3); n > 0; n--) (random.chance(50) ? integer : narrow)(g);
  const target = g.any(random.pick(catalogue.integer), unit);
  g.code.patch(store, catalogue.encode("sw", { rs2: value, rs1: pointer, imm: target - at }));
};

/** Overwrites half an instruction: two compressed ones become others, or one of 32 bits gets another end. */
const overwriteHalf: Snippet = (g) => {
  const { random, catalogue } = g;
  const [pointer, value] = [g.freeRegister(), g.freeRegister()];
  if (pointer === value || !catalogue.isa.has("c")) return integer(g);
  const fresh = g.filled(random.pick(catalogue.narrow));
  const unit = g.unit();
  g.op("lui", { rd: value, upper: ((fresh + 0x800) & ~0xfff) | 0 }, unit);
  g.op("addi", { rd: value, rs1: value, imm: (fresh << 20) >> 20 }, unit);
  const at = g.op("auipc", { rd: pointer, upper: 0 }, unit);
  const store = g.op("sh", { rs2: value, rs1: pointer, imm: 0 }, unit);
  for (let n = random.below(3); n > 0; n--) narrow(g);
  g.op("fence.i", {}, unit);
  const target = g.any(random.pick(catalogue.narrow), unit);
  g.code.patch(store, catalogue.encode("sh", { rs2: value, rs1: pointer, imm: target - at }));
};

/** Overwrites the second half of an instruction of 32 bits: it gets other operands. */
const overwriteEnd: Snippet = (g) => {
  const { random, catalogue } = g;
  const [pointer, value] = [g.freeRegister(), g.freeRegister()];
  if (pointer === value) return integer(g);
  const unit = g.unit();
  const template = random.pick(catalogue.integer);
  const fresh = g.filled(template) >>> 16;
  g.op("lui", { rd: value, upper: ((fresh + 0x800) & ~0xfff) | 0 }, unit);
  g.op("addi", { rd: value, rs1: value, imm: (fresh << 20) >> 20 }, unit);
  const at = g.op("auipc", { rd: pointer, upper: 0 }, unit);
  const store = g.op("sh", { rs2: value, rs1: pointer, imm: 0 }, unit);
  for (let n = random.below(3); n > 0; n--) integer(g);
  g.op("fence.i", {}, unit);
  for (let n = random.below(3); n > 0; n--) integer(g);
  const target = g.any(template, unit);
  g.code.patch(store, catalogue.encode("sh", { rs2: value, rs1: pointer, imm: target + 2 - at }));
};

export const modifyMix: Mix = {
  name: "modify",
  needs: "zifencei",
  snippets: [
    [4, overwrite],
    [3, overwriteHalf],
    [3, overwriteEnd],
    [2, integer],
    [2, narrow],
    [1, forwardBranch],
    [1, loop],
  ],
  length: 3000,
  prepare: (g) => {
    g.environment.pmp = (slot) => [napot(slot, 0x4000, pmpRwx), napot(slot + 0x4000, 0x4000, 3)];
  },
};
