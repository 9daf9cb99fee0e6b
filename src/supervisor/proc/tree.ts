import { LinuxError } from "../errno.ts";
import { Dentry } from "../files/dentry.ts";
import { type FileStatus, type FileSystem, fileType, Inode } from "../files/inode.ts";
import { OpenFile } from "../files/openFile.ts";
import type { Process } from "../process/process.ts";
import type { Supervisor } from "../supervisor.ts";
import type { Task } from "../task.ts";
import { procEntries } from "./entries.ts";
import type { ProcEntry } from "./entry.ts";
import { networkEntries } from "./network.ts";
import { type ProcContent, ProcDirectory, ProcFile, type ProcFs, ProcLink } from "./node.ts";
import { isZombie } from "./process.ts";
import { settingEntries } from "./settings.ts";
import { cpuEntries, sysEntries } from "./sys.ts";
import { type SystemEntry, systemEntries } from "./system.ts";

const { S_IFDIR, S_IFREG, S_IFLNK } = fileType;

/** Where a name leads: an inode that is made when it is looked up first. */
type Made = readonly [type: number, make: () => Inode];

function contentOf(find: (task: Task | undefined) => Map<string, Made>): ProcContent {
  return {
    find: (name, task) => find(task).get(name)?.[1],
    *names(task) {
      for (const [name, [type]] of find(task)) yield [name, type];
    },
  };
}

/** The root of /proc. */
export function procRoot(fs: ProcFs, system: Supervisor): Inode {
  const fixed = once(
    () =>
      new Map<string, Made>([
        ["self", [S_IFLNK, () => new ProcLink(fs, { text: (task) => String(task.process.pid) })]],
        ["thread-self", [S_IFLNK, () => new ProcLink(fs, { text: (task) => `${task.process.pid}/task/${task.tid}` })]],
        ["net", [S_IFLNK, () => new ProcLink(fs, { text: () => "self/net" })]],
        ...systemFiles(fs, system, [...systemEntries, ...settingEntries]),
      ]),
  );
  const processOf = (name: string): Process | undefined =>
    /^[1-9]\d*$/.test(name) ? system.processes.get(Number(name)) : undefined;
  return new ProcDirectory(fs, {
    find: (name) => {
      const process = processOf(name);
      if (process === undefined || threadOf(process) === undefined) return fixed().get(name)?.[1];
      return () => taskDirectory(fs, () => threadOf(process), process);
    },
    *names() {
      for (const [name, [type]] of fixed()) yield [name, type];
      for (const process of system.processes.values()) {
        if (threadOf(process) !== undefined) yield [String(process.pid), S_IFDIR];
      }
    },
  });
}

/** What is made when it is asked for first: most programs never look. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The thread that stands for a process: its first, or what is left of the last. */
function threadOf(process: Process): Task | undefined {
  for (const task of process.threads) return task;
  return process.remains;
}

/** The root of /sys. */
export function sysRoot(fs: ProcFs, system: Supervisor): Inode {
  return new ProcDirectory(fs, contentOf(once(() => systemFiles(fs, system, [...sysEntries, ...cpuEntries(system)]))));
}

/** Files about the system under a path, and the directories of longer ones. */
function systemFiles(fs: ProcFs, system: Supervisor, entries: readonly SystemEntry[], under = ""): Map<string, Made> {
  const found = new Map<string, Made>();
  for (const entry of entries) {
    if (!entry.path.startsWith(under)) continue;
    const [name, ...rest] = entry.path.slice(under.length).split("/");
    if (rest.length > 0) {
      if (found.has(name)) continue;
      const inside = once(() => systemFiles(fs, system, entries, `${under}${name}/`));
      found.set(name, [S_IFDIR, () => new ProcDirectory(fs, contentOf(inside))]);
    } else if (entry.link !== undefined) {
      const { link } = entry;
      found.set(name, [S_IFLNK, () => new ProcLink(fs, { text: () => link })]);
    } else {
      const { read, write } = entry;
      const text = {
        read: () => read?.(system) ?? "",
        ...(write && { write: (bytes: Uint8Array) => write(system, bytes) }),
      };
      found.set(name, [S_IFREG, () => new ProcFile(fs, text)]);
    }
  }
  return found;
}

