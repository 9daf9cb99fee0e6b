import { ProcFs } from "../proc/node.ts";
import { procRoot, sysRoot } from "../proc/tree.ts";
import { signal } from "../process/signalNumber.ts";
import type { Supervisor } from "../supervisor.ts";
import { CarriedFiles } from "./carriedFiles.ts";
import { ConsoleFile, ConsoleStream } from "./console.ts";
import type { Dentry } from "./dentry.ts";
import { DescriptorTable, OpenFileLimit } from "./descriptorTable.ts";
import { devices } from "./device.ts";
import { FileTree } from "./fileTree.ts";
import { HostFs } from "./hostFs.ts";
import type { HostTree } from "./hostTree.ts";
import { InetNames } from "./inetNames.ts";
import { type FileTime, fileType, type ProgramFile } from "./inode.ts";
import { WatchLimits } from "./inotifyFile.ts";
import { signalGroup } from "./jobControl.ts";
import { MemoryBudget, MemoryFs } from "./memoryFs.ts";
import { type OpenFile, openFlag } from "./openFile.ts";
import { PipeBudget } from "./pipe.ts";
import { ProgramInode } from "./programInode.ts";
import { SocketNames } from "./socketNames.ts";
import { Terminal } from "./terminal.ts";
import { TerminalFile } from "./terminalFile.ts";
import { Terminals } from "./terminals.ts";

/** Which files programs have, and what their standard ones lead to. */
export interface FileOptions {
  /** Standard output and standard error. */
  readonly onOutput?: (bytes: Uint8Array, isError: boolean) => void;
  /** Standard input: fills an array; bytes, 0 at the end, or -EAGAIN. Without it there is no input. */
  readonly onInput?: (into: Uint8Array) => number;
  /** A folder of the host's as the root of the tree. Without it the tree is in memory, and empty but for the program. */
  readonly hostTree?: HostTree;
  /** How many files all programs together may have open: 4,096 by default. One more is an ENFILE. */
  readonly maxFiles?: number;
  /**
   * Somebody sits at a terminal: its size, and which of standard input, output and error it is. What is typed comes by
   * {@link SystemFiles.type}.
   */
  readonly terminal?: {
    readonly columns: number;
    readonly rows: number;
    readonly isTerminal: readonly [input: boolean, output: boolean, error: boolean];
  };
}

const defaultMaxFiles = 4096;
const descriptorsEach = 1024;
/** All file systems in memory together have room for as much as a half of the machine's memory. */
const memoryShare = 2;
const device = { root: 0x10, tmp: 0x20, dev: 0x5, proc: 0x16, sys: 0x18, devpts: 0x17, shm: 0x21, memfd: 0x1 } as const;

/** All that programs can do with files begins here: the tree, its file systems, and what they share. */
export class SystemFiles {
  readonly tree: FileTree;
  readonly terminals: Terminals;
  readonly limit: OpenFileLimit;
  readonly pipes = new PipeBudget();
  readonly sockets = new SocketNames();
  readonly network = new InetNames();
  readonly watches = new WatchLimits();
  readonly carried = new CarriedFiles();
  /** Where files without a name are: memfd_create. */
  readonly unnamed: MemoryFs;
  /** Standard input, if it is no terminal. */
  readonly input: ConsoleStream;
  readonly #output: ConsoleStream;
  readonly #error: ConsoleStream;
  readonly #system: Supervisor;
  #budget: MemoryBudget | undefined;
  readonly #isTerminal: readonly boolean[];
  readonly #mounts: { readonly path: string; readonly dentry: Dentry }[] = [];

