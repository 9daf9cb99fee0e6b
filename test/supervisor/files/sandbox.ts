import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostFolder } from "../../../src/cli/user/hostTree.ts";
import { Caller } from "./caller.ts";

/** Some O_ flags. */
export const O = {
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  TRUNC: 0o1000,
  DIRECTORY: 0o200000,
  NOFOLLOW: 0o400000,
  PATH: 0o10000000,
  EXCL: 0o200,
  TMPFILE: 0o20200000,
} as const;

/** What is in the files outside of the root. */
export const secret = "nobody may read this";

/** A folder of the host's: `root` in it is for programs, `secret` and `outside/secret` beside that are not. */
export class Sandbox {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "sandbox-")));
  readonly root = join(this.folder, "root");

  constructor() {
    mkdirSync(join(this.root, "inside"), { recursive: true });
    mkdirSync(join(this.folder, "outside"));
    writeFileSync(join(this.folder, "secret"), secret);
    writeFileSync(join(this.folder, "outside", "secret"), secret);
    writeFileSync(join(this.root, "file"), "a file of the root");
    writeFileSync(join(this.root, "inside", "file"), "a file inside");
  }

  /** A program in the root. */
  caller(isReadOnly = true): Caller {
    return new Caller({ hostTree: new HostFolder(this.root, isReadOnly) });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** All files of the host's below a folder with their contents, types and permissions. */
export function snapshot(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path, { withFileTypes: true, recursive: true }).map((entry) => {
      const name = join(entry.parentPath, entry.name);
      const { mode, mtimeMs, nlink } = entry.isSymbolicLink() ? { mode: 0, mtimeMs: 0, nlink: 1 } : statSync(name);
      return [name, `${mode} ${mtimeMs} ${nlink} ${entry.isFile() ? readFileSync(name, "utf8") : ""}`];
    }),
  );
}
