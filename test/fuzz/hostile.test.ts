import { expect, test } from "vitest";
import { assemble } from "../../src/isa/index.ts";
import { createMachine, type Machine, type RunEnd } from "../../src/machine/machine.ts";
import { Assembly } from "./assembly.ts";
import { Random } from "./random.ts";
import { putInteger } from "./values.ts";

/** Accesses and instructions of each test; `HOSTILE_ACCESSES=100000000` for the long run. */
const accesses = Number(process.env.HOSTILE_ACCESSES ?? 100_000);
const timeout = 60_000 + accesses / 50;

const ram = 0x8000_0000;
const ramBytes = 1 << 20;
const handlerAt = ram + 0x800;
const codeAt = ram + 0x1000;
const tableAt = ram + 0x8000;
/** What the guest's loop of accesses is told of each: an address, a value, which instruction. */
const entryBytes = 24;
const entries = 4096;

const operations = ["sb", "sh", "sw", "sd", "lb", "lhu", "lw", "ld", "amoadd.w", "amoswap.d", "lr.w", "sc.d"];

/** The guest: executes the accesses of the table one after the other; a trap goes on with the next one. */
function accessLoop(): { readonly bytes: Uint8Array; readonly spin: number } {
  const code = new Assembly(codeAt);
  code.add("jal zero, @start");
  // the handler: behind the instruction, which is always one of 4 bytes
  code.add("handler:\ncsrrs t0, mepc, zero\naddi t0, t0, 4\ncsrrw zero, mepc, t0\nmret");
  code.label("start");
  code.address32("t0", code.address("handler"));
  code.add("csrrw zero, mtvec, t0");
  code.address32("s0", tableAt);
  code.address32("s1", tableAt + entries * entryBytes);
  code.label("operations");
  const first = code.address("operations");
  code.add("next:\nbeq s0, s1, @done\nld a0, 0(s0)\nld a1, 8(s0)\nld t1, 16(s0)\naddi s0, s0, 24");
  code.address32("t2", first + 4 * 10);
  code.add("add t2, t2, t1\njalr zero, 0(t2)\nnop0:");
  code.add("addi zero, zero, 0");
  for (const name of operations) {
    const text = name.startsWith("lr")
      ? `${name} a2, (a0)`
      : /^(amo|sc)/.test(name)
        ? `${name} a2, a1, (a0)`
        : `${name} a${name[0] === "s" ? 1 : 2}, 0(a0)`;
    code.add(`${text}\njal zero, @next`);
  }
  code.add("done:\nebreak\nspin:\njal zero, @spin");
  return { bytes: code.bytes(), spin: code.address("spin") };
}

/** Fills the table with accesses to devices: near each of their registers, at their ends, anywhere. */
function fillTable(machine: Machine, random: Random): void {
  const { view, mappings } = machine.memory;
  const at = machine.memory.hostOf(tableAt);
  const value = new Uint32Array(2);
  for (let n = 0; n < entries; n++) {
    const { base, device } = random.pick(mappings);
    const near = random.chance(70) ? random.below(Math.min(device.size, 0x400)) : random.below(device.size + 16) - 8;
    const address = random.chance(97) ? base + (random.chance(80) ? near & ~7 : near) : random.word() >>> 0;
    // Its own code and table are no device: anywhere else in RAM will do.
    const isOwn = address >= ram - 8 && address < tableAt + entries * entryBytes;
    putInteger(value, 0, random);
    view.setBigUint64(at + n * entryBytes, BigInt(isOwn ? ram + 0x8_0000 : address), true);
    view.setUint32(at + n * entryBytes + 8, random.chance(30) ? value[0] & 0xff : value[0], true);
    view.setUint32(at + n * entryBytes + 12, value[1], true);
    view.setBigUint64(at + n * entryBytes + 16, BigInt(8 * random.below(operations.length)), true);
  }
}

/** Puts a hart back into M-mode at an address, whatever the guest has done to it. */
function restart(machine: Machine, pc: number, id = 0): void {
  const hart = machine.harts[id];
  hart.state.reset(BigInt(pc));
  hart.state.effects.contextChanged();
  hart.waiting = false;
  hart.stuck = false;
}

/** The longest that one call may take: a hang would be far longer. */
const longestMs = 10_000;

function runBriefly(machine: Machine, instructions: number): RunEnd {
  const start = performance.now();
  const end = machine.run({ maxInstructions: instructions, timeoutMs: longestMs / 2 });
  expect(performance.now() - start).toBeLessThan(longestMs);
  return end;
}

/** Runs the loop of accesses to its end: what it writes to the finisher ends runs on the way. */
function runTable(machine: Machine): void {
  const end = BigInt(tableAt + entries * entryBytes);
  for (let runs = 0; machine.harts[0].state.x(8) !== end; runs++) {
    const { reason } = runBriefly(machine, entries * 100);
    expect(["exit", "reset", "instructions"]).toContain(reason);
    expect(runs).toBeLessThan(entries);
  }
}

test("a guest that reads and writes random bytes at every device register harms nobody", { timeout }, () => {
  let printed = 0;
  const machine = createMachine({
    ramBytes,
    harts: 2,
    onOutput: (bytes) => {
      printed += bytes.length;
    },
  });
  const host = machine.memory.memory.buffer.byteLength;
  const heap = process.memoryUsage().heapUsed;
  const loop = accessLoop();
  const random = new Random(1);
  let done = 0;
  for (; done < accesses; done += entries) {
    machine.memory.write(codeAt, loop.bytes);
    fillTable(machine, random);
    restart(machine, codeAt);
    restart(machine, loop.spin, 1);
    runTable(machine);
  }
  expect(done).toBeGreaterThanOrEqual(accesses);
  expect(machine.memory.memory.buffer.byteLength).toBe(host);
  expect(printed).toBeLessThanOrEqual(done);
  // Garbage that is not yet collected, but not a leak of a few bytes an access.
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(300 << 20);
});

