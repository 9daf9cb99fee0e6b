import { withField } from "../catalogue.ts";
import type { Mix, Snippet } from "../generator.ts";

/** An integer instruction of 32 bits. */
export const integer: Snippet = (g) => {
  g.any(g.random.pick(g.catalogue.integer));
};

/** A compressed instruction that computes. */
export const narrow: Snippet = (g) => {
  g.any(g.random.pick(g.catalogue.narrow));
};

/** A floating-point instruction; reserved rounding modes are rare. */
export const float: Snippet = (g) => {
  const template = g.random.pick(g.catalogue.float);
  let bits = g.filled(template);
  if (template.field("rm") !== undefined) {
    bits = withField(template, bits, "rm", g.random.below(10) < 6 ? 7 : g.random.below(5));
  }
  if (!template.def.name.startsWith("fround")) {
    g.emit(bits);
    return;
  }
  // Its result is used: deviations.ts, fround-dead.
  const unit = g.unit();
  g.emit(bits, unit);
  g.op("fsd", { rs2: (bits >>> 7) & 31, rs1: 2, imm: 8 * g.random.between(-8, 8) }, unit);
};

/** A new dynamic rounding mode, or other flags. */
export const roundingMode: Snippet = (g) => {
  const value = g.random.chance(95) ? g.random.below(5) : g.random.below(8);
  if (g.random.chance(70)) g.op("csrrwi", { csr: 0x002, zimm: value });
  else g.op("csrrwi", { csr: 0x001, zimm: g.random.chance(50) ? 0 : g.random.below(32), rd: g.freeRegister() });
};

/** Moves a fresh value from an x register, so that f registers do not all become NaNs. */
export const refresh: Snippet = (g) => {
  const size = g.random.pick(["flw", "fld", "fld", "flh"] as const);
  const step = { flw: 4, fld: 8, flh: 2 }[size];
  const base = g.random.pick([2, 8, 9]);
  g.op(size, { rd: g.random.below(32), rs1: base, imm: step * g.random.between(-16, 16) });
};

const alone: Mix["prepare"] = (g) => {
  g.environment.mode = g.random.pick([0, 1, 3] as const);
};

export const integerMix: Mix = { name: "integer", snippets: [[1, integer]], prepare: alone };

export const compressedMix: Mix = {
  name: "compressed",
  needs: "c",
  snippets: [
    [8, narrow],
    [1, integer],
  ],
  prepare: alone,
};

export const floatMix: Mix = {
  name: "float",
  needs: "f",
  snippets: [
    [30, float],
    [3, refresh],
    [1, roundingMode],
    [1, integer],
  ],
  prepare: (g) => {
    const { data, random, pool } = g;
    // The words around the pointers become floating-point values too.
    for (let n = 0; n < 96; n++) data[0x2000 / 4 - 48 + n] = pool[128 + random.below(128)];
    for (let n = 0; n < 96; n++) data[0x900 / 4 - 48 + n] = pool[128 + random.below(128)];
    for (let n = 0; n < 96; n++) data[0x1000 / 4 - 48 + n] = pool[128 + random.below(128)];
  },
};
