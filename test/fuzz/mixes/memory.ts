import { type Template, withField } from "../catalogue.ts";
import type { Generator, Mix, Snippet } from "../generator.ts";
import { float, integer, narrow, refresh } from "./compute.ts";

const accessBytes: Readonly<Record<string, number>> = {
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  i64: 8,
  i8: 1,
  i16: 2,
  i32: 4,
};

const sizeOf = ({ effects }: Template) => accessBytes[(effects.load ?? effects.store)!];

/** A pointer; where accesses to anywhere are harmless, now and then any register. */
export function baseRegister(g: Generator, wildPercent = 2): number {
  if (g.environment.mode !== 3 && g.random.chance(wildPercent)) return g.random.below(32);
  return g.random.pick([2, 8, 9]);
}

/** A load or store with a 12-bit displacement, more often aligned than not. */
export const access: Snippet = (g) => {
  const { random, catalogue } = g;
  const template = random.pick(random.chance(50) ? catalogue.loads : catalogue.stores);
  let bits = withField(template, g.filled(template), "rs1", baseRegister(g));
  const reach = random.chance(50) ? 64 : 2047;
  const offset = random.between(-reach, reach);
  bits = withField(template, bits, "imm", g.alignedOnly || random.chance(60) ? offset & -sizeOf(template) : offset);
  g.emit(bits);
};

/** A compressed load or store, whose base is sp, s0 or s1. */
export const narrowAccess: Snippet = (g) => {
  const template = g.random.pick(g.catalogue.narrowMemory);
  const bits = g.filled(template);
  g.emit(template.field("rs1'") === undefined ? bits : withField(template, bits, "rs1'", g.random.pick([8, 9])));
};

/** A register with the address of something near a pointer, `size`-aligned most of the time as the pointer is. */
export function addressRegister(g: Generator, size: number, unit: number, alignedPercent = 85): number {
  const register = g.freeRegister();
  g.op("addi", { rd: register, rs1: g.random.pick([2, 8, 9]), imm: size * g.random.between(-8, 8) }, unit);
  if (g.random.chance(alignedPercent)) g.op("andi", { rd: register, rs1: register, imm: -size }, unit);
  return register;
}

export const memoryMix: Mix = {
  name: "memory",
  snippets: [
    [10, access],
    [4, narrowAccess],
    [4, integer],
    [1, narrow],
    [1, float],
    [1, refresh],
  ],
};

const sizes: Readonly<Record<string, number>> = { w: 4, d: 8, q: 16 };

/** An atomic operation, with the address register made before it. */
export const atomicAccess: Snippet = (g) => {
  const { random, catalogue } = g;
  const template = random.pick(catalogue.amos);
  const size = sizes[/\.([wdq])/.exec(template.def.name)![1]];
  const unit = g.unit();
  const address = addressRegister(g, size, unit);
  g.held.push(address);
  let bits = withField(template, g.filled(template), "rs1", address);
  const isSwap = template.def.name.startsWith("amocas");
  // amocas with rd = x0 is a known deviation: see deviations.ts
  while (isSwap && ((bits >>> 7) & 31) === 0) bits = withField(template, g.filled(template), "rs1", address);
  g.held.pop();
  if (isSwap && random.chance(60))
    g.op(size === 4 ? "lw" : "ld", { rd: (bits >>> 7) & 31, rs1: address, imm: 0 }, unit);
  g.emit(bits, unit);
};

/** amocas.q, with the words that are there in rd and its successor, or not. */
const compareAndSwapPair: Snippet = (g) => {
  const { random } = g;
  const rd = random.pick([4, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28]);
  g.held.push(rd, rd + 1);
  const unit = g.unit();
  const address = addressRegister(g, 16, unit);
  g.held.length -= 2;
  if (random.chance(60)) {
    g.op("ld", { rd, rs1: address, imm: 0 }, unit);
    g.op("ld", { rd: rd + 1, rs1: address, imm: 8 }, unit);
  }
  g.op("amocas.q{aqrl}", { rd, rs1: address, rs2: 2 * random.below(16), aqrl: random.below(4) }, unit);
};

/**
 * lr and sc: to the same place, to another one, without lr, twice. Nothing traps while there is a reservation: whether
 * one outlives a trap is left open.
 */
const reservation: Snippet = (g) => {
  const { random } = g;
  const [suffix, size] = random.pick([
    ["w", 4],
    ["d", 8],
  ] as const);
  const unit = g.unit();
  const reserves = random.chance(85);
  const address = addressRegister(g, size, unit, reserves ? 100 : 50);
  g.held.push(address);
  const aqrl = () => random.below(4);
  if (reserves) {
    g.op(`lr.${suffix}{aqrl}`, { rd: g.freeRegister(), rs1: address, aqrl: aqrl() }, unit);
    for (let n = random.below(4); n > 0; n--) integer(g);
    if (random.chance(10)) {
      const other = addressRegister(g, size, unit, 100);
      g.op(`sc.${suffix}{aqrl}`, { rd: g.freeRegister(), rs1: other, rs2: random.below(32), aqrl: aqrl() }, unit);
    }
  }
  for (let n = random.chance(15) ? 2 : 1; n > 0; n--) {
    g.held.push(address);
    g.op(`sc.${suffix}{aqrl}`, { rd: g.freeRegister(), rs1: address, rs2: random.below(32), aqrl: aqrl() }, unit);
  }
  g.held.length = 0;
};

const cacheBlock: Snippet = (g) => {
  const unit = g.unit();
  const address = addressRegister(g, g.random.pick([1, 8, 64]), unit);
  const name = g.random.pick(["cbo.zero", "cbo.clean", "cbo.flush", "cbo.inval"]);
  g.op(name, { rs1: address }, unit);
};

export const atomicMix: Mix = {
  name: "atomic",
  needs: "a",
  snippets: [
    [8, atomicAccess],
    [3, reservation],
    [1, (g) => (g.catalogue.isa.has("zacas") ? compareAndSwapPair : atomicAccess)(g)],
    [1, (g) => (g.catalogue.isa.has("zicboz") ? cacheBlock : atomicAccess)(g)],
    [4, integer],
    [2, access],
  ],
};