/** Instructions that access a CSR, without operands. */
const csrWords = ["csrrw a0, 0, a1", "csrrs a0, 0, a1", "csrrc a0, 0, a1", "csrrwi a0, 0, 7", "csrrsi a0, 0, 7"].map(
  (text) => assemble(text).bits & 0x707f,
);

/** The guest of the CSRs: runs code at `codeAt`; an exception goes on with the next instruction, an interrupt
 * disables interrupts, an ebreak ends the run. */
function csrHandler(): { readonly bytes: Uint8Array } {
  const code = new Assembly(handlerAt);
  code.add("csrrs x30, mcause, zero\nblt x30, zero, @interrupt\naddi x30, x30, -3\nbeq x30, zero, @done");
  code.add("csrrs x30, mepc, zero\naddi x30, x30, 4\ncsrrw zero, mepc, x30\nmret");
  code.add("interrupt:\ncsrrw zero, mie, zero\nmret");
  code.add("done:\nlui x30, 0x100\nlui x29, 0x5\naddi x29, x29, 0x555\nsw x29, 0(x30)\nspin:\njal zero, @spin");
  return { bytes: code.bytes() };
}

/** A register that the code may use: x29 to x31 are the handler's. */
const freeRegister = (random: Random) => random.below(29);

const [mtvec, firstPmp, lastPmp] = [0x305, 0x3a0, 0x3ef];

/** Random CSR instructions; behind a write to mtvec one that puts it right; behind all an ebreak. */
function csrCode(random: Random, length: number): Uint32Array {
  const code = new Uint32Array(length);
  // locked entries of PMP may end a run early
  const hasPmp = random.chance(10);
  for (let n = 0; n < length - 2; n++) {
    let csr = random.chance(50)
      ? random.below(4096)
      : random.pick([0x300, 0x180, 0x304, 0x344, 0x30a, firstPmp, 0x3b0]);
    if (csr >= firstPmp && csr <= lastPmp && !hasPmp) csr = random.below(firstPmp);
    const rs1 = random.chance(10) ? 31 : freeRegister(random);
    code[n] = random.pick(csrWords) | (freeRegister(random) << 7) | (rs1 << 15) | (csr << 20);
    if (csr === mtvec) code[++n] = assemble("csrrw zero, mtvec, x31").bits;
  }
  code[length - 2] = assemble("csrrw zero, mtvec, x31").bits;
  code[length - 1] = assemble("ebreak").bits;
  return code;
}

test("a guest that writes random values to every CSR harms nobody", { timeout }, () => {
  const machine = createMachine({ ramBytes });
  const [hart] = machine.harts;
  const random = new Random(2);
  const value = new Uint32Array(2);
  const perRun = 512;
  machine.memory.write(handlerAt, csrHandler().bytes);
  let executed = 0;
  for (let runs = 0; executed < accesses; runs++) {
    // the same code a few times, with other values
    if (runs % 8 === 0) machine.memory.write(codeAt, new Uint8Array(csrCode(random, perRun).buffer));
    restart(machine, codeAt);
    hart.csrs.poke(mtvec, BigInt(handlerAt));
    for (let n = 1; n < 32; n++) {
      putInteger(value, 0, random);
      hart.state.setX(n, (BigInt(value[1]) << 32n) | BigInt(value[0]));
    }
    hart.state.setX(31, BigInt(handlerAt));
    if (runBriefly(machine, perRun * 10).reason === "exit") executed += perRun - 1;
    expect(runs).toBeLessThan(accesses);
  }
  // each CSR instruction has either retired or trapped
  expect(hart.retired + hart.exceptions[2]).toBeGreaterThan(executed);
});

test("random code from random places harms nobody", { timeout }, () => {
  const machine = createMachine({ ramBytes });
  const [hart] = machine.harts;
  const random = new Random(3);
  const host = machine.memory.memory.buffer.byteLength;
  const opcodes = [
    0x03, 0x07, 0x0f, 0x13, 0x17, 0x1b, 0x23, 0x27, 0x2f, 0x33, 0x37, 0x3b, 0x43, 0x53, 0x63, 0x67, 0x6f, 0x73,
  ];
  for (let done = 0; done < accesses; done += 4000) {
    const code = new Uint32Array(4096);
    for (let n = 0; n < code.length; n++) {
      code[n] = random.chance(70) ? (random.word() & ~0x7f) | random.pick(opcodes) : random.word();
    }
    machine.memory.write(ram + 4 * random.below(0x3_0000), new Uint8Array(code.buffer));
    restart(machine, random.chance(90) ? ram + 2 * random.below(ramBytes / 2) : random.word() >>> 0);
    hart.csrs.poke(0x305, BigInt(ram + 4 * random.below(ramBytes / 4)));
    hart.csrs.poke(0x105, BigInt(ram + 4 * random.below(ramBytes / 4)));
    for (let n = 1; n < 32; n++) hart.state.setX(n, BigInt(ram + random.below(ramBytes)));
    runBriefly(machine, 4000);
  }
  expect(machine.memory.memory.buffer.byteLength).toBe(host);
});
