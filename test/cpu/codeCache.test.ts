import { describe, expect, test } from "vitest";
import { assemble } from "../../src/isa/index.ts";
import { createMachine, type Machine, type MachineOptions } from "../../src/machine/machine.ts";
import { pageState } from "../../src/memory/physical.ts";

const base = 0x8000_0000;

/** A machine with a program at the start of its RAM. */
function machineWith(lines: readonly string[], options: MachineOptions = {}): Machine {
  const machine = createMachine({ ramBytes: 1 << 16, ...options });
  let at = base;
  for (const line of lines) {
    const { bits, length } = assemble(line);
    machine.memory.write(at, new Uint8Array([bits, bits >>> 8, bits >>> 16, bits >>> 24]).subarray(0, length));
    at += length;
  }
  return machine;
}

function runFrom(machine: Machine, pc: number, instructions: number): void {
  machine.harts[0].state.pc = BigInt(pc);
  machine.step(instructions);
}

test("overwriting an instruction leaves those before it whole, also when they share a handler", () => {
  // addi/4 addi/4 is a pair, so that each of these is fused with the next.
  const machine = machineWith([
    "addi a0, zero, 1",
    "addi a1, zero, 2",
    "addi a2, zero, 3",
    "addi a3, zero, 4",
    "addi a4, zero, 5",
  ]);
  const x = (n: number) => machine.harts[0].state.x(n);
  machine.harts[0].state.setX(1, 77n);
  runFrom(machine, base, 5);
  for (const overwritten of [16, 12, 8, 4]) {
    for (let n = 10; n < 15; n++) machine.harts[0].state.setX(n, 0n);
    machine.memory.store(base + overwritten, 4, BigInt(assemble("addi t0, t0, 1").bits));
    runFrom(machine, base, 5);
    expect(x(1), `ra after overwriting +${overwritten}`).toBe(77n);
    for (let n = 0; 4 * n < overwritten; n++) expect(x(10 + n), `a${n}`).toBe(BigInt(n + 1));
  }
});

test("overwriting half an instruction of a fused pair makes it the new instruction", () => {
  const lines = ["slli a0, a1, 3", "c.add a0, a2", "slli a0, a0, 4", "c.add a0, a2", "addi a3, a0, 0"];
  const machine = machineWith(lines);
  const { state } = machine.harts[0];
  for (const [register, value] of [
    [11, 5n],
    [12, 7n],
  ] as const) {
    state.setX(register, value);
  }
  runFrom(machine, base, 5);
  expect(state.x(13)).toBe((5n * 8n + 7n) * 16n + 7n);
  machine.memory.store(base + 8, 2, BigInt(assemble("slli a0, a0, 6").bits >>> 16));
  runFrom(machine, base, 5);
  expect(state.x(13)).toBe((5n * 8n + 7n) * 64n + 7n);
});

test("fence.i is counted and drops nothing: what is overwritten goes when it is overwritten", () => {
  const machine = machineWith(["addi a0, a0, 1", "fence.i", "addi a0, a0, 2", "fence.i", "addi a0, a0, 3"]);
  const [hart] = machine.harts;
  runFrom(machine, base, 5);
  expect(hart.codeFences).toBe(2);
  expect(machine.codeCounters).toEqual({ pages: 1, drops: 0, overwrites: 0, releases: 0 });
  machine.memory.store(base + 8, 4, BigInt(assemble("addi a0, a0, 20").bits));
  runFrom(machine, base, 5);
  expect(hart.state.x(10)).toBe(30n);
  expect(hart.codeFences).toBe(4);
  expect(machine.codeCounters).toEqual({ pages: 1, drops: 0, overwrites: 1, releases: 0 });
});

const page = base + 0x3000;
const pageIndex = 3;
const word = (line: string) => BigInt(assemble(line).bits);

