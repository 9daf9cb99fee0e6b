import type { Generator, Mix, Snippet } from "../generator.ts";
import { napot, pmpRx, pmpTor } from "../image.ts";
import type { PmpEntry } from "../program.ts";
import { integer } from "./compute.ts";
import { access, atomicAccess, narrowAccess } from "./memory.ts";
import { wildJump } from "./trap.ts";

const na4 = 0x10;
const dataOffset = 0x4000;
/** Without X: random data is no code. */
const dataPermissions = [0, 1, 3];
/** All but the reserved W without R: see deviations.ts. */
const codePermissions = [0, 1, 3, 4, 5, 7];
/** Zeros, which are illegal instructions, behind the code. */
const zerosOffset = 0x3000;

/** A rule for an entry: what it is about is known once the slot is. */
type Rule = (slot: number) => PmpEntry;

/**
 * Regions that an access cannot contain: QEMU looks at an access's first and last byte only (deviations.ts). `grain` is
 * the least size, 4 where all accesses are aligned.
 */
function randomRules(g: Generator, grain: 4 | 8): Rule[] {
  const { random } = g;
  const rules: Rule[] = [];
  while (rules.length < 6) {
    const isCode = random.chance(25);
    const may = random.pick(isCode ? codePermissions : dataPermissions);
    const center = isCode ? zerosOffset + 0x400 : dataOffset + random.pick([0x2000, 0x900, 0x1000]);
    const at = center + grain * random.between(-40, 40);
    const kind = random.below(10);
    if (kind < 2 && grain === 4) rules.push((slot) => ({ config: na4 | may, address: BigInt((slot + at) / 4) }));
    else if (kind < 6) {
      const bytes = 8 << random.below(isCode ? 7 : 10);
      rules.push((slot) => napot(slot + at - ((slot + at) % bytes), bytes, may));
    } else if (kind < 9 && rules.length < 5) {
      const bytes = grain * random.between(-2, 64);
      rules.push((slot) => ({ config: 0, address: BigInt((slot + at) / 4) }));
      rules.push((slot) => ({ config: pmpTor | may, address: BigInt((slot + at + bytes) / 4) }));
    } else rules.push((slot) => ({ config: may, address: BigInt((slot + at) / 4) }));
  }
  return rules.slice(0, 6);
}

/** Small regions around what the pointers point to; in M-mode MPRV makes accesses those of U-mode. */
function prepare(g: Generator): void {
  const { random, environment } = g;
  environment.mode = random.pick([0, 1, 3] as const);
  if (environment.mode === 3) environment.mstatus |= 0x20000;
  if (random.chance(50)) environment.medeleg = random.word() & 0xb1ff;
  const grain = random.pick([4, 8] as const);
  if (grain === 4) g.pointers = g.pointers.map((offset) => offset & -16) as [number, number, number];
  g.alignedOnly = grain === 4;
  const rules = randomRules(g, grain);
  const rest = random.pick([0, 1, 3, 3, 3, 3]);
  environment.pmp = (slot) => [
    ...rules.map((rule) => rule(slot)),
    napot(slot, dataOffset, pmpRx),
    napot(slot + dataOffset, 0x4000, rest),
  ];
}

/** A jump into the zeros behind the code: an illegal instruction where PMP lets it be fetched. */
const jumpIntoZeros: Snippet = (g) => {
  if (g.environment.mode === 3) return integer(g);
  const { random } = g;
  const unit = g.unit();
  const base = g.freeRegister();
  const distance = zerosOffset + 0x400 + 2 * random.between(-100, 100) - dataOffset - g.pointers[1];
  const upper = (distance + 0x800) & ~0xfff;
  g.op("lui", { rd: base, upper }, unit);
  g.op("add", { rd: base, rs1: base, rs2: 8 }, unit);
  g.op("auipc", { rd: 31, upper: 0 }, unit);
  g.op("addi", { rd: 31, rs1: 31, imm: 12 }, unit);
  g.op("jalr", { rd: 0, rs1: base, imm: distance - upper }, unit);
};

export const protectionMix: Mix = {
  name: "pmp",
  share: 0.2,
  snippets: [
    [8, access],
    [3, narrowAccess],
    [2, atomicAccess],
    [1, wildJump],
    [2, jumpIntoZeros],
    [3, integer],
  ],
  length: 1200,
  rounds: 2,
  prepare,
};
