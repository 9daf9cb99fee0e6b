import { writeFileSync } from "node:fs";
import { systemFailure } from "../failure.ts";
import type { Host } from "../terminal.ts";
import { readBootArguments } from "./arguments.ts";
import { type ConsoleInput, processInput } from "./input.ts";
import { BootSource } from "./machine.ts";
import { BootSession } from "./session.ts";

/**
 * `pagewalk boot`: starts an operating system, with the terminal as its console. On a terminal the guest's time is the
 * host's, else it is made of instructions, so that the same boot gives the same bytes. Answers the exit code.
 */
export async function boot(args: readonly string[], host: Host, input: ConsoleInput = processInput()): Promise<number> {
  const given = readBootArguments(args);
  const { terminal } = host;
  const source = new BootSource(given, given.clock ?? (input.isTerminal ? "host" : "virtual"));
  try {
    await source.check();
    const started = source.start({
      onOutput: (bytes) => terminal.put(bytes),
      onWarning: (line) => terminal.tell(`pagewalk: ${source.name}: ${line}`),
    });
    if (given.dumpdtb !== undefined) {
      try {
        writeFileSync(given.dumpdtb, started.tree);
      } catch (error) {
        throw systemFailure(given.dumpdtb, "writing the device tree", error);
      }
      return 0;
    }
    return await new BootSession(given, source, started, host, input).run();
  } finally {
    source.close();
  }
}
