import { array, constantFrom, sample, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { commands, parsePlain } from "../../src/cli/syntax.ts";
import { parseWithYargs } from "../../src/cli/yargs.ts";
import { pagewalk } from "./commandUnderTest.ts";

describe("a plain command line", () => {
  test("is read without yargs", () => {
    expect(parsePlain(["run", "a.elf", "-m", "1G", "--stats", "--isa=rv64gc", "--trace", "-"])).toEqual({
      name: "run",
      given: { elf: "a.elf", memory: "1G", stats: true, isa: "rv64gc", trace: "-" },
    });
  });

  test.each([
    [[]],
    [["run"]],
    [["run", "-h"]],
    [["run", "a", "b"]],
    [["run", "a", "--isa"]],
    [["run", "a", "-m1G"]],
    [["run", "a", "--stats", "--stats"]],
  ])("is not %j", (args) => expect(parsePlain(args)).toBeUndefined());

  test("means the same to yargs, whatever it is", async () => {
    const pieces = [
      ...["--stats", "--explain-faults", "a.elf", "main", "--isa=rv64i", "--tlb=", "--stats=x", "-", "5"].map(
        (word) => [word],
      ),
      ...["--isa", "--memory", "-m", "--trace", "--at", "--priv", "-q"].flatMap((name) => [
        [name, "x"],
        [name, "-"],
        [name],
      ]),
    ];
    const lines = sample(
      tuple(constantFrom("run", "translate", "disasm"), array(constantFrom(...pieces), { maxLength: 4 })),
      {
        numRuns: 2000,
        seed: 1,
      },
    ).map(([name, rest]) => [name, ...rest.flat()]);
    let plain = 0;
    for (const line of lines) {
      const read = parsePlain(line);
      if (read === undefined) continue;
      plain++;
      expect([line, await parseWithYargs(line)]).toEqual([line, read]);
    }
    expect(plain).toBeGreaterThan(40);
  });
});

describe("help", () => {
  test("names every command", async () => {
    const { code, stdout, stderr } = await pagewalk("--help");
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of Object.keys(commands)) expect(stdout).toContain(`pagewalk ${name}`);
  });

  test("of a command names its options", async () => {
    const { code, stdout } = await pagewalk("run", "--help");
    expect(code).toBe(0);
    for (const name of Object.keys(commands.run.options)) expect(stdout).toContain(`--${name}`);
  });

  test("the version is the package's", async () => {
    const { code, stdout } = await pagewalk("--version");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });
});
