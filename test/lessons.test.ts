import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { commandLine } from "../src/cli/commandLine.ts";
import { Terminal } from "../src/cli/terminal.ts";

/**
 * The lessons are true: each ```console block of docs/lessons is run, and must print what it shows. A line "…" stands
 * for any lines. `UPDATE_LESSONS=1 npx vitest run test/lessons.test.ts` writes the outputs of blocks without one anew.
 */
const folder = "docs/lessons";
const lessons = readdirSync(folder)
  .filter((name) => /^\d\d-.*\.md$/.test(name))
  .sort();
const update = process.env.UPDATE_LESSONS !== undefined;

/** What lessons write to /tmp goes here. */
const scratch = mkdtempSync(join(tmpdir(), "lessons-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Step {
  readonly command: string;
  readonly shown: string;
}

/** `$ command` and what it printed, again and again. */
function stepsOf(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf("\n");
      return { command: text.slice(0, end), shown: text.slice(end + 1) };
    });
}

/** Runs a pagewalk command; `both` is standard output and standard error as a terminal shows them. */
async function pagewalk(...args: string[]): Promise<{ code: number; stdout: string; stderr: string; both: string }> {
  const decoder = new TextDecoder();
  let [stdout, stderr, both] = ["", "", ""];
  const terminal = new Terminal(
    (bytes) => {
      stdout += decoder.decode(bytes);
      both += decoder.decode(bytes);
    },
    (bytes) => {
      stderr += decoder.decode(bytes);
      both += decoder.decode(bytes);
    },
  );
  const code = await commandLine(args, { terminal, interrupted: () => false });
  return { code, stdout, stderr, both };
}

/** Runs the commands of a lesson, one after the other, as a shell would. */
class Shell {
  #code = 0;

  async run(command: string): Promise<string> {
    const here = command.replaceAll("/tmp/", `${scratch}/`);
    const parts = /^npx pagewalk (.*?)(?:( 2>&1)? \| (.*))?$/.exec(here);
    if (parts === null) return this.#shell(here.replaceAll("$?", `${this.#code}`));
    const [, args, all, filter] = parts;
    const { code, stdout, stderr, both } = await pagewalk(...args.split(/ +/));
    this.#code = code;
    if (filter === undefined) return both;
    return all === undefined ? stderr + this.#shell(filter, stdout) : this.#shell(filter, both);
  }

  #shell(command: string, input = ""): string {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { input, encoding: "utf8" });
    this.#code = status ?? -1;
    return stdout + stderr;
  }
}

/** Times are never the same twice. */
const masked = (text: string) => text.replace(/in \d+\.\d{3} s: [\d.,]+ MIPS/g, "in … s: … MIPS");

/** A pattern for what is shown, where "…" stands for lines that are left out. */
function patternOf(shown: string): RegExp {
  const literal = shown.split(/^…\n/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join("(?:.*\\n)*?")}$`);
}

function check({ command, shown }: Step, printed: string): void {
  const [is, should] = [masked(printed), masked(shown)];
  if (/^…$/m.test(should)) expect(is, command).toMatch(patternOf(should));
  else expect({ command, printed: is }).toEqual({ command, printed: should });
}

describe("lessons", () => {
  test("there are five", () => expect(lessons).toHaveLength(5));

  test.each(lessons)("%s shows what its commands print", async (lesson) => {
    const path = join(folder, lesson);
    let text = readFileSync(path, "utf8");
    const shell = new Shell();
    let steps = 0;
    for (const [block, inside] of text.matchAll(/^```console\n(.*?)^```$/gms)) {
      let renewed = "";
      for (const step of stepsOf(inside)) {
        const printed = await shell.run(step.command);
        const keep = !update || /^…$/m.test(step.shown);
        if (keep) check(step, printed);
        renewed += `$ ${step.command}\n${keep ? step.shown : printed}`;
        steps++;
      }
      text = text.replace(block, () => `\`\`\`console\n${renewed}\`\`\``);
    }
    expect(steps).toBeGreaterThan(0);
    if (update) writeFileSync(path, text);
  });
});

/** QEMU, where there is one: the system's, or what scripts/qemu10.sh has installed. */
const qemu = ["qemu-system-riscv64", spawnSync("scripts/qemu10.sh", ["--check"], { encoding: "utf8" }).stdout.trim()]
  .filter((command) => command !== "")
  .filter((command) => spawnSync(command, ["--version"]).status === 0);

test.each(qemu)("the teaching kernels print the same on %s", async (command) => {
  for (const name of ["kernel", "kernel-4k"]) {
    const elf = `firmware/demos/kernel/${name}.elf`;
    const { code, stdout } = await pagewalk("run", elf);
    const options = "-machine virt -m 128M -bios none -display none -monitor none -serial stdio -kernel";
    const there = spawnSync(command, [...options.split(" "), elf], { encoding: "utf8", timeout: 20_000 });
    expect({ name, code: there.status, stdout: there.stdout }).toEqual({ name, code, stdout });
  }
});
