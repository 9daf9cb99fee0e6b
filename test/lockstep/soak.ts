import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { assemble } from "../../src/isa/index.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";

/**
 * npm run soak: functions of a program are overwritten all the time while it runs on both engines, so that translated code
 * is made and dropped without end in a small cache. Registers are compared after every change, the data now and then; the
 * process's memory is told every minute. Exits with 1 at the first difference.
 */
const given = await yargs(hideBin(process.argv))
  .scriptName("npm run soak --")
  .option("minutes", { type: "number", default: 30, describe: "how long" })
  .option("seed", { type: "number", default: 1, describe: "which random code" })
  .strict()
  .parse();

const base = 0x8000_0000;
const functions = 64;
const functionBytes = 256;
const functionsAt = base + 0x1000;
const data = base + 0x10_0000;
const dataBytes = 0x4000;

let state = given.seed | 1;
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

function encode(lines: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(lines.length * 4);
  lines.forEach((line, n) => {
    new DataView(bytes.buffer).setUint32(4 * n, assemble(line).bits, true);
  });
  return bytes;
}

/** The main loop calls every function, for ever. */
function mainProgram(): Uint8Array {
  const calls = Array.from({ length: functions }, (_, n) => {
    return `jal ra, pc+${functionsAt + n * functionBytes - (base + 4 * n)}`;
  });
  return encode([...calls, `jal zero, pc-${4 * functions}`]);
}

const register = () => `x${5 + random(23)}`;

/** Arithmetic, accesses to the data through s0, and a loop of some rounds; then a return. */
function anyFunction(): Uint8Array {
  const lines: string[] = [];
  const some = (count: number) => {
    for (let n = 0; n < count; n++) {
      const [a, b, c] = [register(), register(), register()].map((name) => (name === "x8" ? "x9" : name));
      const choices = [
        `add ${a}, ${b}, ${c}`,
        `xor ${a}, ${b}, ${c}`,
        `mul ${a}, ${b}, ${c}`,
        `addiw ${a}, ${b}, ${random(4000) - 2000}`,
        `sltu ${a}, ${b}, ${c}`,
        `srai ${a}, ${b}, ${random(64)}`,
        `ld ${a}, ${8 * random(250)}(s0)`,
        `sd ${a}, ${8 * random(250)}(s0)`,
        `lhu ${a}, ${2 * random(1000)}(s0)`,
      ];
      lines.push(choices[random(choices.length)]);
    }
  };
  some(2 + random(8));
  lines.push(`addi t6, zero, ${1 + random(9)}`);
  const loopAt = lines.length;
  some(2 + random(12));
  lines.push("addi t6, t6, -1", `bne t6, zero, pc-${4 * (lines.length + 1 - loopAt)}`);
  some(random(6));
  lines.push("jalr zero, 0(ra)");
  return encode(lines);
}

function start(machine: Machine): Machine {
  machine.memory.write(base, mainProgram());
  const [hart] = machine.harts;
  hart.state.pc = BigInt(base);
  hart.state.setX(8, BigInt(data));
  return machine;
}

const machines = [
  start(createMachine({ ramBytes: 4 << 20, engine: "interpreter" })),
  start(createMachine({ ramBytes: 4 << 20, engine: "translator", hotAfter: 20, codeCacheBytes: 2 << 20 })),
];
const write = (at: number, bytes: Uint8Array) => {
  for (const { memory } of machines) memory.write(at, bytes);
};
const registers = ({ harts: [{ state: s }], retired }: Machine) =>
  [s.pc, retired, ...Array.from({ length: 32 }, (_, n) => s.x(n))].join(" ");
const bytesOf = ({ memory }: Machine) => Buffer.from(memory.read(data, dataBytes)).toString("hex");

for (let n = 0; n < functions; n++) write(functionsAt + n * functionBytes, anyFunction());
const begun = performance.now();
let told = 0;
for (let round = 0; ; round++) {
  for (let n = 0; n < 4; n++) write(functionsAt + random(functions) * functionBytes, anyFunction());
  for (const machine of machines) machine.run({ maxInstructions: 60_000 });
  const differs = (of: (machine: Machine) => string) => of(machines[0]) !== of(machines[1]);
  if (differs(registers) || (round % 100 === 0 && differs(bytesOf))) {
    console.log(`round ${round}: the engines differ:\n${machines.map(registers).join("\n")}`);
    process.exit(1);
  }
  const minutes = (performance.now() - begun) / 60_000;
  if (minutes < told && minutes < given.minutes) continue;
  told++;
  const { regions, dropped } = machines[1].translator!.statistics;
  const megabytes = (process.memoryUsage.rss() / 2 ** 20).toFixed(0);
  console.log(
    `${minutes.toFixed(1)} min: ${machines[1].instructions} instructions, ${regions} regions made, ${dropped} dropped, ${megabytes} MiB`,
  );
  if (minutes >= given.minutes) break;
}
