/**
 * The ELF64 file format, as far as it is read here: sizes, offsets and numbers of the System V gABI (chapters "ELF
 * Header", "Sections", "Symbol Table", "Program Header") and of the RISC-V ELF psABI.
 */

/** Bytes of an ELF header, a program header, a section header, a symbol. */
export const headerSize = 64;
export const programHeaderSize = 56;
export const sectionHeaderSize = 64;
export const symbolSize = 24;

/** Offsets in the ELF header. */
export const headerAt = {
  class: 4,
  data: 5,
  identVersion: 6,
  type: 16,
  machine: 18,
  version: 20,
  entry: 24,
  phoff: 32,
  shoff: 40,
  flags: 48,
  phentsize: 54,
  phnum: 56,
  shentsize: 58,
  shnum: 60,
  shstrndx: 62,
} as const;

/** Offsets in a program header. */
export const programAt = { offset: 8, vaddr: 16, paddr: 24, filesz: 32, memsz: 40 } as const;

/** Offsets in a section header. */
export const sectionAt = {
  type: 4,
  flags: 8,
  addr: 16,
  offset: 24,
  size: 32,
  link: 40,
  info: 44,
  addralign: 48,
  entsize: 56,
} as const;

/** Offsets in a symbol. */
export const symbolAt = { name: 0, info: 4, shndx: 6, value: 8, size: 16 } as const;

/** e_machine of RISC-V. */
export const riscv = 243;

/** Numbers of e_type. */
export const fileType = { rel: 1, exec: 2, dyn: 3, core: 4 } as const;

/** Numbers of sh_type. */
export const sectionType = { none: 0, symtab: 2, strtab: 3, nobits: 8, dynsym: 11 } as const;

/** The bit of sh_flags that says: this section is in memory when the program runs. */
export const sectionAllocated = 2n;

/** Section numbers that are not section numbers. */
export const sectionNumber = {
  undefined: 0,
  reserved: 0xff00,
  absolute: 0xfff1,
  common: 0xfff2,
  extended: 0xffff,
} as const;

/** e_phnum when the real count is in sh_info of section header 0. */
export const extendedProgramCount = 0xffff;

/** Names of the processors whose programs people are likely to hold by mistake, by e_machine. */
const machineNames: ReadonlyMap<number, string> = new Map([
  [0, "no machine"],
  [2, "SPARC"],
  [3, "x86 (i386)"],
  [4, "Motorola 68000"],
  [8, "MIPS"],
  [15, "PA-RISC"],
  [20, "PowerPC"],
  [21, "64-bit PowerPC"],
  [22, "s390"],
  [40, "Arm"],
  [42, "SuperH"],
  [43, "SPARC V9"],
  [45, "ARC"],
  [50, "Itanium"],
  [62, "x86-64"],
  [80, "MMIX"],
  [83, "AVR"],
  [92, "OpenRISC"],
  [93, "ARCompact"],
  [94, "Xtensa"],
  [105, "MSP430"],
  [113, "Nios II"],
  [164, "Hexagon"],
  [183, "AArch64"],
  [189, "MicroBlaze"],
  [190, "CUDA"],
  [195, "ARCv2"],
  [220, "Z80"],
  [224, "AMD GPU"],
  [riscv, "RISC-V"],
  [247, "BPF"],
  [252, "C-SKY"],
  [258, "LoongArch"],
  [0x9026, "Alpha"],
]);

/** What to call a processor in a message: `AArch64`, or `machine 4711`. */
export function machineName(machine: number): string {
  return machineNames.get(machine) ?? `machine ${machine}`;
}
