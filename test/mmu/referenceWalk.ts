import type { Access } from "../../src/mmu/index.ts";

/** What the reference needs: 64-bit words by physical address, undefined where there is no RAM, and PMP's answer. */
export interface ReferenceMachine {
  read(address: bigint): bigint | undefined;
  write(address: bigint, pte: bigint): void;
  pmp(address: bigint, what: "read" | "write"): boolean;
}

export interface ReferenceRegime {
  levels: number;
  root: bigint;
  user: boolean;
  sum: boolean;
  mxr: boolean;
  adue: boolean;
  pbmte: boolean;
  svnapot: boolean;
}

const bit = (pte: bigint, at: number) => (pte >> BigInt(at)) & 1n;

/**
 * The translation process written a second time, naively over bigints, to compare with. Returns the physical
 * address, or "page" or "access" for the kind of fault.
 */
export function referenceWalk(m: ReferenceMachine, r: ReferenceRegime, va: bigint, access: Access) {
  const vaBits = BigInt(12 + 9 * r.levels);
  const signed = BigInt.asIntN(64, va);
  if (signed < -(1n << (vaBits - 1n)) || signed >= 1n << (vaBits - 1n)) return "page";
  let a = r.root << 12n;
  for (let i = r.levels - 1; i >= 0; i--) {
    const shift = BigInt(12 + 9 * i);
    const at = a + ((va >> shift) % 512n) * 8n;
    if (!m.pmp(at, "read")) return "access";
    const pte = m.read(at);
    if (pte === undefined) return "access";
    const [v, rd, w, x, u] = [0, 1, 2, 3, 4].map((n) => bit(pte, n) === 1n);
    const ppn = (pte >> 10n) % (1n << 44n);
    const pbmt = (pte >> 61n) % 4n;
    const n = pte >> 63n === 1n;
    if (!v || (w && !rd) || (pte >> 54n) % 128n !== 0n) return "page";
    if (!rd && !x) {
      if (bit(pte, 7) + bit(pte, 6) + bit(pte, 4) !== 0n || pbmt !== 0n || n) return "page";
      a = ppn << 12n;
      continue;
    }
    if (pbmt === 3n || (pbmt !== 0n && !r.pbmte)) return "page";
    if (n && (!r.svnapot || i !== 0 || ppn % 16n !== 8n)) return "page";
    if (r.user ? !u : u && (access === "fetch" || !r.sum)) return "page";
    const allowed = access === "fetch" ? x : access === "store" ? w : rd || (x && r.mxr);
    if (!allowed) return "page";
    const span = 1n << (n ? 16n : shift);
    if (i > 0 && (ppn << 12n) % span !== 0n) return "page";
    const wanted = access === "store" ? 0xc0n : 0x40n;
    if ((pte & wanted) !== wanted) {
      if (!r.adue) return "page";
      if (!m.pmp(at, "write")) return "access";
      m.write(at, pte | wanted);
    }
    return ((ppn << 12n) / span) * span + (va % span);
  }
  return "page";
}
