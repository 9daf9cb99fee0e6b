import { atomic, zacas } from "./atomic.ts";
import { base } from "./base.ts";
import { zba, zbb, zbc, zbkb, zbkx, zbs, zicond } from "./bitmanip.ts";
import { cache } from "./cache.ts";
import { compressedStatements } from "./compressed.ts";
import { csr, instructionFence, privileged, svinval, zawrs } from "./control.ts";
import { CompressedDef, InstructionDef, type Statement } from "./define.ts";
import { float } from "./float.ts";
import { hints } from "./hint.ts";
import { multiply } from "./multiply.ts";
import { zfa } from "./zfa.ts";

/** What decodes to nothing else. The all-ones word never matches on purpose: it is no 32-bit encoding. */
const illegalStatement: Statement = {
  syntax: "illegal",
  encoding: "11111111111111111111111111111111",
  needs: "i",
  meaning: (m) => m.system("illegal"),
};

/** Every 32-bit instruction, `illegal` first; {@link InstructionDef.index} is the position here. */
export const instructions: readonly InstructionDef[] = [
  illegalStatement,
  ...base,
  ...multiply,
  ...atomic,
  ...float,
  ...csr,
  ...instructionFence,
  ...privileged,
  ...svinval,
  ...zawrs,
  ...zba,
  ...zbb,
  ...zbc,
  ...zbs,
  ...zbkb,
  ...zbkx,
  ...zicond,
  ...zfa,
  ...zacas,
  ...cache,
  ...hints,
].map((statement, index) => new InstructionDef(statement, index));

/** What stands for every undefined, reserved and switched-off encoding. */
export const illegal: InstructionDef = instructions[0]!;

let byName: ReadonlyMap<string, InstructionDef> | undefined;

/** The 32-bit instruction of a name (as {@link InstructionDef.name} has it). */
export function instructionNamed(name: string): InstructionDef {
  byName ??= new Map(instructions.map((def) => [def.name, def]));
  const def = byName.get(name);
  if (def === undefined) throw new Error(`no instruction is called ${name}`);
  return def;
}

/** Every compressed instruction. */
export const compressedInstructions: readonly CompressedDef[] = compressedStatements.map(
  (statement) => new CompressedDef(statement, instructionNamed),
);
