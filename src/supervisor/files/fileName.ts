const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
/** A byte that is no part of any UTF-8 is a half of a surrogate pair of its own, which no UTF-8 stands for. */
const firstEscape = 0xdc00;

/**
 * Names of files are bytes; here they are strings. Those that are UTF-8 are what they say, and each byte of others that
 * cannot be read so is a lone surrogate, U+DC80 to U+DCFF: {@link encodePath} makes the same bytes of them again.
 */
export function decodePath(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeBytes(bytes);
  }
}

function decodeBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    text +=
      length === 0 ? String.fromCharCode(firstEscape + bytes[at]) : strict.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** How many bytes the character at a place has; 0: there is none. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  try {
    if (length > 0 && at + length <= bytes.length) {
      strict.decode(bytes.subarray(at, at + length));
      return length;
    }
  } catch {
    // begins as a character does, and goes on in another way
  }
  return 0;
}

const escaped = /[\udc80-\udcff]/u;

/** Whether a name has bytes that are not UTF-8. */
export function isEscaped(name: string): boolean {
  return escaped.test(name);
}

/** The bytes of a name. */
export function encodePath(name: string): Uint8Array {
  if (!isEscaped(name)) return encoder.encode(name);
  const parts: number[] = [];
  for (const character of name) {
    if (escaped.test(character)) parts.push(character.charCodeAt(0) - firstEscape);
    else parts.push(...encoder.encode(character));
  }
  return Uint8Array.from(parts);
}
