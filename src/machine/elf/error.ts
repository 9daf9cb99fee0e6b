/** Why an ELF file cannot be run: one line that names the file, the place in it, the values and the way out. */
export class ElfError extends Error {
  override readonly name = "ElfError";
  /** The file's name as its reader gave it. */
  readonly file: string;
  /** Where in the file: `program header 2 at offset 0xe8`. */
  readonly place: string;

  constructor(file: string, place: string, problem: string) {
    super(printable(`${file}: ${place}: ${problem}`));
    this.file = file;
    this.place = place;
  }
}

/** Text from a file nobody vouches for, fit for one line of a terminal: control characters become `\x1b` and the like. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** `0x80000000`, for messages. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
