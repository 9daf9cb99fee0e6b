import { describe, expect, test } from "vitest";
import wabt from "wabt";
import { MappedCode } from "../../../src/cpu/translator/code.ts";
import { emitRegion, regionSignature } from "../../../src/cpu/translator/emit.ts";
import { findRegion } from "../../../src/cpu/translator/regionFinder.ts";
import { placeOf, signatureOf } from "../../../src/cpu/translator/sharedFunctions.ts";
import { assemble } from "../../../src/isa/index.ts";
import { createMachine } from "../../../src/machine/machine.ts";
import { callIndirect, i32, ModuleBuilder } from "../../../src/wasm/index.ts";

/**
 * What the translator makes of small pieces of code, as WebAssembly text in files of their own: a change to the emitter
 * shows there. `npx vitest run test/cpu/translator -u` writes them anew.
 */

const ramBase = 0x8000_0000n;
const { readWasm } = await wabt();

interface Piece {
  readonly lines: readonly string[];
  readonly targets?: readonly number[];
  readonly isa?: string;
  /** Whether addresses are physical, and all of RAM may be accessed. */
  readonly isFlat?: boolean;
  /** Whether the host's multiply-add rounds once. */
  readonly hasFusedMadd?: boolean;
}
const flatMemory = { ramBase: Number(ramBase), ramBytes: 1 << 20, hostBase: 0x222_0000, pageStates: 0x200_0000 };

/** The text of the region at the start of a program; `targets` says where indirect jumps have gone. */
function textOf({ lines, targets = [], isa = "max", isFlat = false, hasFusedMadd = false }: Piece): string {
  const machine = createMachine({ ramBytes: 1 << 20, isa, engine: "interpreter" });
  const bytes = new Uint8Array(lines.length * 4);
  lines.forEach((line, n) => {
    new DataView(bytes.buffer).setUint32(4 * n, assemble(line).bits, true);
  });
  machine.memory.write(Number(ramBase), bytes);
  const [hart] = machine.harts;
  hart.state.pc = ramBase;
  machine.step(1); // so that the fetch TLB knows the page
  const { code, state, interpreter } = hart;
  const { fastTlb, handlers, alignedTargets } = interpreter;
  const mapped = new MappedCode({ code, view: machine.memory.view, block: state.base, fastTlb }, ramBase);
  const region = findRegion({ code: mapped, handlers, targets: () => targets, isCold: () => false, alignedTargets }, 0);
  if (region === undefined) throw new Error("there is nothing to translate");
  const module = new ModuleBuilder();
  module.importTable("shared");
  const { body } = module.addFunction(regionSignature, "region");
  emitRegion(body, {
    region,
    handlers,
    fastTlb,
    flat: isFlat ? { memory: flatMemory, op: 0x111_0000 } : undefined,
    alignedTargets,
    hasFusedMadd,
    pcMask: ~1n,
    exitAtAccesses: false,
    opPage: () => 0x111_0000,
    jumpTable: (entries) => ({ address: 0x40_0000, from: Math.min(...entries.keys()), span: 64 }),
    callShared: (name, ...args) => {
      const signature = signatureOf(name);
      return callIndirect(signature.results[0], module.typeOf(signature), i32.const(placeOf(name)), ...args);
    },
  });
  const binary = readWasm(module.build(), { readDebugNames: false, relaxed_simd: true });
  const text = binary.toText({ foldExprs: true, inlineExport: false });
  binary.destroy();
  return text;
}

