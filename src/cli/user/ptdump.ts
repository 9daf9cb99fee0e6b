import type { Hart, Watcher } from "../../cpu/index.ts";
import { type PtdumpFormat, ptdump, ptdumpFormats } from "../../pagewalk/ptdump/index.ts";
import type { Supervisor, Task } from "../../supervisor/index.ts";
import { Failure, usage } from "../failure.ts";
import { parseHart } from "../options.ts";
import type { Host } from "../terminal.ts";
import { parseAddress } from "../translate.ts";
import type { UserArguments } from "./arguments.ts";
import { symbolsOf } from "./observe.ts";
import { runProgram, startUser } from "./run.ts";

/** The moment at which the tables are shown. */
interface Moment {
  /** Instructions of all programs together. */
  readonly count?: number;
  /** The address that a task of the first process comes to. */
  readonly pc?: bigint;
}

/**
 * `pagewalk ptdump --user`: runs a Linux program to a moment and prints the page tables of its first process, as they are
 * then. `end` is where that process ends, before its memory is given back.
 */
export async function ptdumpUser(command: UserArguments, host: Host): Promise<number> {
  const { given, program } = command;
  const text = (name: string, otherwise: string) => (typeof given[name] === "string" ? given[name] : otherwise);
  const format = ptdumpFormats.find((each) => each === text("format", "ranges"));
  if (format === undefined) {
    throw usage(`--format ${text("format", "")}`, `there is no such format: write one of ${ptdumpFormats.join(", ")}`);
  }
  const hart = given.hart === undefined ? undefined : parseHart(text("hart", ""));
  const at = text("at", "end");
  const user = startUser(command, host);
  const { supervisor } = user;
  const first = user.task;
  let picture: string | undefined;
  let seen = false;
  const show = (task: Task) => {
    picture ??= dump(task, format);
    seen = true;
    supervisor.stop();
  };
  if (at === "end") atEnd(supervisor, first, show);
  const moment = at === "end" ? {} : parseMoment(at, command);
  if (moment.pc !== undefined) atAddress(supervisor, first, moment.pc, hart, show);
  const end = await runProgram(user, moment.count, host);
  if (moment.count !== undefined && end.reason === "instructions" && first.state !== "dead") show(first);
  if (!seen || picture === undefined) {
    throw new Failure(program, `--at ${at}`, `the program ended before that (${end.reason}): choose an earlier moment`);
  }
  host.terminal.print(picture.replace(/\n$/, ""));
  return 0;
}

function dump(task: Task, format: PtdumpFormat): string {
  return ptdump(task.mm.mm.tables, format);
}

function parseMoment(at: string, command: UserArguments): Moment {
  if (/^\d+$/.test(at)) return { count: Number(at) };
  return { pc: parseAddress(at, symbolsOf(command), "--at") };
}

function atEnd(supervisor: Supervisor, first: Task, show: (task: Task) => void): void {
  const { dispatcher } = supervisor;
  const { observer } = dispatcher;
  dispatcher.observer = {
    onCall: (...call) => observer?.onCall?.(...call),
    onAnswer: (...answer) => observer?.onAnswer?.(...answer),
    onSignal: (...signal) => observer?.onSignal?.(...signal),
    onEnd: (task, exit) => {
      observer?.onEnd?.(task, exit);
      if (task.process === first.process && task.process.threads.size === 0) show(task);
    },
  };
}

/** Looks on instruction by instruction until a task of the first process is about to execute the one at an address. */
function atAddress(
  supervisor: Supervisor,
  first: Task,
  pc: bigint,
  only: number | undefined,
  show: (task: Task) => void,
): void {
  const look = (hart: Hart) => {
    const task = supervisor.taskOn(hart);
    if (hart.state.pc === pc && task?.process === first.process) show(task);
  };
  const watcher: Watcher = { before: () => {}, after: look };
  for (const hart of supervisor.machine.harts) if (only === undefined || hart.id === only) hart.watcher = watcher;
}
