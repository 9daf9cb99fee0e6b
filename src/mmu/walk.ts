import type { PhysicalMemory } from "../memory/physical.ts";
import { type AccessCode, accessCode, accessFaultCause, pageFaultCause, privilege } from "./access.ts";
import { isCanonical, type Mode, pagesOfLevel, vpnField } from "./modes.ts";
import type { Pmp } from "./pmp.ts";
import { ppnOf, pteA, pteD, pteG, pteN, ptePbmt, pteR, pteReserved, pteU, pteV, pteW, pteX } from "./pte.ts";
import type { Rule } from "./rule.ts";

/** What a walk depends on besides the address: the parts of satp, mstatus and menvcfg that the spec names. */
export interface WalkRegime {
  mode: Mode;
  /** `satp.PPN`, 44 bits. */
  rootPpn: number;
  /** Effective privilege: S or U. */
  priv: number;
  sum: boolean;
  mxr: boolean;
  /** Whether the hart sets A and D itself (`menvcfg.ADUE`, Svadu) or faults (Svade). */
  adue: boolean;
  /** Whether PBMT has a meaning (`menvcfg.PBMTE`, Svpbmt). */
  pbmte: boolean;
}

/** Called with each entry that a walk reads. */
export type WalkVisitor = (level: number, address: number, lo: number, hi: number) => void;

/** What the page-table walker needs of physical memory. */
export type PteMemory = Pick<PhysicalMemory, "readPair" | "writePair" | "lo" | "hi">;

const flagsOfPointer = pteD | pteA | pteU;
const leafBits = pteR | pteX;
const pteBytes = 8;
const napotPages = 16;

/**
 * The rule that forbids an access to a page with these flags (the low half of its entry), or undefined: allowed.
 * Serves step 5 and every hit in a TLB.
 */
export function denial(flags: number, access: AccessCode, regime: WalkRegime): Rule | undefined {
  if (regime.priv === privilege.u) {
    if ((flags & pteU) === 0) return "supervisorPage";
  } else if ((flags & pteU) !== 0) {
    if (access === accessCode.fetch) return "userCode";
    if (!regime.sum) return "userPage";
  }
  if (access === accessCode.load) {
    const readable = regime.mxr ? pteR | pteX : pteR;
    return (flags & readable) === 0 ? "notReadable" : undefined;
  }
  if (access === accessCode.store) return (flags & pteW) === 0 ? "notWritable" : undefined;
  return (flags & pteX) === 0 ? "notExecutable" : undefined;
}

/**
 * The virtual address translation process of the privileged spec, for every mode. The fields hold the result of
 * the last walk; a walk allocates nothing.
 */
export class Walker {
  /** What the walk returned, and the rule that ended it. */
  cause = 0;
  rule: Rule = "translated";
  /** Level of the last entry read; of the leaf when the walk succeeded. -1: none was read. */
  level = -1;
  /** Physical address of the last entry, and its value: as updated, if the walk set A or D. */
  pteAddress = 0;
  pteLo = 0;
  pteHi = 0;
  /** Whether any entry on the way had G. */
  global = false;
  /** Whether the leaf is a 64 KiB page of Svnapot. */
  napot = false;
  /** Bits that the walk set in the leaf, or would have set if it were not only looking. */
  sets: "" | "A" | "D" | "AD" = "";
  /** Physical page of the address translated. */
  ppn = 0;
  readonly #memory: PteMemory;
  readonly #pmp: Pmp;
  readonly #svnapot: boolean;

  constructor(memory: PteMemory, pmp: Pmp, svnapot: boolean) {
    this.#memory = memory;
    this.#pmp = pmp;
    this.#svnapot = svnapot;
  }

