import type { PhysicalMemory } from "../memory/physical.ts";
import { type Access, type AccessCode, accessCode, accessFaultCause, pageFaultCause, privilege } from "./access.ts";
import { type Explanation, explainTranslation } from "./explain.ts";
import { anyAsid, type FastRegion, FastTlb, fastKind } from "./fast.ts";
import { bare, isCanonical, type Mode, modeOf, sv57 } from "./modes.ts";
import { type Pmp, pmpConfig, pmpPermission } from "./pmp.ts";
import { pbmtOf, pteA, pteD } from "./pte.ts";
import type { Rule } from "./rule.ts";
import { classOf, type FenceKind, largeTlb, pageClasses, Tlb, type TlbGeometry, tlbVpn } from "./tlb.ts";
import { denial, offsetIn, Walker, type WalkRegime } from "./walk.ts";

/** What a hart's CSRs say about translation. */
export interface Regime {
  /** Current privilege, which fetches use: 0 U, 1 S, 3 M. */
  readonly priv: number;
  /** Privilege of loads and stores: `mstatus.MPP` while MPRV is set, otherwise `priv`. */
  readonly dataPriv: number;
  /** Fields of `satp`; `mode` is the field's value: 0, 8, 9 or 10. */
  readonly satp: { readonly mode: number; readonly asid: number; readonly rootPpn: number };
  readonly sum: boolean;
  readonly mxr: boolean;
  /** `menvcfg.ADUE` and `menvcfg.PBMTE`. */
  readonly adue: boolean;
  readonly pbmte: boolean;
}

/** Extensions that decide what a PTE may say. */
export interface MmuFeatures {
  readonly svnapot: boolean;
  readonly svpbmt: boolean;
  /** Without it `menvcfg.ADUE` is taken as 0. */
  readonly svadu: boolean;
}

export interface MmuOptions {
  readonly memory: PhysicalMemory;
  readonly pmp: Pmp;
  /** Geometry of the architectural TLB. */
  readonly geometry?: TlbGeometry;
  /** An MMU that nobody uses any more: its architectural TLB is taken over, emptied, if it is of the same geometry. */
  readonly replaces?: Mmu | undefined;
  /** Where this hart's fast TLB stands in the WebAssembly memory. */
  readonly fast: FastRegion;
  /** All of them, when left out. */
  readonly features?: MmuFeatures;
  /** Whether a fast entry may be made for a physical page of RAM; false keeps every access on the slow path. */
  readonly canCache?: (ppn: number) => boolean;
  /** Whether somebody must hear of stores to a physical page of RAM (decoded code): it gets no write entry. */
  readonly isCodePage?: (ppn: number) => boolean;
}

const maxAsid = 0xffff;
/** The key of M-mode's fast context; that of physical addresses in other modes is 0. */
const machineKey = 2 ** 18;

/**
 * One hart's memory management unit: PMP, the walk, the architectural TLB and the fast TLB arrays, joined.
 *
 * Every fast entry for a translated address is backed by an entry of the architectural TLB: what leaves that leaves
 * the arrays too. Fast entries for physical addresses (M-mode and Bare) depend on PMP alone.
 */
export class Mmu {
  readonly memory: PhysicalMemory;
  readonly pmp: Pmp;
  readonly tlb: Tlb;
  readonly fast: FastTlb;
  readonly features: MmuFeatures;
  /** Addresses in the WebAssembly memory of the fast contexts in force. */
  fetchContext = 0;
  dataContext = 0;
  /** Results of the last {@link translate} that returned 0: the physical address and its page. */
  pa = 0;
  ppn = 0;
  /** And: whether the whole page is RAM that this access may use, so that a fast entry for it is allowed. */
  cacheable = false;
  /** TLB misses by {@link AccessCode}: loads, stores, fetches. */
  readonly missesBy = [0, 0, 0];
  /** The rule that ended the last {@link translate}; meaningful only if it did not return 0. */
  rule: Rule = "translated";
  readonly #walker: Walker;
  readonly #canCache: ((ppn: number) => boolean) | undefined;
  readonly #isCodePage: ((ppn: number) => boolean) | undefined;
  readonly #fetch = newWalkRegime();
  readonly #data = newWalkRegime();
  #satpMode: Mode = bare;
  /** Whether all of RAM may be read and written at physical addresses: from S- or U-mode, from M-mode. */
  readonly #isFlat = [false, false];
  #asid = 0;

