import { describe, expect, test } from "vitest";
import { slot } from "../../src/cpu/csr/slots.ts";
import { hartLayout } from "../../src/cpu/layout.ts";
import type { Privilege } from "../../src/cpu/state.ts";
import { assemble } from "../../src/isa/assemble.ts";
import { type CsrName, csrNumbers } from "../../src/isa/csrNames.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import { place } from "../machine/assembled.ts";

/**
 * The hot path of traps in generated code against the TypeScript that it stands in for: the same random programs of system
 * instructions from the same random states, on a machine as it is and on one that leaves them all to TypeScript.
 */

/** xorshift32: the same programs every time. */
function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const code = 0x8000_0000;
const instructions = 48;
const root = 0x8000_1000;
const data = 0x8000_4000;
/** Where U-mode sees what others see 1 GiB above. */
const userOffset = -0x4000_0000;

const csrs: readonly CsrName[] = [
  ...(["sstatus", "mstatus", "stvec", "mtvec", "sscratch", "mscratch", "sepc", "mepc", "scause", "mcause"] as const),
  ...([
    "stval",
    "mtval",
    "satp",
    "medeleg",
    "mideleg",
    "mie",
    "sie",
    "mip",
    "sip",
    "time",
    "cycle",
    "mhartid",
  ] as const),
  ...(["minstret", "fcsr", "menvcfg", "senvcfg", "scounteren"] as const),
];
const pick = <T>(random: () => number, from: readonly T[]): T => from[random() % from.length];
const anyCode = (random: () => number) =>
  BigInt(code + (random() % 4 === 0 ? userOffset : 0) + 4 * (random() % instructions));
const wide = (random: () => number) => (BigInt(random()) << 32n) | BigInt(random());

/** satp: Bare, Sv39 in one of six address spaces, and now and then a mode that there is not. */
function anySatp(random: () => number): bigint {
  const kind = random() % 10;
  if (kind === 0) return 0n;
  return (kind === 1 ? 5n << 60n : 8n << 60n) | (BigInt(random() % 6) << 44n) | BigInt(root / 4096);
}

/** Fields of mstatus, alone and together. */
const statusFields = [1, 3, 5, 7, 8, 11, 12, 13, 17, 18, 19, 20, 22].map((bit) => 1n << BigInt(bit));
const anyStatus = (random: () => number) =>
  pick(random, statusFields) | pick(random, statusFields) | pick(random, [0n, ...statusFields]);

function anyValue(random: () => number): bigint {
  const kinds = [
    () => anyCode(random),
    () => anyCode(random),
    () => anySatp(random),
    () => BigInt(data + (random() % 512) * 8),
    () => 1n << BigInt(random() % 64),
    () => wide(random),
    () => anyStatus(random),
    () => anyStatus(random),
    () => BigInt(random() % 4096),
  ];
  return pick(random, kinds)();
}

const atomics = [
  ...["lr.w x9, (x8)", "lr.d x10, (x8)", "sc.w x11, x12, (x8)", "sc.d x11, x9, (x8)", "sc.d x0, x9, (x8)"],
  ...["cbo.zero (x8)", "cbo.zero (x10)", "lr.d x9, (x10)", "addi x8, x8, 2", "andi x8, x8, -8"],
];

/** The register whose value suits a CSR: x13 and x14 hold addresses of code, x15 a value of satp, x12 fields of mstatus. */
function suiting(random: () => number, csr: CsrName): number {
  if (random() % 16 === 0) return 8 + (random() % 8);
  if (/^.(tvec|epc)$/.test(csr)) return 13 + (random() % 2);
  if (csr === "satp") return 15;
  return /status$/.test(csr) ? 12 : 9 + (random() % 4);
}

function anyCsrInstruction(random: () => number): string {
  const csr = pick(random, random() % 2 === 0 ? csrs.slice(0, 4) : csrs);
  const rd = `x${random() % 4 === 0 ? 0 : 9 + (random() % 3)}`;
  const kind = random() % 10;
  if (kind < 3) return `${pick(random, ["csrrs", "csrrc"])} ${rd}, ${csr}, x0`;
  if (kind < 8) return `${pick(random, ["csrrw", "csrrs", "csrrc"])} ${rd}, ${csr}, x${suiting(random, csr)}`;
  return `${pick(random, /tvec|epc|satp/.test(csr) ? ["csrrsi"] : ["csrrwi", "csrrsi", "csrrci"])} ${rd}, ${csr}, ${random() % 32}`;
}

