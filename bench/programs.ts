/** A program that the benchmark runs. */
export interface Program {
  readonly name: string;
  readonly about: string;
  /** Whether it counts among the integer programs. */
  readonly isInteger: boolean;
}

/** The six programs of firmware/bench, each of about 10^9 instructions, that check their own results. */
export const programs: readonly Program[] = [
  { name: "sort", about: "sorting and lists", isInteger: true },
  { name: "crypto", about: "64-bit multiplies", isInteger: true },
  { name: "bytecode", about: "a bytecode interpreter", isInteger: true },
  { name: "float", about: "double: fma, divide, square root", isInteger: false },
  { name: "memory", about: "Sv39, 4 KiB pages over 64 MiB", isInteger: false },
  { name: "traps", about: "S-mode to M-mode and back", isInteger: false },
];

/** Programs for one question each, which count in no mean and are run when they are named. */
export const extras: readonly Program[] = [
  { name: "wide", about: "36,000 instructions in 512 functions, each called 300 times", isInteger: false },
  { name: "trips", about: "a million system calls from S-mode to M-mode and back", isInteger: false },
];

/** The program that ends at once. */
export const trivial = "trivial";

/** Where a program is. */
export const pathOf = (name: string): string => `firmware/bench/${name}.elf`;

/** Engines of which the table is made when nothing else is asked for. */
export const usualEngines = "pagewalk,qemu";

/** Something that runs programs: how it is called. */
export interface Engine {
  readonly name: string;
  readonly command: (elf: string) => readonly string[];
}

/** Ours is the built command line, run by this Node, as it is or interpreting only; QEMU is $QEMU or the system's. */
export const engines: readonly Engine[] = [
  { name: "pagewalk", command: (elf) => [process.execPath, "dist/cli/main.js", "run", "--stats", elf] },
  {
    name: "interpreter",
    command: (elf) => [process.execPath, "dist/cli/main.js", "run", "--stats", "--engine", "interpreter", elf],
  },
  {
    name: "qemu",
    command: (elf) => [
      process.env.QEMU ?? "qemu-system-riscv64",
      ...["-machine", "virt", "-m", "128M", "-bios", "none", "-display", "none", "-monitor", "none"],
      ...["-serial", "stdio", "-kernel", elf],
    ],
  },
];
