import { createMachine } from "../../../src/machine/machine.ts";
import { errnoName } from "../../../src/supervisor/errno.ts";
import { Supervisor, type SupervisorOptions } from "../../../src/supervisor/index.ts";
import { reg } from "../../../src/supervisor/registers.ts";
import { syscalls } from "../../../src/supervisor/syscalls/table.ts";
import { Task } from "../../../src/supervisor/task.ts";
import { codeAt, elfOf, fileOf } from "../userProgram.ts";

/** An argument of a system call: a number, or what a pointer to it is passed of: a string, bytes, room for an answer. */
export type Argument = number | bigint | string | Uint8Array;

/** Where the arguments' memory begins: behind the program's two pages. */
const roomAt = codeAt + 0x2000;
const roomBytes = 0x10000;
const rooms = 4;

/** The directory of a path that begins at the working directory. */
export const AT_FDCWD = -100;

/** A process that does nothing but make the system calls that a test wants. */
export class Caller {
  readonly system: Supervisor;
  readonly task: Task;
  /** Where its arguments lie: a thread's are elsewhere. */
  readonly #room: number;
  #next: number;

  constructor(options: Partial<SupervisorOptions> & { machine?: never } = {}, of?: Caller) {
    this.#room = of === undefined ? roomAt : of.#room + roomBytes;
    this.#next = this.#room;
    this.system = of?.system ?? new Supervisor({ ...options, machine: createMachine({ ramBytes: 32 << 20 }) });
    if (of === undefined) {
      this.task = this.system.start(fileOf(elfOf([]), "/program"), ["/program"], []);
      this.task.mm.map({ start: roomAt, end: roomAt + rooms * roomBytes, flags: 0x77 });
    } else this.task = threadOf(of.task);
    this.task.state = "running";
  }

  /** Makes a system call by its name: its answer, the name of its error, or "blocked". */
  call(name: string, ...args: readonly Argument[]): number | string {
    const syscall = syscalls.find((one) => one.name === name);
    if (syscall === undefined) throw new RangeError(`no system call is called ${name}`);
    const { regs } = this.task;
    this.#next = this.#room;
    args.forEach((argument, index) => {
      regs.setX(reg.a0 + index, typeof argument === "number" ? argument : this.#pass(argument));
    });
    regs.setX(reg.a7, syscall.number);
    this.system.dispatcher.begin(this.task);
    return this.#answer();
  }

  /** The call that was blocked is tried again, if it was woken. */
  again(): number | string {
    if (this.task.state !== "ready") return "blocked";
    this.task.state = "running";
    this.system.dispatcher.again(this.task);
    return this.#answer();
  }

  #answer(): number | string {
    if (this.task.state === "blocked") return "blocked";
    const answer = this.task.regs.x(reg.a0);
    return answer < 0 && answer > -4096 ? (errnoName(-answer) ?? answer) : answer;
  }

  #pass(argument: Exclude<Argument, number>): number {
    const bytes = typeof argument === "string" ? new TextEncoder().encode(`${argument}\0`) : this.#bytesOf(argument);
    const at = this.#next;
    this.task.memory.write(at, bytes);
    this.#next = Math.ceil((at + bytes.length) / 16) * 16;
    return at;
  }

  #bytesOf(argument: bigint | Uint8Array): Uint8Array {
    if (typeof argument !== "bigint") return argument;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, argument, true);
    return bytes;
  }

  /** Where the `index`th pointer of the last call led to, of those that were passed in so many bytes before. */
  memory(...before: readonly number[]): number {
    return before.reduce((at, bytes) => Math.ceil((at + bytes) / 16) * 16, this.#room);
  }

  /** Opens a file; a descriptor, or the name of the error. */
  open(path: string, flags = 0, mode = 0o644): number | string {
    return this.call("openat", AT_FDCWD, path, flags, mode);
  }

  /** What is in a file from its position on. */
  read(fd: number, most = 1000): string {
    const answer = this.call("read", fd, new Uint8Array(most), most);
    if (typeof answer === "string") return answer;
    return new TextDecoder().decode(this.task.memory.read(this.memory(), answer));
  }

  write(fd: number, text: string): number | string {
    return this.call("write", fd, text, text.length);
  }

  /** The whole content of a file by its path, or the error of opening it. */
  content(path: string): string {
    const fd = this.open(path);
    if (typeof fd === "string") return fd;
    const text = this.read(fd);
    this.call("close", fd);
    return text;
  }

  /** Where a link leads. */
  readlink(path: string): string {
    const answer = this.call("readlinkat", AT_FDCWD, path, new Uint8Array(200), 200);
    if (typeof answer === "string") return answer;
    return new TextDecoder().decode(this.task.memory.read(this.memory(path.length + 1), answer));
  }

  /** `st_mode` and `st_size` of a path, or the error. */
  stat(path: string, flags = 0): { mode: number; size: number } | string {
    const answer = this.call("newfstatat", AT_FDCWD, path, new Uint8Array(128), flags);
    if (typeof answer === "string") return answer;
    const at = this.memory(path.length + 1);
    return { mode: this.task.memory.u32(at + 16), size: this.task.memory.long(at + 48) };
  }

  /** The names in a directory, sorted, without `.` and `..`. */
  names(path: string): string[] | string {
    const fd = this.open(path, 0o200000);
    if (typeof fd === "string") return fd;
    const names: string[] = [];
    for (;;) {
      const count = this.call("getdents64", fd, new Uint8Array(2000), 2000) as number;
      if (count === 0) break;
      const bytes = this.task.memory.read(this.memory(), count);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at < count; at += view.getUint16(at + 16, true)) {
        const end = bytes.indexOf(0, at + 19);
        names.push(new TextDecoder().decode(bytes.subarray(at + 19, end)));
      }
    }
    this.call("close", fd);
    return names.filter((name) => name !== "." && name !== "..").sort();
  }

  /** Another thread of the same process. */
  thread(): Caller {
    return new Caller({}, this);
  }
}

function threadOf({ system, process, mm, files, place }: Task): Task {
  const task = new Task(system, { tid: system.allocatePid(), process, mm, files, place });
  files.users++;
  mm.users++;
  system.addTask(task);
  return task;
}
