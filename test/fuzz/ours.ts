import { createMachine, type MachineOptions } from "../../src/machine/machine.ts";
import { ramBase, ramBytes } from "./layout.ts";

/** How a run on our machine went. */
export interface OurRun {
  readonly end: string;
  readonly retired: number;
}

/** How our machine executes: by itself, or as a run says. */
export type OurEngine = Pick<MachineOptions, "engine" | "hotAfter" | "exitAtAccesses">;

/** Runs the first `length` bytes of an image on our machine; `into` gets what became of them. */
export function runOurs(
  image: Uint8Array,
  length: number,
  into: Uint8Array,
  isa: string,
  limit: number,
  engine: OurEngine = {},
): OurRun {
  const machine = createMachine({ ramBytes, isa, ...engine });
  machine.memory.write(ramBase, image.subarray(0, length));
  for (const hart of machine.harts) hart.state.pc = BigInt(ramBase);
  const end = machine.run({ maxInstructions: limit });
  const host = machine.memory.hostBase;
  into.set(machine.memory.bytes.subarray(host, host + length));
  const ended = end.reason === "exit" ? `exit ${end.code}` : end.reason;
  return { end: ended, retired: machine.retired };
}
