import type { Machine, RunEnd } from "../machine/machine.ts";
import type { GuestInput } from "./guestInput.ts";
import type { Limits } from "./options.ts";
import type { Host } from "./terminal.ts";

/** Why a command's run ended. */
export type CommandEnd = RunEnd | { readonly reason: "interrupted" };

/** For so long the machine runs before output is written and signals are heard. */
const sliceMs = 50;
/** Nobody who asks to stop a guest that waits for input waits longer. */
const mostPauseMs = 250;

/**
 * Runs a machine to its end or to a limit. It is stopped for a moment now and then, always between two turns, so that
 * output appears and Ctrl-C is heard: the run is the same as without. With `until` it also ends where a hart's pc is
 * that address. `input` arrives in between.
 */
export async function runToEnd(
  machine: Machine,
  limits: Limits,
  host: Host,
  until?: bigint,
  input?: GuestInput,
): Promise<CommandEnd> {
  const deadline = performance.now() + limits.seconds * 1000;
  const last = machine.instructions + limits.maxInstructions;
  for (;;) {
    const timeoutMs = Math.min(sliceMs, deadline - performance.now());
    const slice = { maxInstructions: last - machine.instructions, timeoutMs };
    const end = until === undefined ? machine.run(slice) : machine.runTo(until, slice);
    host.terminal.flush();
    if (end.reason === "asleep" && input?.canWake && performance.now() < deadline) {
      await input.arrival(Math.min(mostPauseMs, deadline - performance.now()));
      if (host.interrupted()) return { reason: "interrupted" };
      continue;
    }
    if (end.reason !== "timeout" || performance.now() >= deadline) return end;
    input?.listen();
    await new Promise((resolve) => setImmediate(resolve));
    if (host.interrupted()) return { reason: "interrupted" };
  }
}
