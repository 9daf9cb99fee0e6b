import { commandLine } from "./commandLine.ts";
import { descriptorWriter } from "./descriptor.ts";
import { exitCode } from "./failure.ts";
import { standardInput } from "./guestInput.ts";
import { Terminal } from "./terminal.ts";

/** Does what a command line says with this process's descriptors and signals, and returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // whatever might end the process before the command is done
  process.exitCode = exitCode.failure;
  let interrupts = 0;
  process.on("SIGINT", () => {
    // who asks twice does not want to wait for a report
    if (++interrupts > 1) process.exit(exitCode.interrupted);
  });
  const terminal = new Terminal(descriptorWriter(1), descriptorWriter(2));
  return commandLine(args, { terminal, interrupted: () => interrupts > 0, input: standardInput });
}
