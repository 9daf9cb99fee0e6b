import { readSync } from "node:fs";
import { createMachine, type Machine, type MachineOptions } from "../../machine/machine.ts";
import { type ProgramFile, Strace, Supervisor, type SupervisorOptions, type UserEnd } from "../../supervisor/index.ts";
import { exitCode, Failure } from "../failure.ts";
import { limitOptions, machineOptions } from "../options.ts";
import { statistics } from "../report.ts";
import type { Host } from "../terminal.ts";
import type { UserArguments } from "./arguments.ts";
import { openHostProgram } from "./hostProgram.ts";
import { type WorldOptions, worldOptions } from "./options.ts";

/** For so long programs run before output is written and signals are heard. */
const sliceMs = 50;
/** What a shell adds to the number of the signal that ended a program. */
const signalExit = 128;
const inputDescriptor = 0;

/** `pagewalk run --user`: runs a Linux program to its end; the exit code is the program's, 128 + a signal that ended it. */
export async function runUser({ given, program, args }: UserArguments, host: Host): Promise<number> {
  const { terminal } = host;
  const world = worldOptions(given);
  const machine = makeMachine(program, { ...machineOptions(given), clock: world.clock });
  const supervisor = new Supervisor({
    machine,
    onOutput: (bytes, isError) => (isError ? terminal.putError(bytes) : terminal.put(bytes)),
    onInput: (into) => readSync(inputDescriptor, into),
    ...surroundings(world),
  });
  const strace = given.strace === true ? new Strace((line) => terminal.tell(line)) : undefined;
  supervisor.dispatcher.observer = strace;
  startProgram(supervisor, openHostProgram(program), [program, ...args], world.env);
  const limits = limitOptions(given);
  const begun = performance.now();
  const last = machine.instructions + limits.maxInstructions;
  const deadline = begun + limits.seconds * 1000;
  let end: UserEnd;
  for (;;) {
    const timeoutMs = Math.min(sliceMs, deadline - performance.now());
    end = supervisor.run({ maxInstructions: last - machine.instructions, timeoutMs });
    terminal.flush();
    if ((end.reason !== "timeout" && end.reason !== "idle") || performance.now() >= deadline) break;
    await pause(end);
    if (host.interrupted()) return exitCode.interrupted;
  }
  strace?.finish();
  const seconds = (performance.now() - begun) / 1000;
  if (given.stats === true) for (const line of statistics(machine, seconds)) terminal.tell(line);
  return conclude(program, end, host);
}

/** Lets the host's own events happen; where programs wait for a timer of real time, up to that. */
function pause(end: UserEnd): Promise<unknown> {
  if (end.reason !== "idle") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => setTimeout(resolve, Math.min(end.milliseconds, sliceMs)));
}

function surroundings({ seed, clock, maxProcesses }: WorldOptions): Partial<SupervisorOptions> {
  const limits = maxProcesses === undefined ? {} : { maxProcesses };
  return { seed, ...limits, ...(clock === "host" ? { epoch: Math.floor(Date.now() / 1000) } : {}) };
}

function makeMachine(program: string, options: MachineOptions): Machine {
  try {
    return createMachine(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = `the system does not give that much memory (${error.message}): run it with a smaller -m`;
    throw new Failure(program, "making the machine", reason);
  }
}

function startProgram(
  supervisor: Supervisor,
  file: ProgramFile,
  argv: readonly string[],
  env: readonly string[],
): void {
  try {
    supervisor.start(file, argv, env);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "LinuxError") throw error;
    throw new Failure(file.path, "starting it", reasons[error.message] ?? `it cannot be started (${error.message})`);
  }
}

/** What keeps a program from being started, by the error of execve. */
const reasons: Readonly<Record<string, string>> = {
  ENOEXEC: "it is no 64-bit RISC-V program for Linux: build it with riscv64-linux-gnu-gcc",
  ENOENT: "its interpreter is not there: name the tree that has it with --root, or link it with -static",
  ENOMEM: "it does not fit into memory: run it with a larger -m",
};

function conclude(program: string, end: UserEnd, { terminal }: Host): number {
  if (end.reason === "exit") {
    return end.exit.kind === "exited" ? end.exit.code : signalExit + end.exit.signal;
  }
  const why: Record<Exclude<UserEnd["reason"], "exit">, string> = {
    instructions: "it reached the limit of instructions",
    timeout: "it reached the limit of time",
    input: "it waits for input, and there is none",
    asleep: "all of its tasks wait for each other",
    stuck: "it takes the same exception for ever",
    idle: "it waits for a timer",
  };
  terminal.tell(`pagewalk: ${program}: stopped: ${why[end.reason]}`);
  return exitCode.limit;
}