  constructor(system: Supervisor, options: FileOptions) {
    const { onOutput = () => {}, onInput = () => 0, hostTree, maxFiles = defaultMaxFiles, terminal } = options;
    this.#system = system;
    this.limit = new OpenFileLimit(maxFiles);
    this.limit.collect = () => this.carried.collect(system.tasks.values());
    this.input = new ConsoleStream("0", () => {}, onInput);
    const write = (isError: boolean) => (bytes: Uint8Array) => onOutput(bytes, isError);
    this.#output = new ConsoleStream("1", write(false), () => 0);
    this.#error = new ConsoleStream("2", write(true), () => 0);
    this.unnamed = this.#memoryFs(device.memfd);
    this.tree = new FileTree(
      hostTree === undefined
        ? this.#memoryFs(device.root).root
        : new HostFs(device.root, hostTree, this.#memoryOptions(), !system.machine.clock.isReal).root,
    );
    this.#mounts.push({ path: "/", dentry: this.tree.root });
    this.#mount("/proc", procRoot(new ProcFs(device.proc, () => this.time()), system));
    this.#mount("/sys", sysRoot(new ProcFs(device.sys, () => this.time(), "sysfs"), system));
    const devpts = this.#memoryFs(device.devpts, "devpts");
    this.terminals = new Terminals(devpts.root);
    this.#makeDevices(devpts);
    if (hostTree?.isReadOnly !== false) {
      const tmp = this.#memoryFs(device.tmp);
      tmp.root.setMode(0o1777);
      this.#mount("/tmp", tmp.root);
    }
    this.#isTerminal = terminal?.isTerminal ?? [false, false, false];
    if (terminal === undefined) return;
    const show = (bytes: Uint8Array) => {
      onOutput(bytes, false);
      return bytes.length;
    };
    this.terminals.console = new Terminal({ show, signal: (group, signal) => this.#signal(group, signal) }, terminal);
  }

  #signal(group: number, number: number): void {
    signalGroup(this.#system, group, number);
  }

  #memoryOptions(): { budget: MemoryBudget; clock: () => FileTime } {
    this.#budget ??= new MemoryBudget(Math.floor(this.#system.machine.memory.ramBytes / memoryShare));
    return { budget: this.#budget, clock: () => this.time() };
  }

  #memoryFs(dev: number, name = "tmpfs"): MemoryFs {
    return new MemoryFs({ dev, name, ...this.#memoryOptions() });
  }

  #mount(path: string, root: MemoryFs["root"] | ReturnType<typeof procRoot>): void {
    this.#mounts.push({ path, dentry: this.tree.mount(path, root) });
  }

  #makeDevices(devpts: MemoryFs): void {
    const { root } = this.#memoryFs(device.dev, "devtmpfs");
    for (const [name, rdev] of Object.entries(devices)) root.create(name, { mode: fileType.S_IFCHR | 0o666, rdev });
    const links = {
      fd: "/proc/self/fd",
      stdin: "/proc/self/fd/0",
      stdout: "/proc/self/fd/1",
      stderr: "/proc/self/fd/2",
    };
    for (const [name, target] of Object.entries(links)) root.symlink(name, target);
    for (const name of ["pts", "shm"]) root.create(name, { mode: fileType.S_IFDIR | 0o755 });
    this.#mount("/dev", root);
    this.#mount("/dev/pts", devpts.root);
    const shm = this.#memoryFs(device.shm);
    shm.root.setMode(0o1777);
    this.#mount("/dev/shm", shm.root);
  }

  /** What time it is, for files. */
  time(): FileTime {
    const now = this.#system.now();
    const seconds = Math.floor(now / 1e9);
    return [seconds + this.#system.epoch, Math.floor(now - seconds * 1e9)];
  }

  /** The first process's descriptors: standard input, output and error. */
  standard(): DescriptorTable {
    const files = new DescriptorTable(descriptorsEach, this.limit);
    files.add(this.#standardFile(0, openFlag.O_RDONLY));
    files.add(this.#standardFile(1, openFlag.O_WRONLY));
    files.add(this.#standardFile(2, openFlag.O_WRONLY));
    return files;
  }

  #standardFile(fd: number, flags: number): OpenFile {
    const { console } = this.terminals;
    if (console !== undefined && this.#isTerminal[fd]) {
      const dentry = this.tree.root.child("dev").child("console");
      return new TerminalFile(console, openFlag.O_RDWR, dentry);
    }
    return new ConsoleFile([this.input, this.#output, this.#error][fd], flags);
  }

  /** The first process's terminal is the console. */
  control(session: number): void {
    const { console } = this.terminals;
    if (console !== undefined) console.session = console.foreground = session;
  }

  /** Somebody wants the first process, and those that are in its group, to end: SIGINT. */
  interrupt(): void {
    const { first } = this.#system;
    if (first !== undefined) this.#signal(first.pgid, signal.SIGINT);
  }

  /** Keys are pressed at the console. How many bytes it takes. */
  type(bytes: Uint8Array): number {
    return this.terminals.console?.type(bytes) ?? 0;
  }

  /** Whether somebody waits for standard input or the console. */
  get isInputAwaited(): boolean {
    return !this.input.readers.isEmpty || this.terminals.console?.readers.isEmpty === false;
  }

  /** A program that is not in the tree gets a place there, so that it finds itself by its path. */
  install(file: ProgramFile): void {
    const names = file.path.split("/").filter((name) => name !== "" && name !== "." && name !== "..");
    const last = names.pop();
    if (last === undefined) return;
    let at = this.tree.root;
    for (const name of names) {
      if (at.inode.fs.isReadOnly) return;
      try {
        at = at.child(name);
      } catch {
        at = at.adopt(name, at.inode.create(name, { mode: fileType.S_IFDIR | 0o755 }));
      }
      if (!at.inode.isDirectory) return;
    }
    const covered = at.adopt(last, new ProgramInode(file, this.time()));
    covered.mounted = covered;
  }

  /** /proc/PID/mounts and mountinfo. */
  describeMounts(kind: "mounts" | "mountinfo"): string {
    return this.#mounts
      .map(({ path, dentry }, index) => {
        const { name, isReadOnly, dev } = dentry.inode.fs;
        const mode = isReadOnly ? "ro" : "rw";
        if (kind === "mounts") return `${name} ${path} ${name} ${mode},relatime 0 0\n`;
        return `${index + 1} ${index === 0 ? 0 : 1} 0:${dev} / ${path} ${mode},relatime - ${name} ${name} ${mode}\n`;
      })
      .join("");
  }
}
