#!/usr/bin/env node
import { commandLine } from "./commandLine.ts";
import { descriptorWriter } from "./descriptor.ts";
import { exitCode } from "./failure.ts";
import { standardInput } from "./guestInput.ts";
import { Terminal } from "./terminal.ts";

let interrupts = 0;
process.on("SIGINT", () => {
  // who asks twice does not want to wait for a report
  if (++interrupts > 1) process.exit(exitCode.interrupted);
});
const terminal = new Terminal(descriptorWriter(1), descriptorWriter(2));
const host = { terminal, interrupted: () => interrupts > 0, input: standardInput };
process.exitCode = await commandLine(process.argv.slice(2), host);