  constructor(options: MmuOptions) {
    this.memory = options.memory;
    this.pmp = options.pmp;
    this.features = { svnapot: true, svpbmt: true, svadu: true, ...options.features };
    this.tlb = renewedTlb(options) ?? new Tlb(options.geometry);
    this.fast = new FastTlb(options.memory.memory, options.fast.base, options.fast.layout);
    this.#walker = new Walker(options.memory, options.pmp, this.features.svnapot);
    this.#canCache = options.canCache;
    this.#isCodePage = options.isCodePage;
    this.pmp.onChange = () => {
      this.fast.dropAll();
      this.#findFlat();
    };
    this.#findFlat();
    this.tlb.onDrop = (slot) => this.#dropFast(slot);
    this.setRegime({
      priv: privilege.m,
      dataPriv: privilege.m,
      satp: { mode: 0, asid: 0, rootPpn: 0 },
      sum: false,
      mxr: false,
      adue: false,
      pbmte: false,
    });
  }

  /**
   * Follows a change of privilege, satp, MPRV, SUM, MXR or menvcfg, and chooses {@link fetchContext} and
   * {@link dataContext}. Flushes nothing. The object is not kept.
   */
  setRegime(regime: Regime): void {
    this.#asid = regime.satp.asid & maxAsid;
    this.#satpMode = fillRegime(this.#fetch, regime, regime.priv, this.features);
    fillRegime(this.#data, regime, regime.dataPriv, this.features);
    this.fetchContext = this.#selectContext(this.#fetch, false, false);
    this.dataContext = this.#selectContext(this.#data, regime.sum, regime.mxr);
  }

  /**
   * Translates an access of `size` bytes inside one page. Returns 0 and sets {@link pa}, {@link ppn} and
   * {@link cacheable}, or returns the cause of the exception (1, 5, 7, 12, 13, 15) and sets {@link rule}.
   *
   * For loads and stores it fills the fast read or write array when that is allowed; for fetches the engine does,
   * with `fast.fill`, when `cacheable`.
   */
  translate(vaLo: number, vaHi: number, access: AccessCode, size: number): number {
    const regime = access === accessCode.fetch ? this.#fetch : this.#data;
    if (regime.mode === bare) return this.#physical(regime, vaLo, vaHi, access, size);
    const cause = this.#translated(regime, vaLo, vaHi, access, size);
    if (cause !== 0) {
      if (cause === pageFaultCause[access]) this.tlb.counters.pageFaults++;
      else this.tlb.counters.accessFaults++;
    }
    return cause;
  }

  /** `sfence.vma` and `sinval.vma`, with the values of rs1 (va) and rs2 (asid) where these are not x0. */
  fence(kind: FenceKind, va = 0n, asid = 0): void {
    const { tlb, fast } = this;
    tlb.counters.fences[kind]++;
    asid &= maxAsid;
    if (kind === "all") {
      tlb.dropAll();
      fast.dropAsid(anyAsid);
    } else if (kind === "asid") {
      tlb.dropAsid(asid);
      fast.dropAsid(asid);
    } else {
      const vaLo = Number(BigInt.asIntN(32, va));
      const vaHi = Number(BigInt.asIntN(32, va >> 32n));
      // "If the value held in rs1 is not a valid virtual address, then the SFENCE.VMA instruction has no effect."
      if (!isCanonical(this.#satpMode === bare ? sv57 : this.#satpMode, vaHi)) return;
      tlb.dropVa(vaLo, vaHi, kind === "va" ? undefined : asid);
    }
  }

  /**
   * Every step of a translation, as memory and the CSRs say it now, without any effect: no A or D is set, no entry
   * filled, nothing counted. Without a regime, the one in force.
   */
  explain(va: bigint, access: Access, regime?: Regime): Explanation {
    const { memory, pmp, tlb, features } = this;
    const parts = { memory, pmp, tlb, svnapot: features.svnapot };
    let walkRegime = access === "fetch" ? this.#fetch : this.#data;
    let asid = this.#asid;
    if (regime !== undefined) {
      walkRegime = newWalkRegime();
      fillRegime(walkRegime, regime, access === "fetch" ? regime.priv : regime.dataPriv, features);
      asid = regime.satp.asid & maxAsid;
    }
    return explainTranslation(parts, walkRegime, asid, va, access);
  }

  #translated(regime: WalkRegime, vaLo: number, vaHi: number, access: AccessCode, size: number): number {
    if (!isCanonical(regime.mode, vaHi)) {
      this.rule = "nonCanonical";
      return pageFaultCause[access];
    }
    let slot = this.tlb.find(regime.mode.index, this.#asid, vaLo, vaHi);
    if (slot < 0) {
      this.tlb.counters.misses++;
      this.missesBy[access]++;
      const cause = this.#walk(regime, vaLo, vaHi, access);
      if (cause !== 0) return cause;
      slot = this.#insert(regime, vaLo, vaHi, access);
    } else {
      this.tlb.counters.hits++;
      const denied = denial(this.tlb.flagsOf(slot), access, regime);
      if (denied !== undefined) {
        this.rule = denied;
        return pageFaultCause[access];
      }
      if (access === accessCode.store && (this.tlb.flagsOf(slot) & pteD) === 0) {
        const cause = this.#walk(regime, vaLo, vaHi, access);
        if (cause !== 0) return cause;
        slot = this.#refresh(slot, regime, vaLo, vaHi, access);
      }
    }
    return this.#finish(regime, this.tlb.ppnAt(slot, vaLo, vaHi), vaLo, vaHi, access, size);
  }

  #walk(regime: WalkRegime, vaLo: number, vaHi: number, access: AccessCode): number {
    this.tlb.counters.walks++;
    const cause = this.#walker.walk(regime, vaLo, vaHi, access, true);
    this.rule = this.#walker.rule;
    return cause;
  }

  /** Puts the leaf that the walker has found into the TLB. */
  #insert(regime: WalkRegime, vaLo: number, vaHi: number, access: AccessCode, born?: number): number {
    const walker = this.#walker;
    const pageClass = classOf(walker.level, walker.napot);
    const ppn = walker.ppn - offsetIn(tlbVpn(vaLo, vaHi), pageClasses[pageClass]);
    return this.tlb.insert(
      regime.mode.index,
      pageClass,
      this.#asid,
      walker.global,
      vaLo,
      vaHi,
      ppn,
      walker.pteLo,
      pbmtOf(walker.pteHi),
      access,
      born,
    );
  }

  /** A store has walked again because the entry had D=0. If memory says nothing else that is new, D is set. */
  #refresh(slot: number, regime: WalkRegime, vaLo: number, vaHi: number, access: AccessCode): number {
    const { tlb } = this;
    const walker = this.#walker;
    const same =
      tlb.pagesOf(slot) === pageClasses[classOf(walker.level, walker.napot)] &&
      tlb.ppnAt(slot, vaLo, vaHi) === walker.ppn &&
      (tlb.flagsOf(slot) | pteA | pteD) === (walker.pteLo & 0xff) &&
      tlb.asidOf(slot) < 0 === walker.global;
    if (same) {
      tlb.setDirty(slot);
      return slot;
    }
    // The old entry was stale. The new one takes its place and its age, but may match more addresses and address
    // spaces than it did: the fast entries of younger entries for those must go.
    const born = tlb.bornAt(slot);
    tlb.drop(slot);
    this.fast.dropAsid(anyAsid);
    return this.#insert(regime, vaLo, vaHi, access, born);
  }

