import type { Profile } from "../../debug/profile.ts";
import { createMachine, type Machine, type MachineOptions } from "../../machine/machine.ts";
import {
  type ProgramFile,
  Strace,
  Supervisor,
  type SupervisorOptions,
  type Task,
  type UserEnd,
} from "../../supervisor/index.ts";
import { exitCode, Failure } from "../failure.ts";
import { type Limits, limitOptions, machineOptions } from "../options.ts";
import { statistics } from "../report.ts";
import type { Host } from "../terminal.ts";
import type { Trace } from "../trace.ts";
import type { UserArguments } from "./arguments.ts";
import { hostFiles, programOfHost } from "./hostFiles.ts";
import { HostInput } from "./hostInput.ts";
import { hostTerminal } from "./hostTerminal.ts";
import { memoryOptions } from "./memoryOptions.ts";
import { type WorldOptions, worldOptions } from "./options.ts";

/** For so long programs run before output is written and signals are heard. */
const sliceMs = 50;
/** Memory of programs where -m does not say how much: the host gives only what they use of it (decision 009). */
const usualBytes = 2 ** 30;
/** What a shell adds to the number of the signal that ended a program. */
const signalExit = 128;

/** A program that has been started. */
export interface StartedUser {
  readonly given: UserArguments["given"];
  readonly supervisor: Supervisor;
  readonly task: Task;
  readonly limits: Limits;
  readonly input: HostInput;
  /** Whatever has to be written at the end. */
  readonly finish: () => void;
}

/** `pagewalk run --user`: runs a Linux program to its end; the exit code is the program's, 128 + a signal that ended it. */
export async function runUser(command: UserArguments, host: Host): Promise<number> {
  const { given, program } = command;
  const user = startUser(command, host);
  const { machine } = user.supervisor;
  if (given["explain-faults"] === true) await explain(user.supervisor, command, host);
  const trace = typeof given.trace === "string" ? await traceTo(machine, program, given.trace, host) : undefined;
  const profile = given.profile === true ? await profileOf(user.supervisor) : undefined;
  const begun = performance.now();
  let end: UserEnd;
  try {
    end = await runProgram(user, undefined, host);
  } finally {
    trace?.close();
  }
  const seconds = (performance.now() - begun) / 1000;
  for (const line of profile?.lines() ?? []) host.terminal.tell(line);
  if (given.stats === true) for (const line of statistics(machine, seconds)) host.terminal.tell(line);
  return conclude(program, end, host);
}

async function explain(supervisor: Supervisor, command: UserArguments, { terminal }: Host): Promise<void> {
  const { explainUserFaults, symbolsOf } = await import("./observe.ts");
  const symbols = symbolsOf(command);
  explainUserFaults(
    supervisor,
    () => symbols,
    (lines) => terminal.tell(lines.join("\n")),
  );
}

async function profileOf(supervisor: Supervisor): Promise<Profile> {
  return (await import("./observe.ts")).profileUser(supervisor);
}

async function traceTo(machine: Machine, program: string, file: string, { terminal }: Host): Promise<Trace> {
  return (await import("../trace.ts")).startTrace(machine, program, file, terminal);
}

/** Makes a machine and a supervisor, and starts the program. Throws a {@link Failure}. */
export function startUser({ given, program, args }: UserArguments, host: Host): StartedUser {
  const { terminal } = host;
  const world = worldOptions(given);
  const machine = makeMachine(program, { ramBytes: usualBytes, ...machineOptions(given), clock: world.clock });
  const input = new HostInput();
  const supervisor = makeSupervisor(program, {
    machine,
    isForOneRun: true,
    onMessage: (text) => terminal.tell(`pagewalk: ${text}`),
    ...memoryOptions(given),
    ...hostFiles(given),
    ...hostTerminal(),
    onOutput: (bytes, isError) => (isError ? terminal.putError(bytes) : terminal.put(bytes)),
    onInput: (into) => input.read(into),
    ...surroundings(world),
  });
  const strace = given.strace === true ? new Strace((line) => terminal.tell(line)) : undefined;
  supervisor.dispatcher.observer = strace;
  const task = startProgram(supervisor, programOfHost(given, program), [program, ...args], world.env);
  input.begin(supervisor.files);
  const finish = () => {
    input.end();
    strace?.finish();
  };
  return { given, supervisor, task, input, limits: limitOptions(given), finish };
}

/**
 * Runs programs to the end of the first, to a limit, or to a number of instructions; nothing can be run after it. Who
 * interrupts it interrupts the programs, which may end or not; who does so again ends it (main.ts).
 */
export async function runProgram(
  { supervisor, limits, input, finish }: StartedUser,
  instructions: number | undefined,
  { terminal, interrupted }: Host,
): Promise<UserEnd> {
  const { machine } = supervisor;
  const last = Math.min(limits.maxInstructions, instructions ?? Number.POSITIVE_INFINITY);
  const deadline = performance.now() + limits.seconds * 1000;
  let withoutInput = false;
  let isInterrupted = false;
  try {
    for (;;) {
      const timeoutMs = Math.min(sliceMs, deadline - performance.now());
      const end = supervisor.run({ maxInstructions: last - machine.instructions, timeoutMs, withoutInput });
      terminal.flush();
      if (!mayGoOn.has(end.reason) || performance.now() >= deadline) return end;
      withoutInput = (await pause(end, input, deadline)) === "nothing";
      if (interrupted() && !isInterrupted) {
        isInterrupted = true;
        supervisor.files.interrupt();
      }
    }
  } finally {
    finish();
  }
}

const mayGoOn: ReadonlySet<UserEnd["reason"]> = new Set(["timeout", "idle", "input"]);

/** Lets the host's own events happen; where programs wait, until there is input or their timer's time has passed. */
async function pause(end: UserEnd, input: HostInput, deadline: number): Promise<"nothing" | undefined> {
  if (end.reason === "input") {
    const most = deadline - performance.now();
    const hasCome = await input.wait(Math.min(end.milliseconds, most));
    return hasCome || end.milliseconds > most ? undefined : "nothing";
  }
  const milliseconds = end.reason === "idle" ? Math.min(end.milliseconds, sliceMs) : 0;
  await new Promise((resolve) => (milliseconds > 0 ? setTimeout(resolve, milliseconds) : setImmediate(resolve)));
  return undefined;
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

function makeSupervisor(program: string, options: SupervisorOptions): Supervisor {
  try {
    return new Supervisor(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure(program, "setting memory aside", `${error.message}: give more with -m`);
  }
}

function startProgram(
  supervisor: Supervisor,
  file: ProgramFile | string,
  argv: readonly string[],
  env: readonly string[],
): Task {
  try {
    return supervisor.start(file, argv, env);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "LinuxError") throw error;
    throw new Failure(argv[0], "starting it", reasons[error.message] ?? `it cannot be started (${error.message})`);
  }
}

/** What keeps a program from being started, by the error of execve. */
const reasons: Readonly<Record<string, string>> = {
  ENOEXEC: "it is no 64-bit RISC-V program for Linux: build it with riscv64-linux-gnu-gcc",
  ENOENT: "it, or the interpreter that it needs, is not in the programs' root: name the tree that has both with --root",
  ENOTDIR: "a part of its path is no directory in the programs' root",
  EACCES: "it may not be executed, or is no file",
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
    stopped: "whoever looked on has stopped it",
  };
  terminal.tell(`pagewalk: ${program}: stopped: ${why[end.reason]}`);
  return exitCode.limit;
}