function anyInstruction(random: () => number): string {
  const kind = random() % 20;
  if (kind < 9) return anyCsrInstruction(random);
  if (kind < 13) return pick(random, atomics);
  if (kind < 18) return ["ecall", "mret", "sret", "ld x9, 0(x8)", "sd x9, 0(x8)"][kind - 13];
  if (kind === 18)
    return pick(random, ["sfence.vma zero, zero", "sfence.vma x8, zero", "wfi", "ebreak", "lw x10, 2(x8)"]);
  return `addi x${9 + (random() % 4)}, x${9 + (random() % 4)}, ${random() % 64}`;
}

/** A machine that is made for random states: everything open to PMP, two views of RAM in one page table. */
function prepared(inTypeScript: boolean): Machine {
  const machine = createMachine({ ramBytes: 1 << 20 });
  const [hart] = machine.harts;
  hart.watchesInstructions = inTypeScript;
  hart.csrs.poke(csrNumbers.pmpaddr0, (1n << 54n) - 1n);
  hart.csrs.poke(csrNumbers.pmpcfg0, 0x1fn);
  const leaf = BigInt(code / 4) | 0xcfn;
  machine.memory.store(root + 16, 8, leaf);
  machine.memory.store(root + 8, 8, leaf | 0x10n);
  return machine;
}

/** The bits of a random program. */
function anyProgram(seed: number): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: instructions }, () => assemble(anyInstruction(random), {}).bits >>> 0);
}

/** Gives a hart a random state and a program. */
function start(machine: Machine, seed: number, program: readonly number[]): void {
  const random = randomFrom(seed);
  const [hart] = machine.harts;
  const { state } = hart;
  program.forEach((bits, n) => {
    machine.memory.store(code + 4 * n, 4, BigInt(bits));
  });
  for (let n = 0; n < 16; n++) machine.memory.store(data + 8 * n, 8, wide(random));
  for (const name of csrs) if (name !== "satp") hart.csrs.poke(csrNumbers[name], anyValue(random));
  for (const name of ["mtvec", "stvec", "mepc", "sepc"] as const)
    hart.csrs.poke(csrNumbers[name], anyCode(random) | BigInt(random() % 2));
  if (random() % 4 > 1) hart.csrs.poke(csrNumbers.mie, 0n);
  hart.csrs.poke(csrNumbers.satp, anySatp(random));
  if (random() % 2 === 0) hart.csrs.poke(csrNumbers.mstatus, anyStatus(random));
  for (const name of ["menvcfg", "senvcfg"] as const) {
    if (random() % 2 === 0) hart.csrs.poke(csrNumbers[name], 0xf1n);
  }
  for (let n = 8; n < 16; n++) state.setX(n, anyValue(random));
  state.setX(8, BigInt(data + (random() % 2) * userOffset));
  state.setX(12, anyStatus(random));
  state.setX(13, anyCode(random));
  state.setX(14, anyCode(random) | BigInt(random() % 4));
  state.setX(15, anySatp(random));
  state.priv = pick<Privilege>(random, [0, 1, 1, 3]);
  state.pc = BigInt(code + (state.priv === 0 && hart.csrs.peek(csrNumbers.satp) !== 0n ? userOffset : 0));
  hart.waiting = false;
  hart.chooseContexts();
}

/** Everything about a hart that both must agree on. */
function seen({ harts: [hart], memory }: Machine) {
  const { state, mmu } = hart;
  const words = Object.entries(slot).map(([name, at]) => `${name} ${state.csr[at].toString(16)}`);
  return {
    pc: state.pc.toString(16),
    x: Array.from({ length: 32 }, (_, n) => state.x(n).toString(16)),
    words,
    cycles: [hart.cycles, hart.idleCycles, hart.retired, hart.waiting, hart.stuck],
    traps: [hart.exceptions, hart.interrupts, hart.lastTrap, hart.firstOfRow],
    tlb: [mmu.tlb.counters.misses, mmu.tlb.counters.fences, mmu.tlb.counters.pageFaults],
    reservation: memory.view.getFloat64(state.base + hartLayout.reservation, true),
    data: Buffer.from(memory.read(data, 0x1000)).toString("hex"),
  };
}

/** Has every choice of contexts that generated code made compared with the MMU's own, when that hears of it. */
function checkContexts({ harts: [hart], memory }: Machine): () => number {
  let choices = 0;
  const word = (offset: number) => memory.view.getInt32(hart.state.base + offset, true);
  const inForce = () => [word(hartLayout.fetchContext), word(hartLayout.dataContext)];
  const catchUp = hart.catchUp.bind(hart);
  hart.catchUp = () => {
    if (word(hartLayout.contextNews) === 0) return;
    const chosen = inForce();
    catchUp();
    choices++;
    expect(inForce(), `privilege ${hart.state.priv}, mstatus ${hart.state.csr[slot.mstatus]}`).toEqual(chosen);
  };
  return () => choices;
}

