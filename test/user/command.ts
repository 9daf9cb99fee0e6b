import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What came of a program. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** Standard input; nothing by default. */
  readonly input?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

const command = join(import.meta.dirname, "../../dist/cli/main.js");
const outputBytes = 64 << 20;
const timeout = 290_000;

/** Runs a program of this machine to its end. */
export function execute(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const { cwd, input = "", env } = options;
    const child = execFile(
      program,
      args,
      { cwd, timeout, maxBuffer: outputBytes, encoding: "latin1", ...(env && { env: { ...process.env, ...env } }) },
      (error, stdout, stderr) => {
        const signal = (error as { signal?: string } | null)?.signal;
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : (signals[signal ?? ""] ?? 999);
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end(Buffer.from(input, "latin1"));
  });
}

/** Exit codes of a shell for the signals that our programs are killed by. */
const signals: Readonly<Record<string, number>> = {
  SIGSEGV: 139,
  SIGTERM: 143,
  SIGKILL: 137,
  SIGABRT: 134,
  SIGILL: 132,
};

/** `pagewalk run --user`, as it was built. */
export function pagewalkUser(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return execute(process.execPath, [command, "run", "--user", ...args], options);
}

/** A file or folder that scripts/test-user.sh names. */
export function given(variable: "PAGEWALK_USER" | "PAGEWALK_USERLAND" | "PAGEWALK_GUESTS", ...path: string[]): string {
  const folder = process.env[variable];
  if (!folder) throw new Error(`${variable} is not set: run npm run test:user`);
  return join(folder, ...path);
}

/** Where Debian's cross compiler has its C library. */
export const crossLibraries = "/usr/riscv64-linux-gnu";

/** A tree for --root that has the C library, `/tmp` and `/work`, removed by {@link Root.remove}. */
export class Root {
  readonly path = mkdtempSync(join(tmpdir(), "pagewalk-root-"));

  constructor() {
    for (const folder of ["lib", "bin", "tmp", "work", "dev", "proc"]) mkdirSync(join(this.path, folder));
    for (const library of ["ld-linux-riscv64-lp64d.so.1", "libc.so.6", "libm.so.6", "libgcc_s.so.1"]) {
      copyFileSync(join(crossLibraries, "lib", library), join(this.path, "lib", library));
    }
  }

  /** Copies a program to /bin; returns its path inside. */
  install(program: string, name: string): string {
    copyFileSync(program, join(this.path, "bin", name));
    return `/bin/${name}`;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
