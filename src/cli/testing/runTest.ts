import { causeName, privilegeName } from "../../debug/cause.ts";
import { hex } from "../../debug/hex.ts";
import type { Machine, RunEnd } from "../../machine/machine.ts";
import { createMachine } from "../../machine/machine.ts";
import { failureLine } from "../failure.ts";
import { machineOptions } from "../options.ts";
import { readProgram } from "../program.ts";
import { TestOutput } from "./output.ts";
import { compareSignature } from "./reference.ts";
import type { TestResult, TestSettings, TestTask } from "./task.ts";

/** A program whose summary line was seen may go on for so long to end by itself. */
const afterMatch = 1_000_000;
/** In riscv-tests' environments: the exit code of a trap that the test does not expect, or'ed to the test's number. */
const unexpectedTrap = 1337;
/** gp holds a test's number if it is below this; else it is a pointer. */
const mostTests = 0x10000;

/** The last machine: the next test of the same sort takes its memory over. */
let previous: Machine | undefined;

/** Runs one test to its end. Never throws for what is the test's fault; a failure of pagewalk itself is thrown. */
export function runTest({ path, settings }: TestTask): TestResult {
  const begun = performance.now();
  const verdict = judge(path, settings);
  return { path, ms: performance.now() - begun, ...verdict };
}

type Verdict = Omit<TestResult, "path" | "ms">;

function judge(path: string, settings: TestSettings): Verdict {
  const pattern = settings.passPattern === undefined ? undefined : new RegExp(settings.passPattern);
  const output = new TestOutput(pattern);
  let machine: Machine;
  try {
    const bytes = readProgram(path);
    const onOutput = (part: Uint8Array) => output.put(part);
    const options = { ...machineOptions(settings.machine), onOutput, replaces: previous };
    previous = undefined;
    machine = createMachine(options);
    previous = machine;
    // or each machine would keep all those before it
    options.replaces = undefined;
    machine.loadElf(bytes, path);
  } catch (error) {
    return { passed: false, instructions: 0, problem: failureLine(error).replace(/^pagewalk: /, "") };
  }
  const end = runToVerdict(machine, settings, output);
  const problem = problemOf(machine, end, path, settings, output.matched);
  const { instructions } = machine;
  if (problem === undefined) return { passed: true, instructions };
  const test = testNumber(machine, end);
  return {
    passed: false,
    instructions,
    ...(test !== undefined && { test }),
    problem: `${problem}; ${place(machine)}`,
    output: output.end,
  };
}

/** Runs until the program ends, a limit is reached, or its summary line has come and it does not end. */
function runToVerdict(machine: Machine, settings: TestSettings, output: TestOutput): RunEnd {
  const { maxInstructions, timeout } = settings;
  const matched = { reason: "reached", hart: 0 } as const;
  output.onMatch = () => machine.end(matched);
  const deadline = performance.now() + timeout * 1000;
  const limits = (most: number) => ({ maxInstructions: most, timeoutMs: Math.max(0, deadline - performance.now()) });
  let end = machine.run(limits(maxInstructions));
  if (end === matched) end = machine.run(limits(Math.min(afterMatch, maxInstructions - machine.instructions)));
  output.endLine();
  return end;
}

/** Why a test has not passed, or undefined where it has: that is the program's own word. */
function problemOf(
  machine: Machine,
  end: RunEnd,
  path: string,
  settings: TestSettings,
  matched: boolean,
): string | undefined {
  const said = whyEnded(end);
  // A summary line is a program's word too, if it does not take it back by its exit code.
  const isDone = said === undefined || (matched && end.reason !== "exit");
  if (!isDone) return said;
  if (settings.passPattern !== undefined && !matched)
    return `no line that it printed matches /${settings.passPattern}/`;
  if (settings.reference === undefined) return undefined;
  try {
    return compareSignature(machine, path, settings.reference);
  } catch (error) {
    return failureLine(error).replace(/^pagewalk: /, "");
  }
}

function whyEnded(end: RunEnd): string | undefined {
  switch (end.reason) {
    case "exit": {
      if (end.code === 0) return undefined;
      const trapped = ((end.code * 2 + 1) & unexpectedTrap) === unexpectedTrap;
      return `exit code ${end.code}${trapped ? " (a trap that the test did not expect)" : ""}`;
    }
    case "reset":
      return "the program asked for a reset";
    case "instructions":
      return "--max-instructions is reached";
    case "timeout":
      return "--timeout is reached";
    case "asleep":
      return "all harts wait for an interrupt, and none can come";
    case "stuck":
      return `hart ${end.hart} is stuck: its trap handler only traps again`;
    case "reached":
      return "stopped";
  }
}

const gp = (machine: Machine): number => {
  const value = machine.harts[0].state.x(3);
  return value > 0n && value < mostTests ? Number(value) : 0;
};

/** The number of the check that failed, which is the exit code; or of the one that was going on, which is in gp. */
function testNumber(machine: Machine, end: RunEnd): number | undefined {
  const number = end.reason === "exit" ? end.code : gp(machine);
  return number === 0 ? undefined : number;
}

/** Where the first hart is, and its last trap. */
function place(machine: Machine): string {
  const { state, lastTrap } = machine.harts[0];
  const at = (pc: bigint) => machine.symbols?.format(pc) ?? hex(pc);
  const where = `pc ${at(state.pc)} in ${privilegeName(state.priv)}-mode`;
  if (lastTrap === undefined) return `${where}; no trap was taken`;
  const { cause, interrupt, tval, pc } = lastTrap;
  return `${where}; last trap: ${causeName(cause, interrupt)} (cause ${cause}) at ${at(pc)}, tval ${hex(tval)}`;
}