describe("system instructions in generated code", () => {
  test("do to random states what TypeScript does", () => {
    const machines = [prepared(false), prepared(true)] as const;
    const choices = checkContexts(machines[0]);
    const exceptions = machines.map(
      ({ harts: [hart] }) =>
        () =>
          hart.exceptions.reduce((sum, n) => sum + n, 0),
    );
    for (let seed = 1; seed <= 250; seed++) {
      const program = anyProgram(seed * 7919);
      for (const machine of machines) start(machine, seed * 104729, program);
      const random = randomFrom(seed);
      for (let chunk = 0; chunk < 3; chunk++) {
        const line = [1, 3, 5, 7, 9, 11][random() % 12];
        const level = random() % 2 === 0;
        const maxInstructions = 1 + (random() % 40);
        const ends = machines.map((machine) => {
          if (line !== undefined && line !== 5) machine.harts[0].state.setLine(line, level);
          return machine.run({ maxInstructions });
        });
        expect(ends[0], `seed ${seed}`).toEqual(ends[1]);
        expect(seen(machines[0]), `seed ${seed}, chunk ${chunk}`).toEqual(seen(machines[1]));
      }
    }
    expect(exceptions[0]()).toBe(exceptions[1]());
    expect(choices()).toBeGreaterThan(300);
  });

  /** The cause of the last trap after a program in S- or U-mode under Sv39, in a hart whose fast TLB knows its data. */
  function causeAfter(
    priv: 0 | 1,
    lines: readonly string[],
    csrs: Partial<Record<CsrName, bigint>>,
  ): number | undefined {
    const machine = prepared(false);
    const [hart] = machine.harts;
    const offset = priv === 0 ? userOffset : 0;
    const satp = (8n << 60n) | BigInt(root / 4096);
    for (const [name, value] of Object.entries({ ...csrs, satp })) hart.csrs.poke(csrNumbers[name as CsrName], value);
    place(machine, ["sd x9, 0(x8)", ...lines]);
    hart.state.priv = priv;
    hart.state.pc = BigInt(code + offset);
    hart.state.setX(8, BigInt(data + offset));
    hart.state.setX(15, satp);
    hart.chooseContexts();
    machine.run({ maxInstructions: 1 + lines.length });
    return hart.lastTrap?.cause;
  }

  test("keep satp from S-mode under TVM, and cbo.zero from a privilege to which it is not open", () => {
    expect(causeAfter(1, ["csrrw x9, satp, x15"], {})).toBe(undefined);
    expect(causeAfter(1, ["csrrw x9, satp, x15"], { mstatus: 1n << 20n })).toBe(2);
    expect(causeAfter(1, ["csrrs x9, satp, zero"], { mstatus: 1n << 20n })).toBe(2);
    expect(causeAfter(1, ["cbo.zero (x8)"], {})).toBe(2);
    expect(causeAfter(1, ["cbo.zero (x8)"], { menvcfg: 0xf1n })).toBe(undefined);
    expect(causeAfter(0, ["cbo.zero (x8)"], { menvcfg: 0xf1n })).toBe(2);
    expect(causeAfter(0, ["cbo.zero (x8)"], { senvcfg: 0xf1n })).toBe(2);
    expect(causeAfter(0, ["cbo.zero (x8)"], { menvcfg: 0xf1n, senvcfg: 0xf1n })).toBe(undefined);
  });

  test("see a hart that is stuck at the same instruction", () => {
    const ends = [false, true].map((inTypeScript) => {
      const machine = prepared(inTypeScript);
      place(machine, ["csrrw zero, mtvec, a0", "addi a1, zero, 1", "ecall", "ecall"]);
      machine.harts[0].state.setX(10, BigInt(code + 12));
      return [machine.run({ maxInstructions: 1_000_000 }), seen(machine)];
    });
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0][0]).toEqual({ reason: "stuck", hart: 0 });
  });

  test("are told to whoever listens to traps, from the moment they listen to the moment they stop", () => {
    const machine = prepared(false);
    place(machine, ["csrrw zero, mtvec, a0", "addi a1, zero, 1", "ecall", "addi a1, a1, 1", "jal zero, 0x80000008"]);
    const [hart] = machine.harts;
    hart.state.setX(10, BigInt(code + 12));
    const heard: bigint[] = [];
    const listen = () => {
      hart.onTrap = ({ pc }) => heard.push(pc);
    };
    machine.run({ maxInstructions: 300 });
    expect(heard).toEqual([]);
    expect(hart.lastTrap?.pc).toBe(BigInt(code + 8));
    listen();
    machine.run({ maxInstructions: 300 });
    expect(heard).toEqual(new Array(100).fill(BigInt(code + 8)));
    hart.onTrap = undefined;
    machine.run({ maxInstructions: 300 });
    expect(heard.length).toBe(100);
    expect(hart.exceptions[11]).toBe(300);
  });
});
