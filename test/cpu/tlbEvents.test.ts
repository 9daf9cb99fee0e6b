import { expect, test } from "vitest";
import { hpmEvents } from "../../src/cpu/csr/counter.ts";
import { csrNumbers } from "../../src/isa/csrNames.ts";
import { createMachine } from "../../src/machine/machine.ts";

test("mhpmcounter3 counts the TLB misses of loads, when its event says so", () => {
  const machine = createMachine({ ramBytes: 1 << 20 });
  const { csrs, mmu } = machine.harts[0];
  const value = () => csrs.peek(csrNumbers.mhpmcounter3);
  csrs.poke(csrNumbers.mhpmevent3, BigInt(hpmEvents.loadTlbMiss));
  expect(csrs.peek(csrNumbers.mhpmevent3)).toBe(BigInt(hpmEvents.loadTlbMiss));
  const root = 0x8000_4000;
  machine.memory.store(root + 8 * 2, 8, (0x80000n << 10n) | 0xcfn); // 1 GiB at 0x80000000, rwx, A and D
  csrs.poke(csrNumbers.satp, (8n << 60n) | BigInt(root / 4096));
  mmu.setRegime({
    priv: 1,
    dataPriv: 1,
    satp: { mode: 8, asid: 0, rootPpn: root / 4096 },
    sum: false,
    mxr: false,
    adue: false,
    pbmte: false,
  });
  mmu.pmp.writeAddress(0, (1n << 54n) - 1n);
  mmu.pmp.writeConfig(0, 0x1fn);
  const before = value();
  expect(mmu.translate(0x8000_0000 | 0, 0, 0, 8)).toBe(0);
  expect(mmu.translate(0x8000_0000 | 0, 0, 1, 8)).toBe(0);
  expect(value()).toBe(before! + 1n);
});
