import { describe, expect, test } from "vitest";
import { createMachine } from "../../src/machine/machine.ts";
import { assembleProgram } from "../debug/program.ts";

/** Turns on Sv39 with a root table at 0x80001000 in which 0x80000000 is a page of 1 GiB for S-mode; opens PMP. */
const source = `
  auipc t0, 1
  lui t3, 0x20000
  addi t3, t3, 0xcf
  sd t3, 16(t0)
  srli t0, t0, 12
  addi t1, zero, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrrw zero, satp, t0
  addi t1, zero, -1
  csrrw zero, pmpaddr0, t1
  csrrwi zero, pmpcfg0, 0x1f
here:
  addi a0, a0, 5
  jal zero, here
`;

/** A machine of 1 MiB whose hart is at `here`, in M-mode; 0x40000000 is mapped to 0x80004000, rw for U-mode. */
function machineAtHere() {
  const machine = createMachine({ ramBytes: 1 << 20 });
  const { elf, labels } = assembleProgram(source);
  machine.loadElf(elf);
  expect(machine.runTo(labels.get("here") as bigint)).toEqual({ reason: "reached", hart: 0 });
  const memory = machine.memory;
  memory.store(0x8000_1008, 8, 0x2000_0801n);
  memory.store(0x8000_2000, 8, 0x2000_0c01n);
  memory.store(0x8000_3000, 8, 0x2000_10d7n);
  return { machine, hart: machine.inspect(), here: labels.get("here") as bigint };
}

describe("an inspector", () => {
  test("reads and writes registers under all their names", () => {
    const { hart, here } = machineAtHere();
    expect([hart.pc, hart.register("pc"), hart.priv]).toEqual([here, here, 3]);
    hart.setRegister("a0", -1n);
    expect([hart.register("x10"), hart.register("a0"), hart.register("zero")]).toEqual([
      2n ** 64n - 1n,
      2n ** 64n - 1n,
      0n,
    ]);
    hart.setRegister("fa0", 0x3ff0_0000_0000_0000n);
    expect(hart.register("f10")).toBe(0x3ff0_0000_0000_0000n);
    hart.setRegister("x0", 5n);
    expect(hart.register("x0")).toBe(0n);
    hart.setRegister("pc", here + 4n);
    expect(hart.pc).toBe(here + 4n);
  });

  test("says which registers and CSRs there are when asked for another", () => {
    const { hart, machine } = machineAtHere();
    expect(() => hart.register("a8")).toThrow("no register is called a8: x0 to x31");
    expect(() => hart.setRegister("x32", 0n)).toThrow(RangeError);
    expect(() => hart.csr(0x5c0)).toThrow("this hart has no CSR 1472");
    expect(() => hart.csr("nothing" as "mstatus")).toThrow("no CSR is called nothing");
    expect(() => hart.setCsr("mhartid", 1n)).toThrow("cannot be written");
    expect(() => machine.inspect(1)).toThrow("there is no hart 1: 1 in all");
  });

  test("reads and writes CSRs, which make of a value what is legal", () => {
    const { hart } = machineAtHere();
    expect(hart.csr("satp") >> 60n).toBe(8n);
    hart.setCsr("mtvec", 0x8000_0003n);
    expect(hart.csr("mtvec")).not.toBe(0x8000_0003n);
    hart.setCsr("mscratch", -1n);
    expect(hart.csr(0x340)).toBe(2n ** 64n - 1n);
  });

  test("translates in the hart's own privilege, or another's", () => {
    const { hart } = machineAtHere();
    expect(hart.translate(0x4000_0123n)).toBe(undefined);
    expect(hart.translate(0x4000_0123n, "load", { priv: 0 })).toBe(0x8000_4123n);
    expect(hart.translate(0x4000_0123n, "load", { priv: 1 })).toBe(undefined);
    expect(hart.translate(0x4000_0123n, "fetch", { priv: 0 })).toBe(undefined);
    expect(hart.explain(0x4000_0123n, "fetch", { priv: 0 }).rule).toBe("notExecutable");
    expect(hart.translate(0x8000_0000n)).toBe(0x8000_0000n);
  });

  test("changes nothing by translating: no TLB entry, no counter, no A or D", () => {
    const { machine, hart } = machineAtHere();
    machine.memory.store(0x8000_3000, 8, 0x2000_1017n);
    hart.setCsr("menvcfg", 1n << 61n);
    const before = [hart.tlb, machine.memory.load(0x8000_3000, 8)];
    expect(hart.explain(0x4000_0000n, "store", { priv: 0 })).toMatchObject({ outcome: "translated", sets: "AD" });
    expect([hart.tlb, machine.memory.load(0x8000_3000, 8)]).toEqual(before);
  });

  test("reads and writes memory at virtual addresses, across pages, all or nothing", () => {
    const { machine, hart } = machineAtHere();
    machine.memory.store(0x8000_3008, 8, 0x2000_18d7n); // 0x40001000 is 0x80006000
    machine.memory.write(0x8000_4ffe, Uint8Array.of(1, 2));
    machine.memory.write(0x8000_6000, Uint8Array.of(3, 4));
    expect(hart.readVirtual(0x4000_0ffen, 4, "load", { priv: 0 })).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(() => hart.readVirtual(0x4000_1ffen, 4, "load", { priv: 0 })).toThrow("load of 0x40002000: V=0");
    hart.writeVirtual(0x8000_4ffen, Uint8Array.of(9, 9, 9));
    expect(machine.memory.read(0x8000_4ffe, 3)).toEqual(Uint8Array.of(9, 9, 9));
    expect(() => hart.writeVirtual(0x800f_ffffn, Uint8Array.of(1, 1))).toThrow(RangeError);
    expect(machine.memory.read(0x800f_ffff, 1)).toEqual(Uint8Array.of(0));
  });

  test("does not read devices, which reading could change", () => {
    const { hart } = machineAtHere();
    expect(() => hart.readVirtual(0x1000_0000n, 1)).toThrow("0x10000000 is not RAM");
  });

  test("sees a change of code that it writes", () => {
    const { machine, hart, here } = machineAtHere();
    machine.step(2);
    expect(hart.register("a0")).toBe(5n);
    hart.writeVirtual(here, Uint8Array.of(0x13, 0x05, 0x75, 0x00)); // addi a0, a0, 7
    machine.step(1);
    expect(hart.register("a0")).toBe(12n);
  });

  test("decodes the instruction at an address, and none where there is none", () => {
    const { hart, here } = machineAtHere();
    expect(hart.instructionAt(here)?.def.name).toBe("addi");
    expect(hart.instructionAt(0n)).toBeUndefined();
    expect(hart.instructionAt(0x4000_0000n, { priv: 0 })).toBeUndefined();
  });
});

