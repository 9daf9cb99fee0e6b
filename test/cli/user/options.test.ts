import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/cli/failure.ts";
import { parseUserArguments } from "../../../src/cli/user/arguments.ts";
import { worldOptions } from "../../../src/cli/user/options.ts";

function worldOf(...args: readonly string[]) {
  return worldOptions(parseUserArguments("run", ["--user", ...args, "program"])!.given);
}

describe("run --user's surroundings", () => {
  test("are an empty environment, seed 0 and virtual time", () => {
    expect(worldOf()).toEqual({ env: [], seed: 0, clock: "virtual", maxProcesses: undefined });
  });

  test("are what is asked for; --env any number of times, with = in values", () => {
    const asked = worldOf("--env", "A=1", "--env=B=x=y", "--seed", "7", "--clock=host", "--max-processes", "20");
    expect(asked).toEqual({ env: ["A=1", "B=x=y"], seed: 7, clock: "host", maxProcesses: 20 });
  });

  test.each([
    ["--env", "A"],
    ["--env", "=1"],
    ["--seed", "-1"],
    ["--seed", "4294967296"],
    ["--clock", "real"],
    ["--max-processes", "0"],
  ])("cannot be %s %s", (option, value) => {
    expect(() => worldOf(`${option}=${value}`)).toThrow(Failure);
  });
});

describe("the arguments behind a program", () => {
  test("are the program's, whatever they look like", () => {
    const parsed = parseUserArguments("run", ["--user", "program", "--strace", "-m", "x"]);
    expect(parsed).toEqual({
      command: "run",
      given: { user: true },
      program: "program",
      args: ["--strace", "-m", "x"],
    });
  });
});
