// npm run bench:minstret -- [--only sort,crypto] [--by steps]
// Runs each program twice: as it is, where `minstret` is counted in whole runs of the engine; and traced, one instruction
// at a time, where the lines of the commit log are counted, at about 3 million instructions a second. With `--by steps` the
// instructions that are seen to complete are counted without writing lines: five times as fast. Both must be the same.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CommitLog } from "../src/debug/commitLog.ts";
import { createMachine, type Machine } from "../src/machine/machine.ts";
import { pathOf, programs } from "./programs.ts";

const newline = 10;
/** `core   0: 3 0x…` is an instruction, `core   0: exception …` is none. */
const afterCore = "core   0: ".length;
const [zero, nine] = [..."09"].map((digit) => digit.charCodeAt(0));

/** Counts the lines of a commit log that are instructions, as they come; nothing is kept. */
class LineCounter {
  instructions = 0;
  #column = 0;

  readonly put = (bytes: Uint8Array): void => {
    for (const byte of bytes) {
      if (this.#column === afterCore && byte >= zero && byte <= nine) this.instructions++;
      this.#column = byte === newline ? 0 : this.#column + 1;
    }
  };
}

function start(program: string): Machine {
  const machine = createMachine();
  machine.loadElf(readFileSync(pathOf(program)), program);
  return machine;
}

/** Runs a machine to the end of its program; answers its `minstret`. */
function finish(machine: Machine, program: string): bigint {
  const end = machine.run({});
  if (end.reason !== "exit" || end.code !== 0) throw new Error(`${program} ended with ${JSON.stringify(end)}`);
  return machine.inspect().csr("minstret");
}

/** An independent count, and what `minstret` was at the end of the run in which it was made. */
interface Count {
  readonly counted: number;
  readonly minstret: bigint;
}

function countLines(program: string): Count {
  const machine = start(program);
  const counter = new LineCounter();
  const log = new CommitLog(machine.harts, counter.put);
  const minstret = finish(machine, program);
  log.flush();
  return { counted: counter.instructions, minstret };
}

/** Counts the steps in which no exception was taken. */
function countSteps(program: string): Count {
  const machine = start(program);
  const [hart] = machine.harts;
  let completed = 0;
  let hasTrapped = false;
  hart.onTrap = ({ interrupt }) => {
    hasTrapped ||= !interrupt;
  };
  hart.watcher = {
    before: () => {
      hasTrapped = false;
    },
    after: () => {
      if (!hasTrapped) completed++;
    },
  };
  const minstret = finish(machine, program);
  return { counted: completed, minstret };
}

const counters = { lines: countLines, steps: countSteps } as const;
const { values } = parseArgs({ options: { only: { type: "string" }, by: { type: "string", default: "lines" } } });
if (values.by !== "lines" && values.by !== "steps") throw new RangeError(`--by ${values.by}: lines or steps`);
const { by } = values;
const wanted = values.only?.split(",") ?? programs.map(({ name }) => name);
const unknown = wanted.find((name) => !programs.some((program) => program.name === name));
if (unknown !== undefined)
  throw new RangeError(`no program ${unknown}: ${programs.map(({ name }) => name).join(", ")}`);
for (const program of wanted) {
  const minstret = finish(start(program), program);
  const traced = counters[by](program);
  const isSame = minstret === BigInt(traced.counted) && minstret === traced.minstret;
  if (!isSame) process.exitCode = 1;
  const verdict = isSame ? "the same" : `DIFFERENT (minstret of that run: ${traced.minstret})`;
  console.log(
    `${program}: minstret ${minstret}, ${traced.counted} ${by === "lines" ? "lines of the commit log" : "steps that completed"}: ${verdict}`,
  );
}
