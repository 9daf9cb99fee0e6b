import { type Decoded, recordMeaning, type SystemOp } from "../isa/index.ts";

/** How an instruction uses memory, as far as a log tells it. */
export type MemoryUse = "none" | "load" | "store" | "amo" | "cas" | "lr" | "sc" | "casPair" | "zero";

/** What there is to log of an instruction once it has retired: worked out once for its bits. */
export interface LogPlan {
  /** ` (0x00000297)`, as ASCII. */
  readonly bits: Uint8Array;
  /** The integer register that it writes; 0: none. With {@link memory} casPair also the one after it. */
  readonly x: number;
  /** The floating-point register that it writes; -1: none. */
  readonly f: number;
  readonly memory: MemoryUse;
  /** Bytes in memory. */
  readonly size: number;
  /** The access is at the value of register `base`, plus `offset`. */
  readonly base: number;
  readonly offset: number;
  /** The register that is stored, and whether it is a floating-point register. */
  readonly data: number;
  readonly storesFloat: boolean;
  /** It may make mstatus.FS Dirty. */
  readonly usesFloat: boolean;
  /** It may raise floating-point flags. */
  readonly raisesFlags: boolean;
  /** The CSRs that Spike logs when it retires. */
  readonly csrs: readonly number[];
}

const sizes: Readonly<Record<string, number>> = {
  s8: 1,
  u8: 1,
  i8: 1,
  s16: 2,
  u16: 2,
  i16: 2,
  s32: 4,
  u32: 4,
  i32: 4,
  i64: 8,
};

const mstatus = 0x300;

/** CSRs that are views of others: Spike logs what is behind them. */
const behind: Readonly<Record<number, readonly number[]>> = {
  3: [1, 2],
  256: [mstatus],
  260: [0x304],
  324: [0x344],
};

const memoryOf: Partial<Record<SystemOp, readonly [use: MemoryUse, size: number]>> = {
  "lr.w": ["lr", 4],
  "lr.d": ["lr", 8],
  "sc.w": ["sc", 4],
  "sc.d": ["sc", 8],
  "amocas.q": ["casPair", 16],
  "cbo.zero": ["zero", 64],
};

/** Works out what there is to log of an instruction. */
export function logPlan(decoded: Decoded): LogPlan {
  const { def, rd, rs1, rs2, imm, bits, length } = decoded;
  const effects = recordMeaning(def);
  const system = effects.system === undefined ? undefined : memoryOf[effects.system];
  const kind = effects.load ?? effects.store ?? effects.amo;
  const isCsr = effects.system?.startsWith("csrr") ?? false;
  let memory: MemoryUse = effects.load !== undefined ? "load" : effects.store !== undefined ? "store" : "none";
  if (effects.amo !== undefined) memory = def.name.startsWith("amocas") ? "cas" : "amo";
  if (system !== undefined) memory = system[0];
  return {
    bits: Uint8Array.from(` (0x${bits.toString(16).padStart(length * 2, "0")})`, (character) =>
      character.charCodeAt(0),
    ),
    x: effects.writesX || isCsr || (system !== undefined && memory !== "zero") ? rd : 0,
    f: effects.writesF ? rd : -1,
    memory,
    size: system?.[1] ?? sizes[kind ?? ""] ?? 0,
    base: rs1,
    // the immediate of an atomic instruction is its ordering
    offset: memory === "load" || memory === "store" ? imm : 0,
    data: rs2,
    storesFloat: effects.readsF.includes("rs2"),
    usesFloat: effects.usesFloat || (isCsr && imm <= 3),
    raisesFlags: effects.arithmetic !== undefined,
    csrs: csrsOf(effects.system, decoded),
  };
}

function csrsOf(system: SystemOp | undefined, { rs1, imm }: Decoded): readonly number[] {
  if (system === "mret" || system === "sret") return [mstatus];
  if (system?.startsWith("csrr") !== true) return [];
  // csrrs and csrrc with x0 or 0 do not write
  const writes = system.startsWith("csrrw") || rs1 !== 0;
  return writes ? (behind[imm] ?? [imm]) : [];
}
