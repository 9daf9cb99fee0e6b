/** One option of a command, under its long name. */
export interface OptionSpec {
  readonly describe: string;
  /** Its letter. */
  readonly alias?: string;
  /** It stands alone; all others have a value after them. */
  readonly flag?: true;
  /** Of `run --user`: it may be given several times. */
  readonly many?: true;
}

/** What a command takes. */
export interface CommandSpec {
  readonly describe: string;
  /** Arguments that it needs, in order, with what they are. */
  readonly positionals: Readonly<Record<string, string>>;
  /** What more arguments are, where it takes any number of them, at least one. */
  readonly rest?: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
}

/** What a command line gives, as text, by name of positional or option; flags that were given are `true`. */
export type Given = Readonly<Record<string, string | true | undefined>>;

const machine = {
  memory: { alias: "m", describe: "RAM: 128M, 3G (default 128M, with --user 1G)" },
  isa: { describe: "instruction set: rv64gc, rv64imac_zba ... (default max: everything)" },
  harts: { describe: "how many harts, 1 to 64 (default 1)" },
  tlb: { describe: "the architectural TLB as sets x ways: 64x4 (default 4096x8)" },
  engine: { describe: "interpreter, translator, or auto: what is executed often becomes WebAssembly (default auto)" },
  "code-cache": { describe: "memory for translated code, roughly: 64M (default 256M)" },
} as const;

const limits = {
  "max-instructions": { describe: "stop after so many instructions: 1000000, 10M" },
  timeout: { describe: "stop after so many seconds: 10, 0.5" },
} as const;

const elf = "a 64-bit RISC-V program";

