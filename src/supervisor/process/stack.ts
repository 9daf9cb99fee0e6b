import { encodePath } from "../files/fileName.ts";
import type { UserMm } from "../memory/userMm.ts";
import type { ProgramStart } from "./exec.ts";

/** What a new program finds on its stack. */
export interface StackContent extends ProgramStart {
  /** Addresses of the program headers and of the first instruction, relocated; the interpreter's base or 0. */
  readonly headers: number;
  readonly headerCount: number;
  readonly entry: number;
  readonly interpreterBase: number;
}

/** Keys of the auxiliary vector, `linux/auxvec.h`. */
const at = {
  null: 0,
  phdr: 3,
  phent: 4,
  phnum: 5,
  pagesz: 6,
  base: 7,
  flags: 8,
  entry: 9,
  uid: 11,
  euid: 12,
  gid: 13,
  egid: 14,
  hwcap: 16,
  clktck: 17,
  secure: 23,
  random: 25,
  execfn: 31,
} as const;

/** Writes argc, argv, envp and the auxiliary vector below `top`; the stack pointer. Throws EFAULT for no room. */
export function buildStack(mm: UserMm, top: number, content: StackContent): number {
  const { user } = mm;
  let sp = top - 8;
  const push = (bytes: Uint8Array): number => {
    sp -= bytes.length + 1;
    user.write(sp, bytes);
    user.setU8(sp + bytes.length, 0);
    return sp;
  };
  const execfn = push(encodePath(content.path));
  mm.envEnd = execfn;
  const pushAll = (strings: readonly Uint8Array[]) => [...strings].reverse().map(push).reverse();
  const envp = pushAll(content.envp);
  mm.envStart = mm.argEnd = sp;
  const argv = pushAll(content.argv);
  mm.argStart = sp;
  sp -= 16;
  const random = sp;
  user.write(random, content.random);
  const auxv = auxiliaryVector(content, execfn, random);
  const words = [argv.length, ...argv, 0, ...envp, 0, ...auxv];
  sp -= sp % 16;
  sp -= Math.ceil((words.length * 8) / 16) * 16;
  const image = new DataView(new ArrayBuffer(words.length * 8));
  words.forEach((word, index) => {
    image.setBigUint64(index * 8, BigInt(word), true);
  });
  const bytes = new Uint8Array(image.buffer);
  user.write(sp, bytes);
  mm.auxv = bytes.slice((words.length - auxv.length) * 8);
  mm.startStack = sp;
  return sp;
}

function auxiliaryVector(content: StackContent, execfn: number, random: number): number[] {
  const pairs: readonly (readonly [number, number])[] = [
    [at.hwcap, content.hwcap],
    [at.pagesz, 4096],
    [at.clktck, 100],
    [at.phdr, content.headers],
    [at.phent, 56],
    [at.phnum, content.headerCount],
    [at.base, content.interpreterBase],
    [at.flags, 0],
    [at.entry, content.entry],
    [at.uid, 0],
    [at.euid, 0],
    [at.gid, 0],
    [at.egid, 0],
    [at.secure, 0],
    [at.random, random],
    [at.execfn, execfn],
    [at.null, 0],
  ];
  return pairs.flat();
}