/** /proc/PID, and /proc/PID/task/TID (without `process`). `current` is undefined when it has ended. */
function taskDirectory(fs: ProcFs, current: () => Task | undefined, process?: Process): Inode {
  const alive = (): Task => {
    const task = current();
    if (task === undefined || (task.state === "dead" && !isZombie(task))) throw new LinuxError("ESRCH");
    return task;
  };
  const all = new Map<string, Made>(procEntries.map((entry) => [entry.name, entryInode(fs, entry, alive)]));
  const descriptors = (make: (fd: number) => Made): ProcContent => descriptorContent(alive, make);
  all.set("fd", [
    S_IFDIR,
    () =>
      new ProcDirectory(
        fs,
        descriptors((fd) => descriptorLink(fs, alive, fd)),
      ),
  ]);
  all.set("fdinfo", [
    S_IFDIR,
    () =>
      new ProcDirectory(
        fs,
        descriptors((fd) => descriptorInfo(fs, alive, fd)),
      ),
  ]);
  if (!all.has("cwd"))
    all.set(
      "cwd",
      placeLink(fs, alive, (task) => task.place.cwd),
    );
  if (!all.has("root"))
    all.set(
      "root",
      placeLink(fs, alive, (task) => task.place.root),
    );
  if (!all.has("exe")) all.set("exe", [S_IFLNK, () => new ProcLink(fs, { text: () => alive().mm.exe })]);
  for (const name of ["mounts", "mountinfo"] as const) {
    all.set(name, [S_IFREG, () => new ProcFile(fs, { read: () => alive().system.files.describeMounts(name) })]);
  }
  all.set("ns", [S_IFDIR, () => new ProcDirectory(fs, namespaceContent(fs))]);
  all.set("net", [
    S_IFDIR,
    () => new ProcDirectory(fs, contentOf(once(() => systemFiles(fs, alive().system, networkEntries)))),
  ]);
  all.set("map_files", [S_IFDIR, () => new ProcDirectory(fs, mappedContent(fs, alive))]);
  if (process !== undefined) all.set("task", [S_IFDIR, () => new ProcDirectory(fs, threadContent(fs, process))]);
  return new ProcDirectory(
    fs,
    contentOf(() => all),
  );
}

function placeLink(fs: ProcFs, alive: () => Task, where: (task: Task) => Dentry): Made {
  return [S_IFLNK, () => new ProcLink(fs, { text: () => where(alive()).path, jump: () => where(alive()) })];
}

function entryInode(fs: ProcFs, entry: ProcEntry, alive: () => Task): Made {
  const { link, read, readAt, write, writeAt, ioctl } = entry;
  if (link !== undefined) return [S_IFLNK, () => new ProcLink(fs, { text: () => link(alive()) })];
  return [
    S_IFREG,
    () =>
      new ProcFile(fs, {
        ...(read && { read: () => read(alive()) }),
        ...(readAt && { readAt: (offset, into) => readAt(alive(), offset, into) }),
        ...(write && { write: (bytes) => write(alive(), bytes) }),
        ...(writeAt && { writeAt: (offset, bytes) => writeAt(alive(), offset, bytes) }),
        ...(ioctl && { ioctl: (caller, request, argument) => ioctl(alive(), caller, request, argument) }),
      }),
  ];
}

/** Namespaces, of which there is one each, and the numbers that Linux gives the first. */
const namespaces = { time: 34, cgroup: 35, pid: 36, user: 37, uts: 38, ipc: 39, net: 40, mnt: 41 } as const;
const firstNamespace = 4_026_531_800;

function namespaceContent(fs: ProcFs): ProcContent {
  const link = (name: keyof typeof namespaces): Made => {
    const ino = firstNamespace + namespaces[name];
    const text = `${name}:[${ino}]`;
    const jump = () => new Dentry(new NamespaceInode(ino), text);
    return [S_IFLNK, () => new ProcLink(fs, { text: () => text, jump })];
  };
  const names = Object.keys(namespaces) as (keyof typeof namespaces)[];
  const links = names.map((name) => [name, link(name)] as const);
  const forChildren = (["pid", "time"] as const).map((name) => [`${name}_for_children`, link(name)] as const);
  return contentOf(once(() => new Map([...links, ...forChildren])));
}

