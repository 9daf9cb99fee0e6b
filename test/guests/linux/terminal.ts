import { join } from "node:path";
import { boot } from "../../../src/cli/boot/boot.ts";
import type { ConsoleInput } from "../../../src/cli/boot/input.ts";
import { Terminal } from "../../../src/cli/terminal.ts";
import { guests } from "./guest.ts";

const debian = ["-kernel", join(guests, "linux/Image")];

/** `pagewalk boot` of Debian's kernel: what a person would see, who types a line when something is seen. */
export async function bootCommand(
  args: readonly string[],
  typed: readonly (readonly [string, string])[] = [],
  onOutput: (output: string) => void = () => {},
  kernel: readonly string[] = debian,
) {
  let output = "";
  let type: (bytes: Uint8Array) => void = () => {};
  const left = [...typed];
  const collect = (bytes: Uint8Array) => {
    output += Buffer.from(bytes).toString("latin1");
    onOutput(output);
    while (left.length > 0 && output.includes(left[0][0])) {
      const [, line] = left.shift() as readonly [string, string];
      type(Buffer.from(line));
    }
  };
  const input: ConsoleInput = {
    isTerminal: false,
    open(onBytes, onEnd) {
      type = onBytes;
      if (typed.length === 0) onEnd();
    },
    close() {},
  };
  const host = { terminal: new Terminal(collect, collect), interrupted: () => false };
  const code = await boot([...kernel, ...args], host, input);
  host.terminal.flush();
  return { code, output };
}
