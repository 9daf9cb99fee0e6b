// biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal, nor end a line
const controls = /[\u0000-\u001f\u007f-\u009f]/g;

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/** Text in one line, for a terminal or a report of lines: control characters are written `\x0a`. */
export function printable(text: string): string {
  return text.replace(controls, escaped);
}

/** A word for a shell; one with control characters needs bash's (or zsh's, or ksh's) way of quoting. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word) && !word.startsWith("-")) return word;
  if (word.search(controls) < 0) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${printable(word.replace(/[\\']/g, "\\$&"))}'`;
}
