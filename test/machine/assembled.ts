import { assemble } from "../../src/isa/index.ts";
import type { Machine } from "../../src/machine/machine.ts";

/** Where {@link place} puts a program when it is told nothing else: the start of RAM. */
export const programBase = 0x8000_0000;

/**
 * Assembles lines and puts them into RAM; every hart starts there. Labels end in a colon and are used as targets;
 * `li32 rd, value` is lui and addiw. Returns the addresses of the labels.
 */
export function place(machine: Machine, lines: readonly string[], base = programBase): Record<string, number> {
  const expanded = lines.flatMap(expand);
  const labels: Record<string, number> = {};
  let at = base;
  for (const line of expanded) {
    if (line.endsWith(":")) labels[line.slice(0, -1)] = at;
    else at += line.startsWith("c.") ? 2 : 4;
  }
  at = base;
  for (const line of expanded) {
    if (line.endsWith(":")) continue;
    const text = line.replace(/\b[a-z_]+$/, (word) =>
      labels[word] === undefined ? word : `0x${labels[word].toString(16)}`,
    );
    const { bits, length } = assemble(text, { pc: BigInt(at) });
    machine.memory.store(at, length, BigInt(bits));
    at += length;
  }
  for (const hart of machine.harts) hart.state.pc = BigInt(base);
  return labels;
}

function expand(line: string): string[] {
  const match = /^li32 (\w+), (\S+)$/.exec(line);
  if (match === null) return [line];
  const value = Number(match[2]) | 0;
  const low = (value << 20) >> 20;
  return [
    `lui ${match[1]}, 0x${(((value - low) >>> 12) & 0xfffff).toString(16)}`,
    `addiw ${match[1]}, ${match[1]}, ${low}`,
  ];
}

/** Lines that end the run through the test finisher, with exit code 0. */
export const finish = ["lui t6, 0x100", "lui t5, 0x5", "addi t5, t5, 0x555", "sw t5, 0(t6)"] as const;
