import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../src/cli/commandLine.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { assembleProgram } from "../debug/program.ts";

/** What came of a command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. */
export async function pagewalk(...args: string[]): Promise<Outcome> {
  const decoder = new TextDecoder();
  const text = { stdout: "", stderr: "" };
  const terminal = new Terminal(
    (bytes) => {
      text.stdout += decoder.decode(bytes);
    },
    (bytes) => {
      text.stderr += decoder.decode(bytes);
    },
  );
  const code = await commandLine(args, { terminal, interrupted: () => false });
  return { code, ...text };
}

/** A folder for a test file's files, removed by {@link Folder.remove}. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "pagewalk-"));

  /** Writes a file and returns its path. */
  write(name: string, content: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  /** Assembles a program and returns its path. */
  program(name: string, source: string): string {
    return this.write(name, assembleProgram(source).elf);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Ends a program with an exit code from 0 to 2047: a store to the test finisher. */
export function exit(code: number): string {
  return `
    lui t5, 0x100
    addi t6, zero, ${code}
    slli t6, t6, 16
    lui t4, ${code === 0 ? 5 : 3}
    addi t4, t4, ${code === 0 ? 0x555 : 0x333}
    or t6, t6, t4
    sw t6, 0(t5)
  `;
}

/** Prints a character on the UART. */
export function print(character: string): string {
  return `
    lui t5, 0x10000
    addi t6, zero, ${character.charCodeAt(0)}
    sb t6, 0(t5)
  `;
}
