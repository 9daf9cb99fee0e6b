import type { PhysicalMemory } from "../memory/physical.ts";
import { type Access, type AccessCode, accessCode, accessFaultCause, pageFaultCause, privilege } from "./access.ts";
import { bare, isCanonical, type Mode, vpnField } from "./modes.ts";
import type { Pmp, PmpVerdict } from "./pmp.ts";
import { formatPteFlags, pteD, pteField } from "./pte.ts";
import { type Rule, rules } from "./rule.ts";
import { classOf, pageClasses, type Tlb, type TlbEntry } from "./tlb.ts";
import { denial, Walker, type WalkRegime } from "./walk.ts";

/** One entry that a walk reads (steps 2 to 4). */
export interface ExplainedPte {
  readonly level: number;
  /** `va.vpn[level]`: its index in the table. */
  readonly vpn: number;
  readonly address: bigint;
  readonly value: bigint;
  /** `DAGUXWRV` with `-` for each that is clear. */
  readonly flags: string;
  /** `bad`: the walk ended here, with a fault. */
  readonly kind: "table" | "leaf" | "bad";
  /** Where the entry points: address of the next table or of the page. */
  readonly target: bigint;
}

/** A translation, step by step, as memory and the CSRs say it now. Nothing was changed to find it. */
export interface Explanation {
  readonly va: bigint;
  readonly access: Access;
  readonly priv: "U" | "S" | "M";
  readonly mode: Mode["name"];
  readonly asid: number;
  readonly sum: boolean;
  readonly mxr: boolean;
  /** Address of the root table. */
  readonly root: bigint;
  readonly ptes: readonly ExplainedPte[];
  readonly outcome: "translated" | "page fault" | "access fault";
  /** Exception cause; 0 when translated. */
  readonly cause: number;
  /** What ended it, its step in the spec's algorithm ("-": none of them) and the rule as a sentence. */
  readonly rule: Rule;
  readonly step: string;
  readonly says: string;
  /** Physical address, also where PMP or vacancy then made the access fail. */
  readonly pa?: bigint;
  /** Bytes of the page, 4096 to 256 TiB; not for Bare. */
  readonly pageSize?: number;
  /** Bits that the hart would set in the leaf. */
  readonly sets: "" | "A" | "D" | "AD";
  /** The PMP decision that failed, and the address it was about. */
  readonly pmp?: PmpVerdict & { readonly address: bigint };
  /** What the TLB holds for the address; `agrees`: an access gets the same answer from it as from memory. */
  readonly tlb?: TlbEntry & { readonly agrees: boolean };
}

/** What an explanation is found with. */
export interface ExplainParts {
  readonly memory: PhysicalMemory;
  readonly pmp: Pmp;
  readonly tlb: Tlb;
  readonly svnapot: boolean;
}

/** What became of the address after the walk. */
type Ending = Pick<Explanation, "cause" | "rule" | "pa" | "pmp">;

const privNames: Readonly<Record<number, Explanation["priv"]>> = { 0: "U", 1: "S", 3: "M" };

/** Explains how a hart would translate an access now. The regime is of the access: its privilege, and Bare in M. */
export function explainTranslation(
  parts: ExplainParts,
  regime: WalkRegime,
  asid: number,
  va: bigint,
  access: Access,
  size = 1,
): Explanation {
  va = BigInt.asUintN(64, va);
  const lo = Number(BigInt.asIntN(32, va));
  const hi = Number(BigInt.asIntN(32, va >> 32n));
  const code = accessCode[access];
  const walker = new Walker(parts.memory, parts.pmp, parts.svnapot);
  const isBare = regime.mode === bare;
  const ptes = isBare ? [] : visitedPtes(walker, regime, lo, hi, code);
  const cause = isBare ? 0 : walker.cause;
  const ending = isBare ? endBare(parts, regime, va, code, size) : endWalk(parts, walker, regime, va, code, size);
  const tlb = isBare ? undefined : cached(parts.tlb, walker, regime, asid, lo, hi, code);
  return {
    va,
    access,
    priv: privNames[regime.priv],
    mode: regime.mode.name,
    asid,
    sum: regime.sum,
    mxr: regime.mxr,
    root: BigInt(regime.rootPpn) << 12n,
    ptes,
    outcome: ending.cause === 0 ? "translated" : ending.cause === pageFaultCause[code] ? "page fault" : "access fault",
    ...ending,
    step: rules[ending.rule].step,
    says: rules[ending.rule].says,
    ...(isBare || cause !== 0 ? {} : { pageSize: pageClasses[classOf(walker.level, walker.napot)] * 4096 }),
    sets: isBare || cause !== 0 ? "" : walker.sets,
    ...(tlb === undefined ? {} : { tlb }),
  };
}

/** Walks, and describes each entry that was read. */
function visitedPtes(walker: Walker, regime: WalkRegime, lo: number, hi: number, access: AccessCode): ExplainedPte[] {
  const ptes: ExplainedPte[] = [];
  const cause = walker.walk(regime, lo, hi, access, false, (level, address, pteLo, pteHi) => {
    const value = (BigInt(pteHi >>> 0) << 32n) | BigInt(pteLo >>> 0);
    ptes.push({
      level,
      vpn: vpnField(lo, hi, level),
      address: BigInt(address),
      value,
      flags: formatPteFlags(value),
      kind: "table",
      target: pteField(value, "ppn") << 12n,
    });
  });
  const last = ptes.at(-1);
  const failedEarlier = walker.rule === "ptePmp" || walker.rule === "pteNotRam";
  if (last !== undefined && !failedEarlier) ptes[ptes.length - 1] = { ...last, kind: cause === 0 ? "leaf" : "bad" };
  return ptes;
}

