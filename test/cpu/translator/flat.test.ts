import { describe, expect, test } from "vitest";
import { createMachine, type Machine } from "../../../src/machine/machine.ts";
import { Pair } from "../../lockstep/pair.ts";
import { finish, place } from "../../machine/assembled.ts";

/**
 * Regions that are made where addresses are physical look nothing up: these programs make that wrong, or come to where
 * it ends. Every test compares with the interpreter.
 */

const ramBytes = 1 << 20;
const ramBase = 0x8000_0000n;
const page = ramBase + 0x8_0000n;

/** Runs a program on both engines; gives how much of it was translated. */
function compare(lines: readonly string[], registers: Record<number, bigint>, prepare = (_: Machine) => {}): number {
  const pair = new Pair({ ramBytes }, { hotAfter: 5 }, (machine) => {
    place(machine, lines);
    for (const [register, value] of Object.entries(registers)) machine.harts[0].state.setX(Number(register), value);
    prepare(machine);
  });
  const { difference, end, instructions, translated } = pair.run(997, 200_000);
  expect(difference).toBeUndefined();
  expect(end).toBe('{"reason":"exit","code":0}');
  return translated / instructions;
}

/** s1 rounds of a load, a sum and a store near s0. */
const rounds = ["rounds:", "ld a0, 0(s0)", "add a1, a1, a0", "sd a1, 8(s0)", "addi s1, s1, -1", "bne s1, zero, rounds"];
/** Remembers the last trap in s8 (cause) and s9 (tval), how often in s10, and goes on behind the instruction. */
const handler = [
  "handler:",
  "csrrs s8, mcause, zero",
  "csrrs s9, mtval, zero",
  "addi s10, s10, 1",
  "csrrs t0, mepc, zero",
  "addi t0, t0, 4",
  "csrrw zero, mepc, t0",
  "mret",
];
const [s0, s1, s2, s3, s4, s5, s6, s7] = [8, 9, 18, 19, 20, 21, 22, 23];
const toHandler = ["auipc t0, 0", "addi t0, t0, 16", "csrrw zero, mtvec, t0", "jal zero, start", ...handler, "start:"];

describe("in flat memory", () => {
  test("loads and stores are translated", () => {
    expect(compare([...rounds, ...finish], { [s0]: page, [s1]: 5000n })).toBeGreaterThan(0.9);
  });

  test("a store to code changes what is executed", () => {
    // the loop makes the immediate of its own third instruction greater by one each round
    const lines = ["loop:", "lw a0, 0(s0)", "add a0, a0, s2", "addi a1, a1, 0", "sw a0, 0(s0)", "addi s1, s1, -1"];
    compare([...lines, "bne s1, zero, loop", ...finish], { [s0]: ramBase + 8n, [s1]: 500n, [s2]: 1n << 20n });
  });

  test("a page that held code, and was overwritten whole, is written at full speed again", () => {
    const lines = [
      "jalr ra, 0(s0)",
      "loop:",
      "sd zero, 0(s2)",
      "addi s2, s2, 8",
      "bltu s2, s3, loop",
      ...rounds,
      ...finish,
    ];
    const registers = { [s0]: page, [s1]: 5000n, [s2]: page, [s3]: page + 4096n };
    const share = compare(lines, registers, (machine) => {
      machine.memory.write(Number(page), new Uint8Array(new Uint32Array([0x0000_8067]).buffer)); // ret
    });
    expect(share).toBeGreaterThan(0.8);
  });

  test.each([
    ["a load beyond the end of RAM", "ld a0, 0(s2)", ramBase + BigInt(ramBytes), 5n],
    ["a load across the end of RAM", "ld a0, 0(s2)", ramBase + BigInt(ramBytes) - 4n, 5n],
    ["a store below RAM", "sd a0, 0(s2)", ramBase - 8n, 7n],
    ["a store far away", "sd a0, 0(s2)", page + (1n << 40n), 7n],
    ["an atomic sum at an odd address", "amoadd.d a0, a0, (s2)", page + 1n, 6n],
  ])("%s traps", (_, instruction, address, cause) => {
    const lines = [
      ...toHandler,
      // the same instruction, 50 times at a good address, then at the bad one
      "add s2, s0, zero",
      "loop:",
      instruction,
      "addi s1, s1, -1",
      "addi t1, s1, -1",
      "bne t1, zero, back",
      "add s2, s3, zero",
      "back:",
      "bne s1, zero, loop",
      "addi t2, zero, 1",
      "bne s10, t2, fail",
      "bne s8, s4, fail",
      ...finish,
      "fail:",
      "jal zero, fail",
    ];
    compare(lines, { [s0]: page, [s1]: 50n, [s3]: address, [s4]: cause });
  });

  test("misaligned loads and stores, in a page and across two, are as ever", () => {
    const lines = ["loop:", "ld a0, 0(s0)", "add a1, a1, a0", "sd a1, 3(s0)", "lh a2, 1(s0)", "addi s0, s0, 1"];
    const share = compare([...lines, "bltu s0, s2, loop", ...finish], { [s0]: page, [s2]: page + 9000n });
    expect(share).toBeGreaterThan(0.1);
  });

  test("code that goes on with MPRV, so that its data are translated, is made again for any memory", () => {
    // Sv39, a page of 1 GiB: what is at 3 GiB is RAM
    const root = page + 0x1000n;
    const lines = [
      "csrrw zero, satp, s4",
      "csrrw zero, pmpaddr0, s5",
      "csrrw zero, pmpcfg0, s6",
      "jal ra, rounds",
      "csrrs zero, mstatus, s2",
      "add s0, s3, zero",
      "add s1, s7, zero",
      "jal ra, rounds",
      "csrrc zero, mstatus, s2",
      ...finish,
      ...rounds,
      "jalr zero, 0(ra)",
    ];
    const registers = {
      [s0]: page,
      [s1]: 5000n,
      [s2]: (1n << 17n) | (1n << 11n),
      [s3]: page + (1n << 30n),
      [s4]: (8n << 60n) | (root >> 12n),
      [s5]: (1n << 54n) - 1n,
      [s6]: 0x1fn,
      [s7]: 20_000n,
    };
    const share = compare(lines, registers, ({ memory }) => {
      memory.store(Number(root) + 8 * 3, 8, ((ramBase >> 12n) << 10n) | 0xc7n);
    });
    expect(share).toBeGreaterThan(0.9);
  });

  test("a locked PMP entry that forbids writes holds at once", () => {
    const lines = [
      ...toHandler,
      ...rounds,
      "csrrw zero, pmpaddr0, s2",
      "csrrwi zero, pmpcfg0, 0",
      "csrrw zero, pmpcfg0, s3",
      "addi s1, zero, 2000",
      ...rounds.map((line) => line.replace("rounds", "again")),
      "addi t2, zero, 2000",
      "bne s10, t2, fail",
      ...finish,
      "fail:",
      "jal zero, fail",
    ];
    // NAPOT, one page, read only, locked
    const registers = { [s0]: page, [s1]: 500n, [s2]: (page >> 2n) | 0x1ffn, [s3]: 0x99n };
    compare(lines, registers);
  });
});

test("a machine that is made in place of another begins with pages that nobody has written", () => {
  const first = createMachine({ ramBytes });
  place(first, [...rounds, ...finish]);
  first.harts[0].state.setX(s0, page);
  first.harts[0].state.setX(s1, 10n);
  first.run();
  const next = createMachine({ ramBytes, replaces: first });
  expect(next.memory.isTouched(Number(page >> 12n))).toBe(false);
  expect(next.memory.load(Number(page) + 8, 8)).toBe(0n);
});
