import { codeAt } from "./userProgram.ts";

const firstInstruction = codeAt + 0x100;

/** Numbers of system calls. */
export const nr = {
  exit: 93,
  exitGroup: 94,
  setTidAddress: 96,
  futex: 98,
  nanosleep: 101,
  setitimer: 103,
  clockGettime: 113,
  schedYield: 124,
  kill: 129,
  tgkill: 131,
  sigaltstack: 132,
  sigsuspend: 133,
  sigaction: 134,
  sigprocmask: 135,
  sigpending: 136,
  sigtimedwait: 137,
  sigreturn: 139,
  getpid: 172,
  getppid: 173,
  gettid: 178,
  clone: 220,
  execve: 221,
  mmap: 222,
  wait4: 260,
  prlimit: 261,
  getrandom: 278,
  pidfdOpen: 434,
} as const;

/** A register takes a number of 32 bits, in two instructions; or `=label`: the address of a label. */
export function li(register: string, value: number | string): string[] {
  const text = typeof value === "number" ? `${value}` : value;
  return [`li.high ${register} ${text}`, `li.low ${register} ${text}`];
}

/** A system call: arguments are numbers, labels (`=label`) or, as they are, registers. `undefined`: as it is. */
export function sys(number: number, ...args: readonly (number | string | undefined)[]): string[] {
  const loads = args.flatMap((value, index) => {
    if (value === undefined) return [];
    if (typeof value === "string" && !value.startsWith("=")) return [`addi a${index}, ${value}, 0`];
    return li(`a${index}`, value);
  });
  return [...loads, ...li("a7", number), "ecall"];
}

/**
 * Lines for `elfOf` out of lines with labels: `name:` is a label, `@name` in an instruction its distance, and those that
 * {@link li} makes are resolved.
 */
export function labelled(...parts: readonly (string | readonly string[])[]): string[] {
  const lines = parts.flat();
  const labels = new Map<string, number>();
  let count = 0;
  for (const line of lines) {
    if (line.endsWith(":")) labels.set(line.slice(0, -1), firstInstruction + 4 * count);
    else count++;
  }
  const addressOf = (name: string): number => {
    const address = labels.get(name);
    if (address === undefined) throw new RangeError(`no label is called ${name}`);
    return address;
  };
  return lines
    .filter((line) => !line.endsWith(":"))
    .map((line, index) => {
      const load = /^li\.(high|low) (\w+) (.*)$/.exec(line);
      if (load === null)
        return line.replace(/@(\w+)/, (_, name) => distance(addressOf(name) - firstInstruction - 4 * index));
      const [, half, register, text] = load;
      const value = text.startsWith("=") ? addressOf(text.slice(1)) : Number(text);
      return half === "high"
        ? `lui ${register}, ${((value + 0x800) >>> 12) & 0xfffff}`
        : `addiw ${register}, ${register}, ${(value << 20) >> 20}`;
    });
}

const distance = (bytes: number) => (bytes < 0 ? `pc-${-bytes}` : `pc+${bytes}`);

/** 64-bit words, little-endian. */
export function words(...values: readonly (number | bigint)[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => {
    view.setBigUint64(8 * index, BigInt.asUintN(64, BigInt(value)), true);
  });
  return new Uint8Array(view.buffer);
}