/** What is mapped of files: `start-end`, and the file's path. */
function mappedContent(fs: ProcFs, alive: () => Task): ProcContent {
  return contentOf(() => {
    const found = new Map<string, Made>();
    for (const { vmStart, vmEnd, vmFile } of alive().mm.mm.vmas) {
      if (vmFile === null) continue;
      const { name } = vmFile;
      const link = () => new ProcLink(fs, { text: () => name });
      found.set(`${vmStart.toString(16)}-${vmEnd.toString(16)}`, [S_IFLNK, link]);
    }
    return found;
  });
}

function threadContent(fs: ProcFs, process: Process): ProcContent {
  const find = (name: string) => [...process.threads].find(({ tid }) => String(tid) === name);
  return {
    find: (name) => {
      const task = find(name);
      return task && (() => taskDirectory(fs, () => task));
    },
    *names() {
      for (const { tid } of process.threads) yield [String(tid), S_IFDIR];
    },
  };
}

function descriptorContent(alive: () => Task, make: (fd: number) => Made): ProcContent {
  return {
    find: (name) => {
      const isNumber = /^(0|[1-9]\d*)$/.test(name);
      return isNumber && alive().files.find(Number(name)) !== undefined ? make(Number(name))[1] : undefined;
    },
    *names() {
      for (const fd of alive().files) yield [String(fd), make(fd)[0]];
    },
  };
}

function descriptorLink(fs: ProcFs, alive: () => Task, fd: number): Made {
  const file = () => alive().files.get(fd);
  const make = () => new ProcLink(fs, { text: () => file().path, jump: () => dentryOf(file()) });
  return [S_IFLNK, make];
}

function descriptorInfo(fs: ProcFs, alive: () => Task, fd: number): Made {
  const read = () => {
    const { files } = alive();
    const { position, flags, info } = files.get(fd);
    const all = flags | (files.getCloseOnExec(fd) ? 0o2000000 : 0);
    return `pos:\t${position}\nflags:\t0${all.toString(8)}\nmnt_id:\t1\nino:\t1\n${info}`;
  };
  return [S_IFREG, () => new ProcFile(fs, { read })];
}

/** Where a descriptor's magic link leads; for what is in no tree a place of its own. */
function dentryOf(file: OpenFile): Dentry {
  return file.dentry ?? new Dentry(new OpenedInode(file), file.path);
}

const withoutNames = { isReadOnly: false, usage: () => ({ total: 0, free: 0 }) };
const anonymous: FileSystem = { dev: 0xe, name: "anon_inodefs", magic: 0x0904_1934, ...withoutNames };
const namespaceFs: FileSystem = { dev: 0x4, name: "nsfs", magic: 0x6e73_6673, ...withoutNames };

/** A namespace, to be compared with others by its number. */
class NamespaceInode extends Inode {
  readonly fs = namespaceFs;
  readonly type = S_IFREG;
  readonly #ino: number;

  constructor(ino: number) {
    super();
    this.#ino = ino;
  }

  status(): FileStatus {
    const zero = { nlink: 1, uid: 0, gid: 0, rdev: 0, size: 0, blocks: 0, blockSize: 4096 };
    const times = { atime: [0, 0], mtime: [0, 0], ctime: [0, 0] } as const;
    return { dev: namespaceFs.dev, ino: this.#ino, mode: S_IFREG | 0o444, ...zero, ...times };
  }

  override open(_task: Task, flags: number, dentry: Dentry): OpenFile {
    return new OpenNamespace(flags, dentry);
  }
}

/** There is nothing to be done with it but to compare it. */
class OpenNamespace extends OpenFile {
  override readonly dentry: Dentry;

  constructor(flags: number, dentry: Dentry) {
    super(flags);
    this.dentry = dentry;
  }

  get path(): string {
    return this.dentry.path;
  }
}

/** The file of a descriptor that has no name: a pipe can be opened once more, an epoll set cannot. */
class OpenedInode extends Inode {
  readonly fs = anonymous;
  readonly #file: OpenFile;

  constructor(file: OpenFile) {
    super();
    this.#file = file;
  }

  get type(): number {
    return this.#file.status().mode & fileType.S_IFMT;
  }

  status(): FileStatus {
    return this.#file.status();
  }

  override open(_task: Task, flags: number): OpenFile {
    return this.#file.reopen(flags);
  }
}
