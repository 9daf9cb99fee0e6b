import { assemble, fNames, xNames } from "../../src/isa/index.ts";
import type { Demonstration } from "./deviations.ts";
import { CodeBuffer, newData, newPool, type TestCase, usualEnvironment } from "./program.ts";

/** A test made of assembly, for programs that are known. Registers that are not named begin with 0. */
export function testOf({ mode, code, registers = {}, environment = {} }: Demonstration, name: string): TestCase {
  const buffer = new CodeBuffer();
  for (const line of code) buffer.emit(assemble(line).bits);
  const pool = newPool();
  for (const [register, value] of Object.entries(registers)) {
    const x = xNames.indexOf(register);
    const at = 2 * (x >= 0 ? x : 64 + fNames.indexOf(register));
    pool[at] = Number(value & 0xffff_ffffn);
    pool[at + 1] = Number(value >> 32n);
  }
  return {
    mix: name,
    seed: 0,
    index: 0,
    code: buffer.bytes.slice(0, buffer.at),
    starts: buffer.starts,
    units: buffer.units,
    environment: { ...usualEnvironment(), mode, ...environment },
    rounds: 1,
    pool,
    pointers: [0x2000, 0x1000, 0x1000],
    data: newData(),
  };
}