/** Fills the page at a1 with what is in a2, 8 bytes at a time; calls the code of the page again and again. */
const filling = ["lui a3, 1", "add a3, a1, a3", "sd a2, 0(a1)", "addi a1, a1, 8", "bne a1, a3, pc-8"];
const calling = [`jal t0, pc+${page - base - 4 * filling.length}`, "addi a5, a5, 1", "jal x0, pc-8"];

/** Lets a hart fill the page with pairs of instructions. */
function fill({ harts }: Machine, first: string, second = "jalr x0, 0(t0)", id = 0): void {
  const hart = harts[id];
  hart.state.setX(11, BigInt(page));
  hart.state.setX(12, word(first) | (word(second) << 32n));
  hart.state.pc = BigInt(base);
  hart.run(2 + 3 * 512);
}

/** Lets a hart call the page's first instructions some times; what they have added to a0. */
function call({ harts }: Machine, times: number, id = 0): bigint {
  const hart = harts[id];
  hart.state.setX(10, 0n);
  hart.state.pc = BigInt(base + 4 * filling.length);
  hart.run(5 * times);
  return hart.state.x(10);
}

describe.each([
  ["interpreter", { engine: "interpreter" }],
  ["translator", { hotAfter: 1 }],
  ["translator that waits", { hotAfter: 20 }],
] as const)("a page that once was code (%s)", (_, options) => {
  const started = () => machineWith([...filling, ...calling], { ...options, harts: 2 });
  const isWatched = (machine: Machine) => (machine.memory.pageState[pageIndex] & pageState.watched) !== 0;

  test("is not watched once all of it was overwritten, and is again before it is code again", () => {
    const machine = started();
    for (let n = 1; n < 6; n++) {
      fill(machine, `addi a0, a0, ${n}`);
      expect(isWatched(machine)).toBe(false);
      expect(call(machine, 50)).toBe(50n * BigInt(n));
      expect(isWatched(machine)).toBe(true);
      expect(machine.codeCounters.releases).toBe(n - 1);
    }
  });

  test("stays watched while there is code that was not overwritten", () => {
    const machine = started();
    fill(machine, "addi a0, a0, 1");
    call(machine, 50);
    const zeros = new Uint8Array(8);
    for (let n = 0; n < 1000; n++) machine.memory.write(page + 2048, zeros);
    expect(isWatched(machine)).toBe(true);
    machine.memory.store(page, 4, word("addi a0, a0, 3"));
    expect(call(machine, 50)).toBe(150n);
  });

  test("is let go at once when a device fills it, and by words when its code is overwritten and others many times", () => {
    const machine = started();
    fill(machine, "addi a0, a0, 1");
    call(machine, 50);
    machine.memory.write(page, new Uint8Array(4096));
    expect(isWatched(machine)).toBe(false);
    machine.memory.store(page, 8, word("addi a0, a0, 7") | (word("jalr x0, 0(t0)") << 32n));
    expect(call(machine, 50)).toBe(350n);
    for (let n = 0; n < 200; n++) machine.memory.write(page + (n % 64), new Uint8Array(1));
    expect(isWatched(machine)).toBe(false);
    machine.memory.store(page, 8, word("addi a0, a0, 9") | (word("jalr x0, 0(t0)") << 32n));
    expect(call(machine, 50)).toBe(450n);
    machine.memory.store(page, 4, word("addi a0, a0, 2"));
    expect(call(machine, 50)).toBe(100n);
  });

  test("is watched again when the code that has overwritten all of it, and last itself, goes on there", () => {
    const machine = started();
    // 8 bytes, of which the page is full: it begins in the last of them, which writes them over all of the page
    const loop = ["c.sd a2, 0(a1)", "c.addi a1, 8", "bne a1, a3, pc-4"].map((line) => word(line));
    const bytes = loop[0] | (loop[1] << 16n) | (loop[2] << 32n);
    for (let at = 0; at < 4096; at += 8) machine.memory.store(page + at, 8, bytes);
    const [hart] = machine.harts;
    for (let times = 0; times < 3; times++) {
      for (const [register, value] of [
        [11, BigInt(page)],
        [12, bytes],
        [13, BigInt(page + 4096)],
      ] as const) {
        hart.state.setX(register, value);
      }
      hart.state.pc = BigInt(page + 4096 - 8);
      hart.run(3 * 512 - 1);
      expect(hart.state.x(11)).toBe(BigInt(page + 4096));
      expect(isWatched(machine)).toBe(true);
    }
    // translated code leaves off at other writes
    if (machine.translator === undefined) expect(machine.codeCounters.releases).toBe(3);
  });

  test("is watched again when another hart comes to it", () => {
    const machine = started();
    fill(machine, "addi a0, a0, 1");
    call(machine, 50);
    fill(machine, "addi a0, a0, 2");
    expect(call(machine, 50, 1)).toBe(100n);
    expect(isWatched(machine)).toBe(true);
    fill(machine, "addi a0, a0, 4");
    expect(call(machine, 50, 1)).toBe(200n);
    expect(call(machine, 50)).toBe(200n);
  });
});

