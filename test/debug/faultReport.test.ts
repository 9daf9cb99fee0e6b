import { describe, expect, test } from "vitest";
import { explainFaults } from "../../src/debug/faultReport.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { assembleProgram } from "./program.ts";

/** Sv39 with 0x80000000 as a page of 1 GiB, and PMP open; then `body` in M-mode. Tables are at 0x80001000. */
const paged = (body: string, leaf = 0xcf) => `
  auipc t0, 1
  lui t3, 0x20000
  addi t3, t3, ${leaf}
  sd t3, 16(t0)
  srli t0, t0, 12
  addi t1, zero, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrrw zero, satp, t0
  addi t1, zero, -1
  csrrw zero, pmpaddr0, t1
  csrrwi zero, pmpcfg0, 0x1f
  lui a0, 0x40000
  ${body}
`;

/** mstatus.MPRV and MPP = S. */
const asSupervisor = `
  lui t1, 0x21
  addi t1, t1, -2048
  csrrs zero, mstatus, t1
`;

function faultsOf(source: string, count: number): string[][] {
  const machine = createMachine({ ramBytes: 1 << 20 });
  machine.loadElf(assembleProgram(source).elf);
  const faults: string[][] = [];
  explainFaults(
    machine.harts,
    () => machine.symbols,
    (lines) => faults.push([...lines]),
  );
  machine.run({ maxInstructions: count });
  return faults;
}

describe("the report of a page fault", () => {
  test("under MPRV explains the access in the privilege that it had, not the handler's", () => {
    expect(faultsOf(paged(`${asSupervisor}\nfaulty:\nld a1, 16(a0)`), 17)).toEqual([
      [
        "hart 0: load page fault at 0x40000010: ld a1, 16(a0) at 0x80000040 <faulty>, in M-mode (as S: MPRV)",
        "  load of 0x0000000040000010 in S-mode, Sv39, asid 0, SUM=0 MXR=0, root table at 0x80001000",
        "    level 2: pte[1] at 0x80001008 = 0x0000000000000000 -------- bad",
        "    load page fault, cause 13 (step 3): V=0: the entry is not valid",
      ],
    ]);
  });

  test("of a fetch names the address that could not be fetched", () => {
    const body = `${asSupervisor}\ncsrrw zero, mepc, a0\nlui t1, 0x20\ncsrrc zero, mstatus, t1\nmret`;
    expect(faultsOf(paged(body), 21)).toEqual([
      [
        "hart 0: instruction page fault at 0x40000000: fetching 0x40000000, in S-mode",
        expect.stringContaining("fetch of 0x0000000040000000 in S-mode"),
        expect.stringContaining("level 2"),
        expect.stringContaining("cause 12"),
      ],
    ]);
  });

  test("tells which byte failed where an access crosses pages", () => {
    const [[title]] = faultsOf(paged(`${asSupervisor}\nsd a1, -4(a0)`), 17);
    expect(title).toContain("store page fault at 0x3ffffffc: sd a1, -4(a0)");
  });

  test("is not made for other traps", () => {
    expect(faultsOf("ecall", 1)).toEqual([]);
    expect(faultsOf("ld a0, 0(zero)", 1)).toEqual([]);
  });

  test("is made before the handler changes the tables, and whoever heard of traps before still does", () => {
    const machine = createMachine({ ramBytes: 1 << 20 });
    machine.loadElf(assembleProgram(paged(`${asSupervisor}\nld a1, 0(a0)`)).elf);
    const heard: string[] = [];
    machine.harts[0].onTrap = ({ cause }) => {
      heard.push(`cause ${cause}`);
    };
    explainFaults(
      machine.harts,
      () => undefined,
      ([title]) => heard.push(title),
    );
    machine.run({ maxInstructions: 17 });
    expect(heard).toEqual(["cause 13", expect.stringContaining("ld a1, 0(a0) at 0x80000040, in M-mode")]);
  });
});
