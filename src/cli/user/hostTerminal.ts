import { isatty } from "node:tty";
import type { FileOptions } from "../../supervisor/index.ts";

/** The terminal that somebody sits at, if standard input is one. */
export function hostTerminal(): Pick<FileOptions, "terminal"> {
  const [input, output, error] = [0, 1, 2].map((fd) => isatty(fd));
  if (!input) return {};
  // 0 of either: the terminal does not know
  const columns = process.stdout.columns || 80;
  const rows = process.stdout.rows || 24;
  return { terminal: { columns, rows, isTerminal: [input, output, error] } };
}
