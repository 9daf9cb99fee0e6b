import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Monitor } from "../../src/cli/boot/monitor.ts";
import { createMachine } from "../../src/machine/machine.ts";

/** The teaching kernel, when a hart has come to a privilege with its tables in force. */
function kernelIn(priv: 0 | 1) {
  const machine = createMachine({ ramBytes: 16 << 20 });
  machine.loadElf(readFileSync("firmware/demos/kernel/kernel.elf"), "kernel.elf");
  machine.run({ maxInstructions: 300_000 });
  const { state } = machine.harts[0];
  for (let n = 0; state.priv !== priv && n < 1_000_000; n++) machine.step(1);
  expect(state.priv).toBe(priv);
  return new Monitor(machine);
}

const privileges = [
  { priv: 0, of: "a program" },
  { priv: 1, of: "the kernel" },
] as const;
test.each(privileges)("x shows the kernel's memory and the program's, also where $of may not read it", ({ priv }) => {
  const monitor = kernelIn(priv);
  expect(monitor.command("x/1i 0x80000000")).toEqual(["0x0000000080000000: csrrs t0, mhartid, zero"]);
  expect(monitor.command("x/1xg 0x40000000")).toEqual([expect.stringMatching(/^0x0000000040000000: 0x[0-9a-f]{16}$/)]);
  // what nobody can read says why the hart itself cannot
  expect(monitor.command("x/1xg 0x66660000")).toEqual([expect.stringContaining("V=0: the entry is not valid")]);
});
