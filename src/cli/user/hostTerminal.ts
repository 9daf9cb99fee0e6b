import { isatty } from "node:tty";
import type { FileOptions } from "../../supervisor/index.ts";

/** The terminal that somebody sits at, if standard input is one. */
export function hostTerminal(): Pick<FileOptions, "terminal"> {
  const [input, output, error] = [0, 1, 2].map((fd) => isatty(fd));
  if (!input) return {};
  const { columns = 80, rows = 24 } = process.stdout;
  return { terminal: { columns, rows, isTerminal: [input, output, error] } };
}
