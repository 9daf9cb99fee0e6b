/** Input flags of a terminal, `asm-generic/termbits.h`. */
export const inputFlag = {
  IGNBRK: 0o1,
  BRKINT: 0o2,
  ISTRIP: 0o40,
  INLCR: 0o100,
  IGNCR: 0o200,
  ICRNL: 0o400,
  IXON: 0o2000,
  IMAXBEL: 0o20000,
  IUTF8: 0o40000,
} as const;

/** Output flags. */
export const outputFlag = { OPOST: 0o1, ONLCR: 0o4, OCRNL: 0o10, ONOCR: 0o20, ONLRET: 0o40 } as const;

/** Local flags. */
export const localFlag = {
  ISIG: 0o1,
  ICANON: 0o2,
  ECHO: 0o10,
  ECHOE: 0o20,
  ECHOK: 0o40,
  ECHONL: 0o100,
  NOFLSH: 0o200,
  TOSTOP: 0o400,
  ECHOCTL: 0o1000,
  ECHOKE: 0o4000,
  IEXTEN: 0o100000,
} as const;

/** Indices of the control characters. */
export const control = {
  VINTR: 0,
  VQUIT: 1,
  VERASE: 2,
  VKILL: 3,
  VEOF: 4,
  VTIME: 5,
  VMIN: 6,
  VSUSP: 10,
  VEOL: 11,
  VREPRINT: 12,
  VWERASE: 14,
  VLNEXT: 15,
  VEOL2: 16,
} as const;

const controls = 19;
/** `struct termios`, and `struct termios2` with two speeds behind it. */
export const termiosBytes = 36;
export const termios2Bytes = 44;
const speed38400 = 38400;

/** How a terminal treats what is typed and printed. */
export class Termios {
  input: number = inputFlag.ICRNL | inputFlag.IXON;
  output: number = outputFlag.OPOST | outputFlag.ONLCR;
  /** B38400, CS8, CREAD. */
  controlModes = 0o277;
  local: number =
    localFlag.ISIG |
    localFlag.ICANON |
    localFlag.ECHO |
    localFlag.ECHOE |
    localFlag.ECHOK |
    localFlag.ECHOCTL |
    localFlag.ECHOKE |
    localFlag.IEXTEN;
  line = 0;
  readonly characters = Uint8Array.of(3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0);
  inputSpeed = speed38400;
  outputSpeed = speed38400;

  hasInput(flag: keyof typeof inputFlag): boolean {
    return (this.input & inputFlag[flag]) !== 0;
  }

  hasOutput(flag: keyof typeof outputFlag): boolean {
    return (this.output & outputFlag[flag]) !== 0;
  }

  hasLocal(flag: keyof typeof localFlag): boolean {
    return (this.local & localFlag[flag]) !== 0;
  }

  /** Whether a byte is a certain control character; 0 stands for none. */
  is(byte: number, which: keyof typeof control): boolean {
    const character = this.characters[control[which]];
    return character !== 0 && byte === character;
  }

  /** As the structure of the kernel. */
  encode(bytes: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(bytes));
    [this.input, this.output, this.controlModes, this.local].forEach((word, index) => {
      view.setUint32(4 * index, word, true);
    });
    view.setUint8(16, this.line);
    const all = new Uint8Array(view.buffer);
    all.set(this.characters, 17);
    if (bytes < termios2Bytes) return all;
    view.setUint32(termiosBytes, this.inputSpeed, true);
    view.setUint32(termiosBytes + 4, this.outputSpeed, true);
    return all;
  }

  decode(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.input = view.getUint32(0, true);
    this.output = view.getUint32(4, true);
    this.controlModes = view.getUint32(8, true);
    this.local = view.getUint32(12, true);
    this.line = view.getUint8(16);
    this.characters.set(bytes.subarray(17, 17 + controls));
    if (bytes.length < termios2Bytes) return;
    this.inputSpeed = view.getUint32(termiosBytes, true);
    this.outputSpeed = view.getUint32(termiosBytes + 4, true);
  }
}
