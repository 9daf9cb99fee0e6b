export { type Access, type AccessCode, accessCode, accessFaultCause, pageFaultCause } from "./access.ts";
export { type ExplainedPte, type Explanation, explainTranslation, formatExplanation, formatSize } from "./explain.ts";
export {
  type FastEntry,
  type FastGeometry,
  type FastLayout,
  type FastRegion,
  FastTlb,
  fastEntry,
  fastKind,
  fastLayout,
  fastLayoutOf,
  fastRegionBytes,
  largeFastLayout,
} from "./fast.ts";
export { Mmu, type MmuFeatures, type MmuOptions, type Regime } from "./mmu.ts";
export { bare, isCanonical, type Mode, modeOf, modes, sv39, sv48, sv57, vpnField } from "./modes.ts";
export { Pmp, type PmpVerdict, pmpConfig } from "./pmp.ts";
export { formatPteFlags, makePte, type PteField, pteField, pteFields, withPteField } from "./pte.ts";
export { type Rule, rules } from "./rule.ts";
export { type FenceKind, largeTlb, Tlb, type TlbCounters, type TlbEntry, type TlbGeometry } from "./tlb.ts";
export { Walker, type WalkRegime, type WalkVisitor } from "./walk.ts";
