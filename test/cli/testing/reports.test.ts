import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectTests } from "../../../src/cli/testing/collect.ts";
import { Progress } from "../../../src/cli/testing/progress.ts";
import { json, junit, tapLine } from "../../../src/cli/testing/reports.ts";
import type { TestResult } from "../../../src/cli/testing/task.ts";
import { parseShard, repeatCommand } from "../../../src/cli/testing/test.ts";

const passed: TestResult = { path: "a/b/one.elf", passed: true, ms: 1.25, instructions: 10 };
const failed: TestResult = {
  path: "a/two.elf",
  passed: false,
  ms: 2,
  instructions: 20,
  test: 7,
  problem: 'exit code 7; pc 0x1 <a&b "c">',
  output: "check 7\u0001 <x>\n",
};
const summary = {
  paths: ["a/b/one.elf", "a/two.elf", "three.elf"],
  results: [passed, failed, undefined],
  seconds: 1.5,
};
const text = (pieces: Iterable<string>) => [...pieces].join("");

describe("reports", () => {
  test("JUnit's XML has a case for each test, and nothing that XML forbids", () => {
    const counts = 'tests="3" failures="1" errors="0" skipped="1" time="1.500"';
    expect(text(junit(summary))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
<testsuite name="pagewalk" ${counts}>
<testcase classname="a.b" name="one.elf" file="a/b/one.elf" time="0.001"/>
<testcase classname="a" name="two.elf" file="a/two.elf" time="0.002"><failure message="test 7: exit code 7; pc 0x1 &lt;a&amp;b &quot;c&quot;&gt;"/><system-out>check 7\ufffd &lt;x&gt;
</system-out></testcase>
<testcase classname="pagewalk" name="three.elf" file="three.elf" time="0"><skipped/></testcase>
</testsuite>
</testsuites>
`);
  });

  test("JSON has the counts and what is known of each test", () => {
    expect(JSON.parse(text(json(summary)))).toEqual({
      total: 3,
      passed: 1,
      failed: 1,
      notRun: 1,
      seconds: 1.5,
      tests: [
        { path: "a/b/one.elf", status: "passed", ms: 1.25, instructions: 10 },
        {
          path: "a/two.elf",
          status: "failed",
          ms: 2,
          instructions: 20,
          test: 7,
          problem: failed.problem,
          output: failed.output,
        },
        { path: "three.elf", status: "not run" },
      ],
    });
  });

  test("TAP lines are numbered, and a failure has its message, and the check's number", () => {
    expect(tapLine(passed, 1)).toBe("ok 1 - a/b/one.elf");
    expect(tapLine(failed, 2)).toBe(
      'not ok 2 - a/two.elf\n  ---\n  message: "test 7: exit code 7; pc 0x1 <a&b \\"c\\">"\n  ...',
    );
  });

  test("names of all sorts stay in one line of TAP and in one attribute of XML", () => {
    const path = 'a:b/new\nline #1 \\ <x>&"y".elf';
    const report = text(junit({ paths: [path], results: [{ ...failed, path }], seconds: 1 }));
    expect(report).toContain('classname="a:b" name="new&#10;line #1 \\ &lt;x&gt;&amp;&quot;y&quot;.elf"');
    expect(tapLine({ ...passed, path }, 3)).toBe('ok 3 - a:b/new\\x0aline \\#1 \\\\ <x>&"y".elf');
    expect(repeatCommand("new\nline's.elf", {})).toBe("pagewalk run --timeout 30 $'new\\x0aline\\'s.elf'");
  });

  test("the command that repeats a test has the options of the machine, quoted for a shell", () => {
    expect(repeatCommand("it's/a b.elf", { memory: "64M", timeout: "2", isa: "rv64gc" })).toBe(
      "pagewalk run --memory 64M --isa rv64gc --timeout 2 'it'\\''s/a b.elf'",
    );
  });

  test("a shard is a part from the first to the last", () => {
    expect(parseShard("2/5")).toEqual({ index: 2, of: 5 });
    for (const wrong of ["0/5", "6/5", "1", "a/b", "1/0"]) expect(() => parseShard(wrong)).toThrow(/no part/);
  });

  test("progress is a bar on a terminal and a line every ten seconds elsewhere", () => {
    const lines: string[] = [];
    const write = (bytes: Uint8Array) => void lines.push(new TextDecoder().decode(bytes));
    const bar = new Progress(write, true, 0);
    bar.update({ total: 4, passed: 1, failed: 0 }, 50);
    bar.update({ total: 4, passed: 1, failed: 1 }, 200);
    bar.clear();
    bar.clear();
    expect(lines).toEqual([
      "\r\x1b[2K[###############...............] 2 of 4: 1 passed, 1 failed, 1 s left",
      "\r\x1b[2K",
    ]);
    lines.length = 0;
    const plain = new Progress(write, false, 0);
    plain.update({ total: 4, passed: 1, failed: 0 }, 9_000);
    plain.update({ total: 4, passed: 2, failed: 0 }, 11_000);
    plain.clear();
    expect(lines).toEqual(["2 of 4: 2 passed, 0 failed\n"]);
  });
});

describe("pagewalk test", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pagewalk-"));
    mkdirSync(join(folder, "sub"));
    for (const name of ["a-p", "b.elf", "sub/c.elf"]) {
      copyFileSync("firmware/conventions/physical.elf", join(folder, name));
    }
    copyFileSync("firmware/conventions/broken.elf", join(folder, "sub/d.elf"));
    writeFileSync(join(folder, "a-p.dump"), "not a program");
    writeFileSync(join(folder, "object.o"), readFileSync("firmware/conventions/broken.elf").fill(1, 16, 17));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function pagewalk(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", "test", ...args], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  test("finds the programs in folders and by patterns, each once, in order", async () => {
    const all = { filter: undefined, shard: undefined };
    const inFolder = ["a-p", "b.elf", "sub/c.elf", "sub/d.elf"].map((name) => join(folder, name));
    expect(await collectTests({ ...all, given: [folder, `${folder}/./b.elf`, `${folder}//*.elf`] })).toEqual(inFolder);
    expect(await collectTests({ ...all, given: [`${folder}/**/*.elf`] })).toEqual(inFolder.slice(1));
    expect(await collectTests({ ...all, given: [folder], filter: /sub/ })).toEqual(inFolder.slice(2));
    const shards = [1, 2, 3].map((index) => collectTests({ ...all, given: [folder], shard: { index, of: 3 } }));
    expect((await Promise.all(shards)).flat().sort()).toEqual(inFolder);
    await expect(collectTests({ ...all, given: [join(folder, "none.elf")] })).rejects.toThrow(/no such file/);
    await expect(collectTests({ ...all, given: [`${folder}/*.none`] })).rejects.toThrow(/no file matches/);
  });

  test("finds programs behind links, in no folder twice, whatever their names", async () => {
    const links = join(folder, "..", `${basename(folder)}-links`);
    const names = [join(links, "line\nend.elf"), join(links, "to.elf"), join(links, "z/[x]{y}.elf")];
    try {
      mkdirSync(join(links, "z"), { recursive: true });
      for (const at of [0, 2]) copyFileSync("firmware/conventions/physical.elf", names[at]);
      symlinkSync(names[0], names[1]);
      symlinkSync(links, join(links, "z/up"));
      symlinkSync("/nowhere/at/all", join(links, "broken.elf"));
      expect(await collectTests({ given: [links], filter: undefined, shard: undefined })).toEqual(names);
      // a name that is no UTF-8 cannot be opened: the test fails, and is not left out
      copyFileSync(names[0], Buffer.concat([Buffer.from(`${links}/b`), Buffer.from([0xff])]));
      const { status, stdout } = pagewalk(links);
      expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining("3 passed, 1 failed") });
    } finally {
      rmSync(links, { recursive: true });
    }
  });

  test("does not wait for the writer of a pipe", () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const { status, stdout } = pagewalk(join(folder, "pipe"));
    rmSync(join(folder, "pipe"));
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining("not a regular file") });
  });

  test("passes with nothing to do when there are more shards than tests", async () => {
    const report = join(folder, "shard.xml");
    const { status, stdout } = pagewalk(folder, "--shard", "9/9", "--junit", report);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^0 passed, 0 failed in/) });
    expect(readFileSync(report, "utf8")).toContain('tests="0"');
  });

  test("takes a time limit of any length", () => {
    const { status, stderr } = pagewalk(join(folder, "b.elf"), "--timeout", "9999999");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("exits with 1 when a test fails, says why and how to repeat it, and writes the reports", () => {
    const reports = { junit: join(folder, "report.xml"), json: join(folder, "report.json") };
    const { status, stdout } = pagewalk(folder, "-j", "2", "--junit", reports.junit, "--json", reports.json);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^FAIL .*d\.elf: test 3: exit code 3; pc 0x.*; last trap: .*\n {2}repeat: pagewalk run .*d\.elf$/m,
    );
    expect(stdout).toMatch(/^3 passed, 1 failed in \d+\.\d s$/m);
    expect(readFileSync(reports.junit, "utf8")).toContain('failures="1"');
    expect(JSON.parse(readFileSync(reports.json, "utf8"))).toMatchObject({ passed: 3, failed: 1 });
  });

  test("exits with 0 when all pass, and writes TAP alone to standard output", () => {
    const { status, stdout } = pagewalk(folder, "--filter", "(a-p|b.elf)$", "--tap", "--jobs", "1");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^TAP version 13\n1\.\.2\nok 1 - .*a-p\nok 2 - .*b\.elf\n# 2 passed, 0 failed in .*\n$/);
  });

  test("stops at the first failure when that is asked for", () => {
    const { status, stdout } = pagewalk(
      join(folder, "sub/d.elf"),
      join(folder, "sub"),
      folder,
      "-j",
      "1",
      "--fail-fast",
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/1 failed/);
  });

  test.each([
    [["--shard", "3/2"], /no part of the tests/],
    [["--pass-pattern", "("], /no regular expression/],
    [["--jobs", "0"], /--jobs 0/],
    [["--filter", "nothing like this"], /none of the \d+ tests has such a path/],
    [["--junit", "/nowhere/at/all.xml"], /opening the report: there is no such file/],
    [["--json", "-"], /name a file/],
    [["--json", "firmware/conventions/broken.elf"], /is a program/],
    [["--reference", "/nowhere/at/all"], /looking for references/],
  ])("exits with 125 where it cannot do its work: %j", (options, said) => {
    const { status, stderr } = pagewalk(folder, ...options);
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(said) });
  });
});