const pieces: Record<string, Piece> = {
  "a sum": { lines: ["add a0, a1, a2", "wfi"] },
  "constants folded": { lines: ["lui a0, 74565", "addi a0, a0, 1656", "slli a1, a0, 4", "wfi"] },
  "a result for x0": { lines: ["add zero, a0, a1", "addi a0, a0, 1", "wfi"] },
  "a place from pc": { lines: ["auipc a0, 16", "addi a0, a0, 32", "wfi"] },
  "words of 32 bits": { lines: ["addw a0, a0, a1", "sraiw a1, a0, 3", "wfi"] },
  "division with its special cases": { lines: ["div a0, a1, a2", "wfi"] },
  "one load": { lines: ["ld a0, 8(a1)", "wfi"] },
  "one store": { lines: ["sh a0, 6(a1)", "wfi"] },
  "accesses that share a probe": { lines: ["ld a0, 0(sp)", "ld a1, 8(sp)", "sd a0, 16(sp)", "wfi"] },
  "an access after its base has changed": { lines: ["ld a0, 0(a1)", "addi a1, a1, 8", "ld a2, 0(a1)", "wfi"] },
  "an atomic sum": { lines: ["amoadd.w a0, a1, (a2)", "wfi"] },
  "accesses in flat memory": { lines: ["lh a0, 8(a1)", "sd a0, 16(a2)", "sb zero, 0(a3)", "wfi"], isFlat: true },
  "accesses in flat memory that share a check": {
    lines: ["ld a0, 0(sp)", "ld a1, 8(sp)", "sd a0, 0(a2)", "sd a1, 8(a2)", "wfi"],
    isFlat: true,
  },
  "an atomic sum in flat memory": { lines: ["amoadd.w a0, a1, (a2)", "wfi"], isFlat: true },
  "known addresses in flat memory": {
    lines: ["lui a0, 524296", "slli a0, a0, 32", "srli a0, a0, 32", "lw a1, 4(a0)", "wfi"],
    isFlat: true,
  },
  "a loop that counts down": { lines: ["addi a0, a0, -1", "bne a0, zero, pc-4", "wfi"] },
  "a loop over memory": { lines: ["lw a1, 0(a0)", "add a2, a2, a1", "addi a0, a0, 4", "bltu a0, a3, pc-12", "wfi"] },
  "two ways that meet": {
    lines: ["beq a0, zero, pc+12", "addi a1, a1, 1", "jal zero, pc+8", "addi a1, a1, 2", "add a2, a2, a1", "wfi"],
  },
  "a loop in a loop": {
    lines: [
      "addi a1, zero, 9",
      "addi a1, a1, -1",
      "bne a1, zero, pc-4",
      "addi a0, a0, -1",
      "bne a0, zero, pc-16",
      "wfi",
    ],
  },
  "a call copied into its caller": {
    lines: ["jal ra, pc+12", "bne a0, zero, pc-4", "wfi", "addi a0, a0, -1", "jalr zero, 0(ra)"],
  },
  "an indirect jump to one place": { lines: ["jalr zero, 0(a0)", "wfi", "addi a1, a1, 1", "wfi"], targets: [8] },
  "an indirect jump to several places": {
    lines: ["jalr zero, 0(a0)", "addi a1, a1, 1", "jal zero, pc-8", "addi a2, a2, 1", "jal zero, pc-16"],
    targets: [4, 12],
  },
  "a jump into the middle of a loop": {
    lines: ["beq a0, zero, pc+8", "addi a1, a1, 1", "addi a2, a2, 1", "bne a2, a3, pc-8", "jal zero, pc-16"],
  },
  "a double sum": { lines: ["fadd.d fa0, fa1, fa2", "wfi"] },
  "a multiply-add that the host has": { lines: ["fmadd.d fa0, fa1, fa2, fa3", "wfi"], hasFusedMadd: true },
  "a conversion to an integer": { lines: ["fcvt.w.d a0, fa0, rtz", "wfi"] },
  "a carry-less product": { lines: ["clmul a0, a1, a2", "wfi"] },
  "a CSR read in a loop": { lines: ["csrrs a1, mcause, zero", "addi a0, a0, -1", "bne a0, zero, pc-8", "wfi"] },
  "plain CSRs": { lines: ["csrrw sp, sscratch, sp", "csrrs a0, sepc, zero", "csrrw zero, mepc, a0", "wfi"] },
  "a trap at the end": { lines: ["addi a0, a0, 1", "ecall"] },
  "a return from a trap": { lines: ["addi a0, a0, 1", "mret"] },
  "a CSR that may change contexts": { lines: ["csrrw a1, mstatus, a0", "add a2, a1, a0", "wfi"] },
  "targets that must be aligned": { lines: ["jalr zero, 2(a0)", "wfi"], isa: "rv64ima_zicsr" },
};

describe("the emitted WebAssembly is as it was", () => {
  test.each(Object.entries(pieces))("%s", async (name, piece) => {
    const text = `${piece.lines.map((line) => `;; ${line}\n`).join("")}${textOf(piece)}`;
    await expect(text).toMatchFileSnapshot(`golden/${name.replaceAll(" ", "-")}.wat`);
  });
});