describe.each(["interpreter", "translator"] as const)("%s: code on more pages than can be kept decoded", (engine) => {
  const pages = 4200;

  /** On each page a loop of ten additions, then on to the next one; from the last back to the first. */
  function machineOfPages(): Machine {
    const machine = createMachine({ ramBytes: (pages + 16) * 4096, engine });
    const code = ["addi t0, zero, 10", "addi a0, a0, 1", "addi t0, t0, -1", "bne t0, zero, pc-8", "jal zero, pc+4080"];
    const words = new Uint8Array(Int32Array.from(code, (line) => assemble(line).bits).buffer);
    const back = new Uint8Array(Int32Array.of(assemble("jalr zero, 0(s0)").bits).buffer);
    for (let page = 0; page < pages; page++) machine.memory.write(base + 4096 * page, words);
    machine.memory.write(base + 4096 * (pages - 1) + 16, back);
    machine.harts[0].state.setX(8, BigInt(base));
    return machine;
  }

  test("runs as all other code, and goes on to notice that it is overwritten", () => {
    const machine = machineOfPages();
    const { state } = machine.harts[0];
    const round = pages * 32;
    runFrom(machine, base, 2 * round);
    expect(state.pc).toBe(BigInt(base));
    expect(state.x(10)).toBe(BigInt(2 * 10 * pages));
    for (const page of [0, 100, pages - 2])
      machine.memory.store(base + 4096 * page + 4, 4, BigInt(assemble("addi a0, a0, 2").bits));
    machine.step(round);
    expect(state.pc).toBe(BigInt(base));
    expect(state.x(10)).toBe(BigInt(3 * 10 * pages + 3 * 10));
    expect(machine.codeCounters.drops).toBe(3);
  });
});

test("an instruction over two pages, also where the address has a carry, is what both halves are now", () => {
  const machine = createMachine({ ramBytes: 2 ** 31 + 8192 });
  const [hart] = machine.harts;
  for (const boundary of [base + 4096, 2 ** 32]) {
    const run = () => {
      hart.state.setX(10, 0n);
      hart.state.pc = BigInt(boundary - 4);
      hart.run(3);
      return hart.state.x(10);
    };
    machine.memory.store(boundary - 4, 2, word("c.addi a0, 1"));
    machine.memory.write(boundary - 2, new Uint8Array(new Uint32Array([Number(word("addi a0, a0, 100"))]).buffer));
    machine.memory.store(boundary + 2, 2, word("c.addi a0, 2"));
    for (let n = 0; n < 3; n++) expect(run()).toBe(103n);
    machine.memory.store(boundary, 2, word("addi a0, a0, 200") >> 16n);
    for (let n = 0; n < 3; n++) expect(run()).toBe(203n);
    machine.memory.store(boundary - 2, 2, word("addi a5, a0, 200") & 0xffffn);
    expect(run()).toBe(3n);
  }
});
