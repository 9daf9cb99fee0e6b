import { expect, test } from "vitest";
import { fieldBits, matches } from "../../src/isa/encoding.ts";
import { assemble, createDecoder, disassemble, instructions, parseIsa } from "../../src/isa/index.ts";
import { randomWords } from "./random.ts";

const decode = createDecoder(parseIsa());
const slots = ["rd", "rs1", "rs2", "rs3", "imm", "rm"] as const;

test("every 32-bit instruction, disassembled and assembled, gives back its bits, whatever its operands", () => {
  const random = randomWords(1);
  for (const def of instructions.slice(1)) {
    for (let round = 0; round < 60; round++) {
      const bits = (def.match | (random() & ~def.mask)) >>> 0;
      if (!matches(def.encoding, bits)) continue;
      const text = disassemble(decode(bits));
      const assembled = assemble(text);
      if (assembled.bits !== bits || assembled.length !== 4) expect(assembled, text).toEqual({ bits, length: 4 });
    }
  }
});

test("so do the smallest and largest operands, with addresses for targets", () => {
  const pc = 0xffff_ffff_8000_0000n;
  for (const def of instructions.slice(1)) {
    for (const fill of [0, 0xffff_ffff]) {
      const bits = (def.match | (fill & ~def.mask)) >>> 0;
      if (!matches(def.encoding, bits)) continue;
      const text = disassemble(decode(bits), pc);
      expect(assemble(text, { pc }), text).toEqual({ bits, length: 4 });
    }
  }
});

test("every halfword, disassembled and assembled, gives back its bits, or is said to be illegal", () => {
  let legal = 0;
  for (let bits = 0; bits < 0x1_0000; bits++) {
    if ((bits & 3) === 3) continue;
    const text = disassemble(decode(bits));
    if (text.startsWith("illegal")) {
      expect(text).toBe(`illegal 0x${bits.toString(16).padStart(4, "0")}`);
      continue;
    }
    legal++;
    const assembled = assemble(text);
    if (assembled.bits !== bits || assembled.length !== 2) expect(assembled, text).toEqual({ bits, length: 2 });
  }
  expect(legal).toBe(47_759);
});

test("every compressed instruction has a 32-bit twin with the same operands", () => {
  for (let bits = 0; bits < 0x1_0000; bits++) {
    if ((bits & 3) === 3) continue;
    const compact = decode(bits);
    if (compact.def.index === 0) continue;
    let word = compact.def.match;
    for (const field of compact.def.encoding.fields) word |= fieldBits(field, compact[field.kind.slot!])!;
    const twin = decode(word >>> 0);
    // c.mv zero, sp stands for an add that, written out, has a hint's name.
    if (twin.def.of === compact.def.name) continue;
    const same = slots.every((slot) => twin[slot] === compact[slot]) && twin.def === compact.def;
    if (!same) expect(twin).toEqual({ ...compact, length: 4, bits: word >>> 0, compressed: undefined });
  }
});
