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

test("x writes units of each size as QEMU's monitor does: hexadecimal, signed, unsigned, octal, characters, a string", () => {
  const machine = createMachine({ ramBytes: 1 << 20 });
  const monitor = new Monitor(machine);
  machine.memory.write(0x8000_0000, new TextEncoder().encode("Pages\n\0"));
  machine.memory.write(0x8000_0010, new Uint8Array([0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0x80, 8, 7, 6, 5, 4, 3, 2, 1]));
  const said = (command: string) => monitor.command(command) as readonly string[];
  const shown = (format: string, at = 0x10) =>
    said(`x/${format} 0x800000${at.toString(16).padStart(2, "0")}`).map((line) => line.slice(20));
  expect(shown("2xg")).toEqual(["0x80000001fffffffe 0x0102030405060708"]);
  expect(shown("2dw")).toEqual(["-2 -2147483647"]);
  expect(shown("2uw")).toEqual(["4294967294 2147483649"]);
  expect(shown("3oh")).toEqual(["0177776 0177777 01"]);
  expect(shown("2db")).toEqual(["-2 -1"]);
  expect(shown("6c", 0)).toEqual(["'P' 'a' 'g' 'e' 's' \\xa"]);
  expect(shown("s", 0)).toEqual(['"Pages\\n"']);
  expect(shown("5x")).toEqual(["0xfffffffe 0x80000001 0x05060708 0x01020304", "0x00000000"]);
  expect(said("x/0x 0x80000000").join()).toContain("/0x is no format");
  expect(said("info").join()).toContain("registers, mem, tlb");
});