  #physical(regime: WalkRegime, vaLo: number, vaHi: number, access: AccessCode, size: number): number {
    if (vaHi >>> 24 !== 0) {
      this.rule = "tooWide";
      return accessFaultCause[access];
    }
    return this.#finish(regime, vaHi * 2 ** 20 + (vaLo >>> 12), vaLo, vaHi, access, size);
  }

  /** The physical page is known: PMP, the results, and the fast entry. */
  #finish(regime: WalkRegime, ppn: number, vaLo: number, vaHi: number, access: AccessCode, size: number): number {
    const pagePa = ppn * 4096;
    const pa = pagePa + (vaLo & 4095);
    const uniform = this.pmp.pageUniform(ppn, regime.priv);
    const allowed =
      uniform < 0 ? this.pmp.check(pa, size, access, regime.priv) : (uniform & pmpPermission[access]) !== 0;
    if (!allowed) {
      this.rule = "pmp";
      return accessFaultCause[access];
    }
    this.pa = pa;
    this.ppn = ppn;
    this.cacheable =
      uniform > 0 && this.memory.isRam(pagePa, 4096) && (this.#canCache === undefined || this.#canCache(ppn));
    if (!this.cacheable || access === accessCode.fetch) return 0;
    const isStore = access === accessCode.store;
    if (isStore) {
      if (this.#isCodePage?.(ppn)) return 0;
      this.memory.touch(ppn);
    }
    const addend = this.memory.hostOf(pagePa) - (vaLo & -4096);
    this.fast.fill(this.dataContext, isStore ? fastKind.write : fastKind.read, vaLo, vaHi, addend);
    return 0;
  }

  /** The fast context for a regime: a number for all that decides what its arrays may hold. */
  #selectContext(regime: WalkRegime, sum: boolean, mxr: boolean): number {
    const { mode, priv } = regime;
    if (mode === bare) return this.#physicalContext(priv === privilege.m);
    const isSupervisor = priv === privilege.s;
    const key =
      mode.index +
      this.#asid * 4 +
      (isSupervisor ? 2 ** 18 : 0) +
      (isSupervisor && sum ? 2 ** 19 : 0) +
      (mxr ? 2 ** 20 : 0);
    return this.fast.select(key, this.#asid);
  }

  #physicalContext(isMachine: boolean): number {
    const context = this.fast.select(isMachine ? machineKey : 0, -1);
    this.fast.setFlat(context, this.#isFlat[isMachine ? 1 : 0]);
    return context;
  }

  /** PMP says something else than before. */
  #findFlat(): void {
    const { ramBase, ramBytes } = this.memory;
    const needed = pmpConfig.r | pmpConfig.w;
    [privilege.s, privilege.m].forEach((priv, n) => {
      const granted = this.pmp.uniform(ramBase, ramBytes, priv);
      this.#isFlat[n] = this.#canCache === undefined && granted > 0 && (granted & needed) === needed;
      const context = this.fast.contextOf(priv === privilege.m ? machineKey : 0);
      if (context !== undefined) this.fast.setFlat(context, this.#isFlat[n]);
    });
  }

  /** An entry leaves the TLB: so do the fast entries that it backs. */
  #dropFast(slot: number): void {
    const vpn = this.tlb.vpnOf(slot);
    const vaLo = offsetIn(vpn, 2 ** 20) * 4096;
    const vaHi = (Math.floor(vpn / 2 ** 20) << 7) >> 7;
    const asid = this.tlb.asidOf(slot);
    this.fast.dropRange(vaLo, vaHi, this.tlb.pagesOf(slot), asid < 0 ? anyAsid : asid);
  }
}

function newWalkRegime(): WalkRegime {
  return { mode: bare, rootPpn: 0, priv: privilege.m, sum: false, mxr: false, adue: false, pbmte: false };
}

/** Writes what concerns one kind of access into `into`. Returns the mode of satp, in force or not. */
function renewedTlb({ replaces, geometry = largeTlb }: MmuOptions): Tlb | undefined {
  if (replaces === undefined) return undefined;
  const { sets, ways } = replaces.tlb.geometry;
  if (sets !== geometry.sets || ways !== geometry.ways) return undefined;
  replaces.tlb.renew();
  return replaces.tlb;
}

function fillRegime(into: WalkRegime, from: Regime, priv: number, features: MmuFeatures): Mode {
  const mode = modeOf(from.satp.mode);
  if (mode === undefined) throw new RangeError(`satp.MODE ${from.satp.mode} is reserved`);
  into.mode = priv === privilege.m ? bare : mode;
  into.rootPpn = from.satp.rootPpn;
  into.priv = priv;
  into.sum = from.sum;
  into.mxr = from.mxr;
  into.adue = from.adue && features.svadu;
  into.pbmte = from.pbmte && features.svpbmt;
  return mode;
}