describe("running to an address", () => {
  test("stops before its instruction, at once if it is there already, and goes on from there", () => {
    const { machine, hart, here } = machineAtHere();
    const begun = machine.instructions;
    expect(machine.runTo(here)).toEqual({ reason: "reached", hart: 0 });
    expect(machine.instructions).toBe(begun);
    expect(machine.runTo(here + 4n)).toEqual({ reason: "reached", hart: 0 });
    expect([hart.pc, hart.register("a0"), machine.instructions - begun]).toEqual([here + 4n, 5n, 1]);
    expect(machine.runTo(here)).toEqual({ reason: "reached", hart: 0 });
    expect(machine.instructions - begun).toBe(2);
  });

  test("ends with a limit if the address never comes, and leaves no watcher behind", () => {
    const { machine } = machineAtHere();
    expect(machine.runTo(0x1234n, { maxInstructions: 100 })).toEqual({ reason: "instructions" });
    expect(machine.harts[0].watcher).toBeUndefined();
  });

  test("stops at the same instruction count as counting does, with several harts", () => {
    const program = "addi t0, zero, 100\nloop:\naddi t0, t0, -1\nbne t0, zero, loop\nthere:\nwfi\njal zero, there";
    const { elf, labels } = assembleProgram(program);
    const machine = createMachine({ ramBytes: 1 << 20, harts: 2 });
    machine.loadElf(elf);
    expect(machine.runTo(labels.get("there") as bigint)).toEqual({ reason: "reached", hart: 0 });
    expect(machine.instructions).toBe(201);
  });
});
