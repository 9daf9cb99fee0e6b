import { createDecoder, disassemble, fNames, type Isa, xNames } from "../../src/isa/index.ts";
import type { Difference } from "./compare.ts";
import type { TestCase } from "./program.ts";
import { instructionsOf } from "./shrink.ts";

const modeNames = { 0: "U", 1: "S", 3: "M" } as const;
const hex = (value: bigint | number) => `0x${value.toString(16)}`;

function poolValue(test: TestCase, word: number): bigint {
  return (BigInt(test.pool[2 * word + 1]) << 32n) | BigInt(test.pool[2 * word]);
}

/** The values that the registers named in some assembly begin with. */
function registers(test: TestCase, listing: string): string[] {
  const isNamed = (name: string) => new RegExp(`\\b${name}\\b`).test(listing);
  const lines: string[] = [];
  xNames.forEach((name, n) => {
    const given = { 2: 0, 8: 1, 9: 2 }[n];
    if (n === 0 || !isNamed(name)) return;
    lines.push(
      given === undefined ? `${name} = ${hex(poolValue(test, n))}` : `${name} = data + ${test.pointers[given]}`,
    );
  });
  fNames.forEach((name, n) => {
    if (isNamed(name)) lines.push(`${name} = ${hex(poolValue(test, 64 + n))}`);
  });
  return lines;
}

/** The names of a test's instructions, nops left out. */
export function namesIn(test: TestCase, isa: Isa): string[] {
  const decode = createDecoder(isa);
  const view = new DataView(test.code.buffer, test.code.byteOffset);
  return instructionsOf(test).map((n) => {
    const at = test.starts[n];
    const low = view.getUint16(at, true);
    return decode((low & 3) === 3 ? view.getUint32(at, true) : low).def.name;
  });
}

/** A mismatch for people: what to run to see it again, where it ran, the assembly, and what each machine made of it. */
export function describeMismatch(test: TestCase, found: readonly Difference[], isa: Isa): string {
  const decode = createDecoder(isa);
  const view = new DataView(test.code.buffer, test.code.byteOffset);
  const listing = instructionsOf(test).map((n) => {
    const at = test.starts[n];
    const low = view.getUint16(at, true);
    const bits = (low & 3) === 3 ? view.getUint32(at, true) : low;
    const digits = (low & 3) === 3 ? 8 : 4;
    return `  +${hex(at).padEnd(6)} ${bits.toString(16).padStart(digits, "0").padEnd(8)}  ${disassemble(decode(bits))}`;
  });
  const { environment } = test;
  const { mode, mstatus, medeleg, menvcfg, fcsr, tables } = environment;
  const where = [
    `${modeNames[mode]}-mode, mstatus ${hex(mstatus)}, medeleg ${hex(medeleg)}, menvcfg ${hex(menvcfg)}`,
    `fcsr ${fcsr.slice(0, test.rounds).map(hex).join(" ")}, satp mode ${tables?.satpMode ?? 0}, rounds ${test.rounds}`,
  ];
  return [
    `mismatch: mix ${test.mix}, seed ${test.seed}, test ${test.index}`,
    `again: npm run fuzz -- --mix ${test.mix} --seed ${test.seed} --test ${test.index}`,
    ...where.map((line) => `  ${line}`),
    ...registers(test, listing.join("\n")).map((line) => `  ${line}`),
    ...listing,
    ...found.map(({ what, ours, theirs }) => `  ${what}\n    ours ${ours}\n    QEMU ${theirs}`),
  ].join("\n");
}
