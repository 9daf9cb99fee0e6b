import { LinuxError } from "../errno.ts";
import { decodePath, encodePath } from "../files/fileName.ts";
import type { ProgramFile } from "../files/inode.ts";
import type { UserMm } from "../memory/userMm.ts";
import { done, type Task } from "../task.ts";
import { rootCapabilities } from "./capabilities.ts";
import type { EntryPoint } from "./exec.ts";
import { endTask, leaveMemory } from "./exit.ts";
import { noAlternateStack } from "./signalState.ts";

/** Of one string, and of all of them (`MAX_ARG_STRLEN`, a quarter of the stack). */
const mostString = 128 << 10;
const mostStrings = 2 << 20;
const firstLineBytes = 256;
const mostInterpreters = 4;

/** Reads a `char *[]`; null is an empty one. Throws E2BIG, EFAULT. */
export function readStrings({ memory }: Task, address: number): Uint8Array[] {
  const strings: Uint8Array[] = [];
  if (address === 0) return strings;
  let size = 0;
  for (let at = address; ; at += 8) {
    const pointer = memory.long(at);
    if (pointer === 0) return strings;
    const string = memory.cBytes(pointer, mostString, "E2BIG");
    size += string.length + 9;
    if (size > mostStrings) throw new LinuxError("E2BIG");
    strings.push(string);
  }
}

/** A program as exec starts it, after scripts were replaced by what their first lines name. */
interface Command {
  readonly file: ProgramFile;
  readonly argv: readonly Uint8Array[];
}

/**
 * Follows `#!` lines up to a program. `name` is what the file was called: its interpreter is told that. Throws ELOOP for
 * too many, ENOEXEC for a line without a name.
 */
export function findCommand(
  file: ProgramFile,
  name: string,
  given: readonly Uint8Array[],
  open: (path: string) => ProgramFile,
): Command {
  let command: Command = { file, argv: given };
  let script = name;
  for (let depth = 0; ; depth++) {
    const line = interpreterLine(command.file);
    if (line === undefined) return command;
    if (depth === mostInterpreters) throw new LinuxError("ELOOP");
    const [interpreter, argument] = line;
    const words = argument === undefined ? [interpreter, script] : [interpreter, argument, script];
    const argv = [...words.map((word) => encodePath(word)), ...command.argv.slice(1)];
    command = { file: open(interpreter), argv };
    script = interpreter;
  }
}

/** The interpreter and its one argument; undefined: the file does not begin with `#!`. */
function interpreterLine(file: ProgramFile): readonly [string, string | undefined] | undefined {
  const bytes = new Uint8Array(firstLineBytes);
  const length = file.read(0, bytes);
  if (length < 2 || bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const end = bytes.indexOf(0x0a);
  const line = decodePath(bytes.subarray(2, end < 0 ? length : end)).replace(/^[ \t]+|[ \t]+$/g, "");
  const parts = /^(\S+)(?:[ \t]+(.*))?$/.exec(line);
  if (parts === null) throw new LinuxError("ENOEXEC");
  return [parts[1], parts[2]];
}

/** `execve`: the task begins a program in an address space of its own. Throws a LinuxError, and then nothing has changed. */
export function execute(task: Task, path: number, argv: number, envp: number): number {
  const name = decodePath(task.memory.cBytes(path));
  return start(task, task.system.programFor(task, name), name, readStrings(task, argv), readStrings(task, envp));
}

/** The same with a program that is open already. */
export function start(
  task: Task,
  program: ProgramFile,
  name: string,
  argv: readonly Uint8Array[],
  envp: readonly Uint8Array[],
): number {
  const { system, process } = task;
  const given = argv.length === 0 ? [new Uint8Array()] : argv;
  const mm = system.createMm(process.pid);
  const { files } = mm;
  const open = (path: string) => files.opened(system.programFor(task, path));
  let entry: EntryPoint;
  try {
    const command = findCommand(files.opened(program), name, given, open);
    files.closeScripts(command.file);
    entry = system.load(mm, command.file, { path: name, argv: command.argv, envp, open });
  } catch (error) {
    system.releaseMm(mm);
    throw error;
  }
  becomeOnlyThread(task);
  changeMemory(task, mm);
  process.actions = process.actions.afterExec();
  process.timers.endCreated();
  process.hasExecuted = true;
  process.kept = { ...process.kept, keepsCapabilities: false, isDumpable: true };
  task.signals.stack = noAlternateStack;
  task.capabilities = { ...rootCapabilities, inheritable: task.capabilities.inheritable };
  if (task.files.users > 1) {
    task.files.users--;
    task.files = task.files.copy();
  }
  task.files.closeForExec();
  system.enter(task, entry, name);
  return done;
}

/** The other threads end, and this one takes the process's number. */
function becomeOnlyThread(task: Task): void {
  const { process, system } = task;
  for (const other of [...process.threads]) if (other !== task) endTask(other, { kind: "exited", code: 0 });
  if (task.tid === process.pid) return;
  system.tasks.delete(task.tid);
  task.tid = process.pid;
  system.tasks.set(task.tid, task);
}

function changeMemory(task: Task, mm: UserMm): void {
  leaveMemory(task);
  const old = task.mm;
  mm.mm.refusesHugePages = old.mm.refusesHugePages;
  task.mm = mm;
  task.system.releaseMm(old);
}
