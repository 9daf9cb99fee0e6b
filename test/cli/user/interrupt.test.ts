import { afterAll, expect, test } from "vitest";
import { commandLine } from "../../../src/cli/commandLine.ts";
import { Terminal } from "../../../src/cli/terminal.ts";
import { labelled, nr, sys } from "../../supervisor/assembly.ts";
import { elfOf } from "../../supervisor/userProgram.ts";
import { Folder } from "../commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

/** Runs a program, and interrupts it when it has run for a while. */
function interruptedRun(lines: readonly string[]): Promise<number> {
  const program = folder.write("program", elfOf(lines));
  const terminal = new Terminal(
    () => {},
    () => {},
  );
  let looks = 0;
  return commandLine(["run", "--user", "--timeout=20", program], { terminal, interrupted: () => ++looks > 1 });
}

const sigint = 2;
const forEver = ["again:", "jal zero, @again"];

test("whoever interrupts run --user interrupts the program, which ends", async () => {
  expect(await interruptedRun(labelled(forEver))).toBe(128 + sigint);
});

test("a program that handles SIGINT goes on", async () => {
  const lines = labelled(
    ["lui s0, 0x11", "auipc t0, 0", "addi t0, t0, 40", "sd t0, 0(s0)"],
    ["addi a0, zero, 2", "addi a1, s0, 0", "addi a2, zero, 0", "addi a3, zero, 8", `addi a7, zero, ${nr.sigaction}`],
    ["ecall"],
    forEver,
    // the handler
    sys(nr.exitGroup, 7),
  );
  expect(await interruptedRun(lines)).toBe(7);
});
