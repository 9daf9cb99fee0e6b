import { expect, test } from "vitest";
import { assemble } from "../../../src/isa/index.ts";
import { Pair } from "../../lockstep/pair.ts";

const ramBase = 0x8000_0000;
const handlerAt = 0x400;
const dataAt = 0x8000;

/** Ends an interrupt by clearing it; steps over an instruction that trapped, and turns floating point on. */
const handler = [
  "csrrs t5, mcause, zero",
  "bge t5, zero, pc+12",
  "csrrci zero, mip, 2",
  "mret",
  "csrrs t5, mepc, zero",
  "addi t5, t5, 4",
  "csrrw zero, mepc, t5",
  "lui t6, 6",
  "csrrs zero, mstatus, t6",
  "mret",
];

/** Registers that loops work on; s0 holds the address of data, s1 the number of rounds. */
const registers = ["a0", "a1", "a2", "a3", "a4", "a5", "zero"];
const csrs = [
  "mstatus",
  "sstatus",
  "mscratch",
  "sscratch",
  "mepc",
  "sepc",
  "stvec",
  "mcause",
  "scause",
  "mtval",
  "satp",
];
const others = [
  "csrrs RD, instret, zero",
  "csrrs RD, cycle, zero",
  "csrrs RD, mtvec, zero",
  "csrrw RD, fflags, RS",
  "csrrw RD, frm, zero",
  "csrrsi RD, mie, 2",
  "csrrsi RD, mip, 2",
  "fadd.d fa0, fa1, fa2",
  "fdiv.d fa1, fa0, fa2",
  "fcvt.d.l fa2, RS",
  "add RD, RS, a1",
  "ld RD, 8(s0)",
  "sd RS, 8(s0)",
  "sd RS, 16(s0)",
  "slli RD, RS, 7",
  "lui RD, 6",
];
const forms = ["csrrw RD, CSR, RS", "csrrs RD, CSR, RS", "csrrc RD, CSR, RS"];
const immediateForms = ["csrrwi RD, CSR, N", "csrrsi RD, CSR, N", "csrrci RD, CSR, N"];

/** xorshift32, to a number below a limit. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** A loop of random instructions on CSRs, with floating point and accesses to memory between them. */
function loopOf(random: (limit: number) => number): string[] {
  const any = (list: readonly string[]) => list[random(list.length)];
  const lines: string[] = [];
  for (let n = 0; n < 30; n++) {
    const form = any([any(forms), any(immediateForms), any(others)]);
    const filled = form.replace("RD", any(registers)).replace("RS", any(registers)).replace("CSR", any(csrs));
    lines.push(filled.replace("N", `${random(32)}`));
  }
  return [...lines, "addi s1, s1, -1", `bne s1, zero, pc-${4 * (lines.length + 1)}`, "jal zero, pc+0"];
}

function bytesOf(lines: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(4 * lines.length);
  const view = new DataView(bytes.buffer);
  for (const [n, line] of lines.entries()) view.setUint32(4 * n, assemble(line).bits, true);
  return bytes;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "accesses to CSRs inside of regions do what the interpreter does, seed %i",
  (seed) => {
    const random = randomFrom(seed * 0x9e37_79b9);
    const program = bytesOf(loopOf(random));
    const pair = new Pair({ ramBytes: 1 << 20, isa: "max" }, { hotAfter: 1 }, ({ memory, harts: [hart] }) => {
      memory.write(ramBase, program);
      memory.write(ramBase + handlerAt, bytesOf(handler));
      hart.state.pc = BigInt(ramBase);
      hart.state.setX(8, BigInt(ramBase + dataAt));
      hart.state.setX(9, 800n);
      hart.csrs.poke(0x305, BigInt(ramBase + handlerAt));
      hart.csrs.poke(0x300, 0x6000n);
    });
    const { difference, translated, instructions } = pair.run(997, 30_000);
    expect(difference).toBeUndefined();
    expect(translated).toBeGreaterThan(instructions / 8);
  },
);