/** After a walk: its own fault, or what PMP and the memory map say to the physical address. */
function endWalk(
  parts: ExplainParts,
  walker: Walker,
  regime: WalkRegime,
  va: bigint,
  access: AccessCode,
  size: number,
): Ending {
  const { rule, cause } = walker;
  if (cause === 0) return endPhysical(parts, regime, walker.ppn, va, access, size, "translated");
  if (rule !== "ptePmp" && rule !== "updatePmp") return { cause, rule };
  const needed = rule === "ptePmp" ? accessCode.load : accessCode.store;
  const verdict = parts.pmp.explain(walker.pteAddress, 8, needed, privilege.s);
  return { cause, rule, pmp: { ...verdict, address: BigInt(walker.pteAddress) } };
}

function endBare(parts: ExplainParts, regime: WalkRegime, va: bigint, access: AccessCode, size: number): Ending {
  if (va >> 56n !== 0n) return { cause: accessFaultCause[access], rule: "tooWide" };
  return endPhysical(parts, regime, Number(va >> 12n), va, access, size, "bare");
}

function endPhysical(
  parts: ExplainParts,
  regime: WalkRegime,
  ppn: number,
  va: bigint,
  access: AccessCode,
  size: number,
  rule: Rule,
): Ending {
  const pa = (BigInt(ppn) << 12n) | (va & 0xfffn);
  const at = Number(pa);
  const verdict = parts.pmp.explain(at, size, access, regime.priv);
  if (!verdict.allowed) return { cause: accessFaultCause[access], rule: "pmp", pa, pmp: { ...verdict, address: pa } };
  if (!parts.memory.isRam(at, size) && parts.memory.find(at) === undefined) {
    return { cause: accessFaultCause[access], rule: "vacant", pa };
  }
  return { cause: 0, rule, pa };
}

/** What the TLB would answer. A store to an entry with D=0 asks memory again, and so agrees. */
function cached(
  tlb: Tlb,
  walker: Walker,
  regime: WalkRegime,
  asid: number,
  lo: number,
  hi: number,
  access: AccessCode,
): Explanation["tlb"] {
  if (!isCanonical(regime.mode, hi)) return undefined;
  const slot = tlb.find(regime.mode.index, asid, lo, hi);
  if (slot < 0) return undefined;
  const flags = tlb.flagsOf(slot);
  const denied = denial(flags, access, regime) !== undefined;
  const asksMemory = !denied && access === accessCode.store && (flags & pteD) === 0;
  const agrees = denied
    ? walker.cause === pageFaultCause[access]
    : asksMemory || (walker.cause === 0 && walker.ppn === tlb.ppnAt(slot, lo, hi));
  return { ...tlb.describe(slot), agrees };
}

/** An explanation as lines for people, without a final newline. */
export function formatExplanation(e: Explanation): string {
  const switches = e.mode === "Bare" ? "" : `, asid ${e.asid}, SUM=${Number(e.sum)} MXR=${Number(e.mxr)}`;
  const root = e.mode === "Bare" ? "" : `, root table at ${hex(e.root)}`;
  const lines = [`${e.access} of ${hex64(e.va)} in ${e.priv}-mode, ${e.mode}${switches}${root}`];
  for (const pte of e.ptes) {
    const what = pte.kind === "table" ? `table at ${hex(pte.target)}` : pte.kind;
    lines.push(
      `  level ${pte.level}: pte[${pte.vpn}] at ${hex(pte.address)} = ${hex64(pte.value)} ${pte.flags} ${what}`,
    );
  }
  const step = e.step === "-" ? "" : ` (step ${e.step})`;
  if (e.pa !== undefined) {
    const size = e.pageSize === undefined ? "" : `, ${formatSize(e.pageSize)} page`;
    const sets = e.sets === "" ? "" : `; the hart sets ${[...e.sets].join(" and ")}`;
    lines.push(`  physical address ${hex(e.pa)}${size}${sets}`);
  }
  if (e.outcome !== "translated")
    lines.push(`  ${e.access === "fetch" ? "instruction" : e.access} ${e.outcome}, cause ${e.cause}${step}: ${e.says}`);
  if (e.pmp !== undefined) lines.push(`  ${formatPmp(e.pmp)}`);
  if (e.tlb !== undefined && !e.tlb.agrees) {
    const { va, pa, pageSize, perms, filledBy } = e.tlb;
    const held = `${hex64(va)} -> ${hex(pa)}, ${formatSize(pageSize)}, ${perms}, filled by a ${filledBy}`;
    lines.push(`  but the TLB still holds ${held}: no fence has removed it`);
  }
  return lines.join("\n");
}

function formatPmp(pmp: NonNullable<Explanation["pmp"]>): string {
  if (pmp.entry === undefined) return `no PMP entry matches ${hex(pmp.address)}, and only M-mode may then access it`;
  const config = pmp.config ?? 0;
  const perms = ["R", "W", "X"].map((name, bit) => ((config >> bit) & 1 ? name : "-")).join("");
  const range = `${hex(pmp.from ?? 0n)} to ${hex((pmp.to ?? 0n) - 1n)}, ${perms}${config & 0x80 ? ", locked" : ""}`;
  const why = pmp.partial ? "matches only a part of the access" : "decides";
  return `PMP entry ${pmp.entry} (${range}) ${why} at ${hex(pmp.address)}`;
}

/** Bytes as `4 KiB`, `2 MiB`, … */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${bytes} ${units[unit]}`;
}

const hex = (value: bigint) => `0x${value.toString(16)}`;
const hex64 = (value: bigint) => `0x${value.toString(16).padStart(16, "0")}`;
