// elfy 1.0.0 ships no types. Only what src/machine/elf/tables.ts uses is declared, as its source says it is.
declare module "elfy" {
  /** What elfy asks of the file's bytes: a few methods of Node's Buffer. */
  interface ElfyBuffer extends Uint8Array {
    readUInt16LE(offset: number): number;
    readUInt32LE(offset: number): number;
  }

  /** Fields that elfy reads as doubles are `number` here and wrong above 2^53: they are read again elsewhere. */
  interface ElfyHeader {
    class: "32" | "64";
    endian: "lsb" | "msb";
    osabi: string | undefined;
    type: string | undefined;
    phoff: number;
    phentsize: number;
    phnum: number;
    shoff: number;
    shentsize: number;
    shnum: number;
    shstrndx: number;
  }

  interface ElfyProgram {
    /** `load`, `interp`, `note` …, or undefined where elfy has no word for it. */
    type: string | undefined;
    /** `r`, `w`, `x`, and the bare number of each bit without a name. */
    flags: Record<string, true>;
  }

  interface ElfySection {
    /** Offset in the section name table. */
    name: number;
    /** `progbits`, `symtab` …, or the number where elfy has no word for it. */
    type: string | number;
    link: number;
    info: number;
  }

  class Parser {
    parseHeader(bytes: ElfyBuffer): ElfyHeader;
    parsePrograms(bytes: ElfyBuffer, header: ElfyHeader): ElfyProgram[];
    parseSections(bytes: ElfyBuffer, header: ElfyHeader): ElfySection[];
    resolveStr(table: ElfyBuffer, offset: number): string;
  }

  const elfy: { Parser: typeof Parser };
  export default elfy;
  export type { ElfyBuffer, ElfyHeader, ElfyProgram, ElfySection };
}
