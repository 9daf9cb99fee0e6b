import { expect, test } from "vitest";
import { instructionNamed, instructions, recordMeaning } from "../../src/isa/index.ts";

const effects = (name: string) => recordMeaning(instructionNamed(name));

test.each([
  ["add", "sequential"],
  ["beq", "branch"],
  ["jal", "jump"],
  ["jalr", "indirect"],
  ["ecall", "system"],
  ["csrrw", "system"],
  ["lr.w{aqrl}", "system"],
  ["fence", "sequential"],
  ["illegal", "system"],
])("%s is %s", (name, kind) => {
  expect(effects(name).class).toBe(kind);
});

test("memory accesses are seen with their kinds", () => {
  expect(effects("lhu")).toMatchObject({ load: "u16", store: undefined, amo: undefined });
  expect(effects("fsd")).toMatchObject({ load: undefined, store: "i64", usesFloat: true });
  expect(effects("amoadd.w{aqrl}")).toMatchObject({ amo: "i32", writesX: true, readsX: ["rs2", "rs1"] });
  expect(effects("prefetch.r")).toMatchObject({ load: undefined, readsX: [] });
});

test("registers are seen by slot and file", () => {
  expect(effects("fmadd.d")).toMatchObject({
    readsX: [],
    readsF: ["rs1", "rs2", "rs3"],
    writesF: true,
    writesX: false,
  });
  expect(effects("fcvt.d.l")).toMatchObject({ readsX: ["rs1"], readsF: [], writesF: true });
  expect(effects("feq.s")).toMatchObject({ readsF: ["rs1", "rs2"], writesX: true, writesF: false });
  expect(effects("amocas.d{aqrl}")).toMatchObject({ readsX: ["rd", "rs2", "rs1"] });
  expect(effects("auipc")).toMatchObject({ readsPc: true, readsX: [] });
});

test("arithmetic and pure functions are named", () => {
  expect(effects("fmin.h").arithmetic).toEqual({ op: "min", format: "h" });
  expect(effects("fcvt.h.d").arithmetic).toEqual({ op: "from.d", format: "h" });
  expect(effects("xperm8").pure).toBe("xperm8");
  expect(effects("fsgnj.d").arithmetic).toBeUndefined();
});

test("what a meaning reads and writes is what its assembly names", () => {
  for (const def of instructions.slice(1)) {
    const { class: kind, readsX, readsF, writesX, writesF, usesFloat } = recordMeaning(def);
    const { operands } = def;
    for (const slot of readsX) expect(operands[slot], `${def.name} ${slot}`).toBe("x");
    for (const slot of readsF) expect(operands[slot], `${def.name} ${slot}`).toBe("f");
    if (writesX) expect(operands.rd, def.name).toBe("x");
    if (writesF) expect(operands.rd, def.name).toBe("f");
    const named = Object.values(operands).includes("f");
    if (kind !== "system") expect(usesFloat, def.name).toBe(named);
  }
});
