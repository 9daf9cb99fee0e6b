/** A bug to plant: a text of a source file, which must be in it exactly once, and what replaces it. */
export interface Mutant {
  readonly name: string;
  readonly kind: "meaning" | "permission" | "fence" | "flag";
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Bugs that an emulator could well have. */
export const mutants: readonly Mutant[] = [
  {
    name: "sraw shifts in zeros",
    kind: "meaning",
    file: "src/isa/base.ts",
    find: "const sraw: Binary32 = (m, a, b) => m.i32.shrS(a, b);",
    replace: "const sraw: Binary32 = (m, a, b) => m.i32.shrU(a, b);",
  },
  {
    name: "jalr keeps bit 0 of its target",
    kind: "meaning",
    file: "src/isa/base.ts",
    find: "m.jump(m.i64.and(address(m, i), m.k64(-2)));",
    replace: "m.jump(address(m, i));",
  },
  {
    name: "amocas.w compares all 64 bits of rd",
    kind: "meaning",
    file: "src/isa/atomic.ts",
    find: "const expected = m.let(narrowed(m, width, m.x(i.rd)));",
    replace: "const expected = m.let(m.x(i.rd));",
  },
  {
    name: "S-mode executes pages of U-mode when SUM is set",
    kind: "permission",
    file: "src/mmu/walk.ts",
    find: 'if (access === accessCode.fetch) return "userCode";',
    replace: 'if (access === accessCode.fetch && !regime.sum) return "userCode";',
  },
  {
    name: "MXR lets stores through as well",
    kind: "permission",
    file: "src/mmu/walk.ts",
    find: 'if (access === accessCode.store) return (flags & pteW) === 0 ? "notWritable" : undefined;',
    replace:
      'if (access === accessCode.store) return (flags & (regime.mxr ? pteW | pteX : pteW)) === 0 ? "notWritable" : undefined;',
  },
  {
    name: "an access that only begins in a PMP entry is allowed",
    kind: "permission",
    file: "src/mmu/pmp.ts",
    find: "if (pa < from || end > to) return false;",
    replace: "if (pa < from) return false;",
  },
  {
    name: "sfence.vma with an ASID leaves the architectural TLB alone",
    kind: "fence",
    file: "src/mmu/mmu.ts",
    find: "      tlb.dropAsid(asid);\n",
    replace: "",
  },
  {
    name: "sfence.vma with an address leaves superpages alone",
    kind: "fence",
    file: "src/mmu/tlb.ts",
    find: "      if (this.#count[kind] === 0) continue;\n      const pageClass = kind % classes;\n      const tag",
    replace:
      "      if (this.#count[kind] === 0) continue;\n      const pageClass = kind % classes;\n      if (pageClass > 1) continue;\n      const tag",
  },
  {
    name: "tininess is detected with the bounded exponent: no underflow where rounding reaches the least normal",
    kind: "flag",
    file: "src/float/rounding.ts",
    find: "const isTiny = isBelowNormal && (magnitude < leastNormal || !carries(e, negative, significand, excess));",
    replace: "const isTiny = isBelowNormal && magnitude < leastNormal;",
  },
  {
    name: "mret leaves MPRV set where counters leave out a mode",
    kind: "flag",
    file: "src/cpu/trap.ts",
    find: "to === 3 ? now : now & ~bits.mprv",
    replace: "now",
  },
  {
    name: "mret leaves MPRV set",
    kind: "flag",
    file: "src/cpu/interpreter/trapFunctions.ts",
    find: "body.if(i32.ne(to, i32.const(3)), () => body.set(now, has(now, ~bits.mprv)));",
    replace: "",
  },
];
