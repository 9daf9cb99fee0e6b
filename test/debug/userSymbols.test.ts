import { expect, test } from "vitest";
import { Profile } from "../../src/debug/profile.ts";
import { UserSymbols } from "../../src/debug/userSymbols.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { Supervisor } from "../../src/supervisor/index.ts";
import { call, codeAt, elfOf, fileOf } from "../supervisor/userProgram.ts";

const symbolsAt = 0x900;
const namesAt = 0x980;
const sectionsAt = 0xa00;

/** `elfOf` with functions of 16 bytes each, from the first instruction on. */
function withFunctions(lines: readonly string[], names: readonly string[]): Uint8Array {
  const bytes = elfOf(lines);
  const view = new DataView(bytes.buffer);
  const section = (index: number, type: number, at: number, size: number, link: number, entry: number) => {
    const header = sectionsAt + 64 * index;
    view.setUint32(header + 4, type, true);
    view.setBigUint64(header + 24, BigInt(at), true);
    view.setBigUint64(header + 32, BigInt(size), true);
    view.setUint32(header + 40, link, true);
    view.setBigUint64(header + 56, BigInt(entry), true);
  };
  let text = "\0";
  names.forEach((name, index) => {
    const symbol = symbolsAt + 24 * (index + 1);
    view.setUint32(symbol, text.length, true);
    view.setUint8(symbol + 4, 0x12);
    view.setUint16(symbol + 6, 1, true);
    view.setBigUint64(symbol + 8, BigInt(codeAt + 0x100 + 16 * index), true);
    view.setBigUint64(symbol + 16, 16n, true);
    text += `${name}\0`;
  });
  bytes.set(new TextEncoder().encode(text), namesAt);
  view.setBigUint64(40, BigInt(sectionsAt), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 3, true);
  section(1, 2, symbolsAt, 24 * (names.length + 1), 2, 24);
  section(2, 3, namesAt, text.length, 0, 0);
  return bytes;
}

/** Counts to 200,000 in `spin`, and ends in `leave`. */
const spinning = withFunctions(
  ["lui s0, 49", "addi s0, s0, -1", "bne s0, zero, pc-4", "addi zero, zero, 0", ...call(93, 3)],
  ["spin", "leave"],
);

function run(isProfiled: boolean) {
  const supervisor = new Supervisor({ machine: createMachine({ ramBytes: 16 << 20 }) });
  const symbols = new UserSymbols();
  const profile = isProfiled
    ? new Profile(supervisor.machine, (hart) => symbols.nameOf(supervisor.taskOn(hart)!, hart.state.pc))
    : undefined;
  supervisor.start(fileOf(spinning, "/bin/spinning"), ["spinning"], []);
  const end = supervisor.run();
  return { supervisor, end, lines: profile?.lines() };
}

test("a profile of a program names its functions and their file", () => {
  const { lines } = run(true);
  expect(lines![0]).toMatch(/^profile: 20 samples/);
  expect(lines!.slice(1)).toEqual([" 100.0%  spin in spinning"]);
});

test("a program that is sampled executes what it does without", () => {
  const [one, other] = [run(true), run(false)];
  expect(one.end).toEqual({ reason: "exit", exit: { kind: "exited", code: 3 } });
  expect(one.end).toEqual(other.end);
  expect(one.supervisor.machine.instructions).toBe(other.supervisor.machine.instructions);
});

test("what no file's symbols cover is named by its page", () => {
  const supervisor = new Supervisor({ machine: createMachine({ ramBytes: 16 << 20 }) });
  const task = supervisor.start(fileOf(elfOf(["addi zero, zero, 0"]), "/bin/nothing"), ["nothing"], []);
  const symbols = new UserSymbols();
  expect(symbols.nameOf(task, BigInt(codeAt + 0x104))).toBe("page 0x0 in nothing");
  expect(symbols.nameOf(task, 0x7000n)).toBe("page 0x7000");
  expect(symbols.nameOf(task, BigInt(codeAt + 0x1000))).toBe("page 0x11000");
});