  /**
   * Translates the address (vaHi, vaLo). Returns 0, or the cause of the exception.
   *
   * @param commit set A and D where the regime says so; false only looks, and changes nothing
   */
  walk(
    regime: WalkRegime,
    vaLo: number,
    vaHi: number,
    access: AccessCode,
    commit: boolean,
    visit?: WalkVisitor,
  ): number {
    this.level = -1;
    this.global = this.napot = false;
    this.sets = "";
    if (!isCanonical(regime.mode, vaHi)) return this.#pageFault("nonCanonical", access);
    // step 1
    let table = regime.rootPpn;
    let level = regime.mode.levels - 1;
    for (;;) {
      // step 2
      const address = table * 4096 + vpnField(vaLo, vaHi, level) * pteBytes;
      this.level = level;
      this.pteAddress = address;
      if (!this.#pmp.check(address, pteBytes, accessCode.load, privilege.s)) return this.#accessFault("ptePmp", access);
      if (!this.#memory.readPair(address)) return this.#accessFault("pteNotRam", access);
      const lo = (this.pteLo = this.#memory.lo);
      const hi = (this.pteHi = this.#memory.hi);
      visit?.(level, address, lo, hi);
      // step 3
      const bad = this.#reserved(lo, hi, level, regime.pbmte);
      if (bad !== undefined) return this.#pageFault(bad, access);
      if ((lo & pteG) !== 0) this.global = true;
      // step 4
      if ((lo & leafBits) !== 0) return this.#leaf(regime, vaLo, vaHi, access, commit);
      if (--level < 0) return this.#pageFault("noLeaf", access);
      table = ppnOf(lo, hi);
    }
  }

  /** Step 3: what makes an entry invalid. */
  #reserved(lo: number, hi: number, level: number, pbmte: boolean): Rule | undefined {
    if ((lo & pteV) === 0) return "invalid";
    if ((lo & (pteR | pteW)) === pteW) return "reservedWrite";
    if ((hi & pteReserved) !== 0) return "reservedBits";
    if ((lo & leafBits) === 0) {
      return (lo & flagsOfPointer) !== 0 || (hi & (pteN | ptePbmt)) !== 0 ? "reservedPointer" : undefined;
    }
    if ((hi & (pteN | ptePbmt)) === 0) return undefined;
    if ((hi & ptePbmt) !== 0 && (!pbmte || (hi & ptePbmt) === ptePbmt)) return "reservedPbmt";
    if ((hi & pteN) === 0) return undefined;
    if (!this.#svnapot || level !== 0 || (ppnOf(lo, hi) & (napotPages - 1)) !== 8) return "reservedNapot";
    this.napot = true;
    return undefined;
  }

  /** Steps 5 to 8, for the leaf in `pteLo`, `pteHi`. */
  #leaf(regime: WalkRegime, vaLo: number, vaHi: number, access: AccessCode, commit: boolean): number {
    // step 5
    const denied = denial(this.pteLo, access, regime);
    if (denied !== undefined) return this.#pageFault(denied, access);
    // step 6
    const pages = pagesOfLevel[this.level];
    const ppn = ppnOf(this.pteLo, this.pteHi);
    if (offsetIn(ppn, pages) !== 0) return this.#pageFault("misaligned", access);
    // step 7
    const needed = access === accessCode.store ? pteA | pteD : pteA;
    if ((this.pteLo & needed) !== needed) {
      if (!regime.adue) return this.#pageFault((this.pteLo & pteA) === 0 ? "accessedClear" : "dirtyClear", access);
      if (!this.#pmp.check(this.pteAddress, pteBytes, accessCode.store, privilege.s)) {
        return this.#accessFault("updatePmp", access);
      }
      // Harts take turns on one thread: nothing can have changed the entry since step 2, so the comparison holds.
      this.sets = missing(this.pteLo, needed);
      if (commit) {
        this.pteLo |= needed;
        this.#memory.writePair(this.pteAddress, this.pteLo, this.pteHi);
      }
    }
    // step 8
    this.cause = 0;
    this.rule = "translated";
    const vpn = (vaHi >>> 0) * 2 ** 20 + (vaLo >>> 12);
    this.ppn = this.napot ? ppn - 8 + (vpn & (napotPages - 1)) : ppn + offsetIn(vpn, pages);
    return 0;
  }

  #pageFault(rule: Rule, access: AccessCode): number {
    this.rule = rule;
    this.cause = pageFaultCause[access];
    return this.cause;
  }

  #accessFault(rule: Rule, access: AccessCode): number {
    this.rule = rule;
    this.cause = accessFaultCause[access];
    return this.cause;
  }
}

/** Which of A and D an entry lacks. */
function missing(flags: number, needed: number): Walker["sets"] {
  const lacks = needed & ~flags;
  return lacks === needed && (needed & pteD) !== 0 ? "AD" : (lacks & pteA) !== 0 ? "A" : "D";
}

/** A page number modulo a power of two. The `%` of numbers above 2^31 is a slow call; this is exact as well. */
export function offsetIn(pageNumber: number, pages: number): number {
  return pageNumber - Math.floor(pageNumber / pages) * pages;
}
