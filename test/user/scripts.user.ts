import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { given, pagewalkUser } from "./command.ts";

/** A script of `scripts`, of which NAME.txt is what it prints on Linux. */
interface Script {
  readonly name: string;
  /** How it is run, in a folder of its own with the scripts in it. */
  readonly command: string;
  readonly does: string;
  readonly code?: number;
}

const scripts: readonly Script[] = [
  {
    name: "library",
    command: "python3 library.py",
    does: "python3: files, SQLite, threads, processes and shared memory, subprocesses, asyncio, signals",
  },
  {
    name: "network",
    command: "python3 network.py",
    does: "python3 and bash: HTTP, remote calls, streams and datagrams of asyncio and threads, on the machine's own network",
  },
  {
    name: "practical",
    command: "perl practical.pl",
    does: "perl: sorting, patterns, files and locks, children, pipes, signals, sockets",
    code: 6,
  },
  {
    name: "shell",
    command: "bash shell.bash",
    does: "bash: arrays and patterns, here documents, process substitution, coprocesses, jobs, traps, and the tools beside it",
  },
  {
    name: "history",
    command: "bash history.bash",
    does: "git: commits with the hashes that they have everywhere, diffs, a merge with a conflict, a rebase, a clone, a push",
  },
  {
    name: "journal",
    command: "sqlite3 file.db < journal.sql",
    does: "sqlite3: 100,000 rows through a write-ahead log, a checkpoint, a copy",
    code: 1,
  },
  {
    name: "parallel",
    command: "make -j4 -f parallel.mk && make -j4 -f parallel.mk | cmp - parallel.txt",
    does: "make: jobs at the same time, shared with a make inside, and one that fails",
  },
];

const debian = given("PAGEWALK_USERLAND", "root");
const texts = join(import.meta.dirname, "scripts");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(debian, "work/scripts-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("scripts print what they print on Linux", () => {
  const environment = ["HOME=/tmp", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"].flatMap((variable) => ["--env", variable]);
  const tree = ["--root", debian, "--writable", "-m", "512M", ...environment];

  for (const { name, command, does, code = 0 } of scripts) {
    test.concurrent(does, async () => {
      const own = join(folder, name);
      cpSync(texts, own, { recursive: true });
      const inside = `cd /work/${basename(folder)}/${name} && ${command}`;
      const outcome = await pagewalkUser([...tree, "/usr/bin/bash", "-c", inside]);
      expect(outcome).toMatchObject({ code, stdout: readFileSync(join(texts, `${name}.txt`), "latin1") });
    });
  }
});