/** What `run --user` takes: a Linux program, on a supervisor in place of a guest's kernel. */
export const userOptions = {
  user: { flag: true, describe: "run a Linux program: run --user [options] PROGRAM [ARGUMENT ...]" },
  ...machine,
  ...limits,
  stats: { flag: true, describe: "instructions, MIPS, TLB and traps, to standard error" },
  profile: { flag: true, describe: "the guest's hottest functions, to standard error" },
  trace: { describe: "write Spike's commit log to a file; - is standard output" },
  "explain-faults": { flag: true, describe: "explain each page fault on standard error" },
  strace: { flag: true, describe: "with --user: print each system call and signal to standard error" },
  env: {
    many: true,
    describe: "with --user: a variable of the program's environment, NAME=value; any number of times",
  },
  seed: { describe: "with --user: of everything random that programs get (default 0)" },
  clock: { describe: "with --user: time made of instructions (virtual, the default), or the host's (host)" },
  root: { describe: "with --user: a folder as the programs' root, only to be read; PROGRAM is a path in it" },
  writable: { flag: true, describe: "with --user: programs may write to the folder of --root" },
  thp: { describe: "with --user: which memory gets huge pages at a fault: always, madvise (the default) or never" },
  hugepages: {
    describe: "with --user: pages for MAP_HUGETLB: a number of 2 MiB ones, or 64K:N,2M:N,1G:N (default none)",
  },
  swap: { describe: "with --user: swap space, in memory of the host's: 64M, 1G (default none)" },
  "max-files": { describe: "with --user: how many files programs may have open at a time (default 4096)" },
  "max-processes": { describe: "with --user: how many processes and threads there may be at a time (default 4096)" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Where `ptdump` looks, and how it shows it. */
const moment = {
  at: {
    describe: "the moment: a symbol or 0x address that pc reaches, a number of instructions, or end (default end)",
  },
  format: { describe: "tree, ranges, json, html, or qemu: the layout of its info mem (default ranges)" },
  hart: { describe: "this hart's tables (default the one that reached the moment)" },
} as const;

/** What `ptdump --user` takes. */
export const ptdumpUserOptions = { ...userOptions, ...moment } as const satisfies Readonly<Record<string, OptionSpec>>;

/** Every command. */
export const commands = {
  run: {
    describe: "run a program to its end; the exit code is the program's, 124 on a limit, 125 if pagewalk failed",
    positionals: { elf },
    options: {
      ...userOptions,
      signature: { describe: "write begin_signature to end_signature to a file, as Spike does; - is standard output" },
      "signature-granularity": { describe: "bytes a line of the signature: 4, 8 or 16 (default 16)" },
    },
  },
  boot: {
    describe:
      "start an operating system on QEMU's virt board; QEMU's spellings work too; Ctrl-A X ends, Ctrl-A C is a monitor",
    positionals: {},
    options: {
      kernel: { describe: "a Linux Image, an ELF or a flat binary" },
      initrd: { describe: "the initial RAM disk" },
      append: { describe: "the kernel's command line" },
      bios: { describe: "firmware: a file, none (the kernel gets M-mode), or default (pagewalk's own)" },
      drive: { describe: "a raw disk image as a virtio disk: FILE, FILE,ro or FILE,overlay; any number of times" },
      device: {
        describe: "virtio-rng-device, virtio-blk-device,drive=ID, virtio-serial-device, virtconsole,chardev=ID",
      },
      serial: { describe: "where the UART leads: mon:stdio (the default), none, file:FILE or chardev:ID" },
      chardev: { describe: "stdio,id=ID, null,id=ID or file,id=ID,path=FILE: what a console leads to" },
      snapshot: { flag: true, describe: "no disk image is written to: as if each drive were an overlay" },
      memory: { alias: "m", describe: "RAM: 512M, 3G (default 512M)" },
      smp: { describe: "how many harts, 1 to 64 (default 1)" },
      isa: machine.isa,
      tlb: machine.tlb,
      engine: machine.engine,
      "code-cache": machine["code-cache"],
      clock: {
        describe: "time made of instructions, exact and repeatable (virtual), or real (host; default on a terminal)",
      },
      record: { describe: "write what is typed, and when, to a file (virtual time)" },
      replay: { describe: "type what --record has written, at the same instructions" },
      dtb: { describe: "a device tree blob in place of the machine's own" },
      dumpdtb: { describe: "write the device tree blob to a file, and end" },
      "no-reboot": { flag: true, describe: "end where the guest asks for a reset" },
      ...limits,
      stats: { flag: true, describe: "instructions, MIPS, TLB and traps, to standard error" },
      profile: { flag: true, describe: "the guest's hottest functions or pages, to standard error" },
    },
  },
  disasm: {
    describe: "print the disassembly of a program's code",
    positionals: { elf },
    options: { isa: machine.isa },
  },
  translate: {
    describe: "run a program to a moment and explain how an address is translated then, step by step",
    positionals: { elf, va: "a virtual address: 0x80001000, main, main+0x10" },
    options: {
      at: { describe: "the moment: a symbol or 0x address that pc reaches, or a number of instructions (default 0)" },
      access: { describe: "load, store or fetch (default all three)" },
      priv: { describe: "ask as U, S or M (default as the hart is then)" },
      hart: { describe: "ask this hart (default the one that reached the moment)" },
      ...machine,
      ...limits,
    },
  },
  ptdump: {
    describe: "run a program to a moment and show its page tables then",
    positionals: { elf },
    options: {
      ...moment,
      satp: { describe: "the tables that this value of satp names (default the hart's own satp)" },
      user: {
        flag: true,
        describe: "of a Linux program: ptdump --user [options of run --user] PROGRAM [ARGUMENT ...]",
      },
      ...machine,
      ...limits,
    },
  },
  test: {
    describe: "run many self-checking programs; 1 if any fails, 125 if pagewalk failed",
    positionals: {},
    rest: "programs, folders, or patterns such as 'tests/**/*.elf'",
    options: {
      ...machine,
      ...limits,
      jobs: { alias: "j", describe: "how many at once (default: as many as there are processors)" },
      filter: { describe: "only paths that match a regular expression" },
      shard: { describe: "one part of all tests: 2/5 is the second of five" },
      "fail-fast": { flag: true, describe: "stop at the first failure" },
      "pass-pattern": { describe: "pass when a line that is printed matches a regular expression" },
      reference: { describe: "compare signatures with DIR/<test>.signature" },
      junit: { describe: "write JUnit's XML to a file" },
      json: { describe: "write the results as JSON to a file" },
      tap: { flag: true, describe: "write TAP to standard output" },
    },
  },
  "diff-trace": {
    describe: "find where two commit logs, ours or Spike's, begin to differ; 0 if nowhere, 1 if they do",
    positionals: { a: "a commit log", b: "another" },
    options: { context: { describe: "lines to show before the difference (default 5)" } },
  },
  demo: {
    describe: "run the shipped demo and show its page tables and its TLB",
    positionals: {},
    options: {},
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

/** The name of a command. */
export type CommandName = keyof typeof commands;

/** A command and what it was given. */
export interface ParsedCommand {
  readonly name: CommandName;
  readonly given: Given;
  /** The arguments after the positionals, of commands that take any number. */
  readonly files?: readonly string[];
}

/**
 * Reads a command line that is written plainly: a command, its arguments, options as `--name value`, `--name=value` or
 * `-m value`, each at most once. Anything else is left to yargs (`undefined`), which also says what is wrong with it:
 * most command lines are plain, and need not wait for yargs to be loaded.
 */
export function parsePlain(args: readonly string[]): ParsedCommand | undefined {
  const [name, ...rest] = args;
  if (name === undefined || !Object.hasOwn(commands, name)) return undefined;
  const spec: CommandSpec = commands[name as CommandName];
  if (spec.rest !== undefined) return undefined;
  const given: Record<string, string | true> = {};
  const missing = Object.keys(spec.positionals);
  while (rest.length > 0) {
    const arg = rest.shift() as string;
    const option = /^(?:--([a-z][a-z-]+)(?:=(.+))?|-([a-z]))$/.exec(arg);
    if (option === null) {
      const positional = arg.startsWith("-") ? undefined : missing.shift();
      if (positional === undefined) return undefined;
      given[positional] = arg;
      continue;
    }
    const long = option[1] ?? longName(spec, option[3]);
    const found = Object.hasOwn(spec.options, long) ? spec.options[long] : undefined;
    if (found === undefined || given[long] !== undefined) return undefined;
    const value = found.flag === true ? noValue(option[2]) : (option[2] ?? takeValue(rest));
    if (value === undefined) return undefined;
    given[long] = value;
  }
  return missing.length === 0 ? { name: name as CommandName, given } : undefined;
}

function longName({ options }: CommandSpec, letter: string): string {
  return Object.keys(options).find((name) => options[name].alias === letter) ?? "";
}

/** A flag: `--stats=…` is not plain. */
function noValue(value: string | undefined): true | undefined {
  return value === undefined ? true : undefined;
}

/** The value of an option that stands after it; not what may be an option itself. */
function takeValue(rest: string[]): string | undefined {
  return rest[0] !== undefined && (!rest[0].startsWith("-") || rest[0] === "-") ? rest.shift() : undefined;
}
