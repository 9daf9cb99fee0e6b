import { hartLayout } from "../../cpu/index.ts";
import { LinuxError } from "../errno.ts";
import { reg } from "../registers.ts";
import type { Task } from "../task.ts";
import { encodeSignalInfo, type SignalInfo, signalInfoBytes } from "./signalInfo.ts";
import type { SignalSet } from "./signalNumber.ts";
import { type AlternateStack, actionFlag, noAlternateStack, type SignalAction, stackFlag } from "./signalState.ts";

/**
 * `struct rt_sigframe` of RISC-V: `siginfo_t`, then `struct ucontext`: flags, link, stack (24 bytes), the mask with room
 * for 1,024 signals, and at a multiple of 16 `struct sigcontext`: pc, x1 … x31, f0 … f31, fcsr, room for a Q extension.
 */
const frame = {
  ucontext: signalInfoBytes,
  stack: signalInfoBytes + 16,
  mask: signalInfoBytes + 40,
  pc: signalInfoBytes + 176,
  f: signalInfoBytes + 176 + 256,
  fcsr: signalInfoBytes + 176 + 512,
  reserved: signalInfoBytes + 176 + 516,
  end: signalInfoBytes + 176 + 784,
} as const;

/** Words of a hart's registers: where f0 … f31 and the two parts of fcsr are in `Registers.words`. */
const words = { f: hartLayout.f / 4, fflags: hartLayout.fflags / 4, frm: hartLayout.frm / 4 } as const;
const leastStack = 2048;

/** Whether a task runs on its alternate stack. */
export function isOnStack(task: Task): boolean {
  const { stack } = task.signals;
  if (stack.size === 0 || stack.flags & stackFlag.SS_AUTODISARM) return false;
  const sp = task.regs.x(reg.sp);
  return sp > stack.base && sp <= stack.base + stack.size;
}

/** Puts a frame on the task's stack and the task at the start of the handler. Throws EFAULT where there is no room. */
export function pushFrame(task: Task, action: SignalAction, info: SignalInfo, mask: SignalSet): void {
  const { regs, signals, memory } = task;
  const { stack } = signals;
  const usesStack = (action.flags & actionFlag.SA_ONSTACK) !== 0 && stack.size > 0 && !isOnStack(task);
  const top = usesStack ? stack.base + stack.size : regs.x(reg.sp);
  const at = top - frame.end - ((((top - frame.end) % 16) + 16) % 16);
  if (isOnStack(task) && at < stack.base) throw new LinuxError("EFAULT");
  const bytes = new Uint8Array(frame.end);
  const view = new DataView(bytes.buffer);
  bytes.set(encodeSignalInfo(info));
  writeStack(view, frame.stack, stack, isOnStack(task));
  view.setBigUint64(frame.mask, mask, true);
  const registers = new Int32Array(bytes.buffer, frame.pc, 64);
  registers.set(regs.words.subarray(2, 64), 2);
  view.setBigUint64(frame.pc, BigInt(regs.pc), true);
  new Int32Array(bytes.buffer, frame.f, 64).set(regs.words.subarray(words.f, words.f + 64));
  view.setUint32(frame.fcsr, (regs.words[words.frm] << 5) | regs.words[words.fflags], true);
  memory.write(at, bytes);
  if (stack.flags & stackFlag.SS_AUTODISARM) signals.stack = noAlternateStack;
  regs.pc = action.handler;
  regs.setX(reg.ra, task.mm.sigreturn);
  regs.setX(reg.sp, at);
  regs.setX(reg.a0, info.signal);
  regs.setX(reg.a1, at);
  regs.setX(reg.a2, at + frame.ucontext);
}

/** Takes the frame at the stack pointer: registers and stack are as it says. Its mask. Throws EFAULT for none. */
export function popFrame(task: Task): SignalSet {
  const { regs, memory } = task;
  const sp = regs.x(reg.sp);
  if (sp % 16 !== 0) throw new LinuxError("EFAULT");
  const bytes = memory.read(sp, frame.end);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 3; i++) if (view.getUint32(frame.reserved + 4 * i, true) !== 0) throw new LinuxError("EFAULT");
  regs.words.set(new Int32Array(bytes.buffer, frame.pc + 8, 62), 2);
  regs.pc = Number(view.getBigUint64(frame.pc, true));
  regs.words.set(new Int32Array(bytes.buffer, frame.f, 64), words.f);
  const fcsr = view.getUint32(frame.fcsr, true);
  regs.words[words.fflags] = fcsr & 31;
  regs.words[words.frm] = (fcsr >> 5) & 7;
  const stack = readStack(view, frame.stack);
  if (isSound(stack)) task.signals.stack = clean(stack);
  return view.getBigUint64(frame.mask, true);
}

/** `stack_t`: sp, flags, size. */
export function writeStack(view: DataView, at: number, stack: AlternateStack, isOn: boolean): void {
  const flags = stack.size === 0 ? stackFlag.SS_DISABLE : stack.flags | (isOn ? stackFlag.SS_ONSTACK : 0);
  view.setBigUint64(at, BigInt(stack.base), true);
  view.setUint32(at + 8, flags, true);
  view.setBigUint64(at + 16, BigInt(stack.size), true);
}

/** Reads a `stack_t`. */
export function readStack(view: DataView, at: number): AlternateStack {
  return {
    base: Number(view.getBigUint64(at, true)),
    flags: view.getUint32(at + 8, true),
    size: Number(view.getBigUint64(at + 16, true)),
  };
}

/** Sets the alternate stack. Throws EINVAL for other flags, ENOMEM for one that is too small. */
export function setStack(task: Task, stack: AlternateStack): void {
  const mode = stack.flags & ~stackFlag.SS_AUTODISARM;
  const isDisabled = mode === stackFlag.SS_DISABLE;
  if (!isDisabled && mode !== 0 && mode !== stackFlag.SS_ONSTACK) throw new LinuxError("EINVAL");
  if (!isDisabled && stack.size < leastStack) throw new LinuxError("ENOMEM");
  task.signals.stack = clean(stack);
}

function isSound({ flags, size }: AlternateStack): boolean {
  return (flags & stackFlag.SS_DISABLE) !== 0 || size >= leastStack;
}

function clean({ base, flags, size }: AlternateStack): AlternateStack {
  if (flags & stackFlag.SS_DISABLE) return noAlternateStack;
  return { base, size, flags: (flags & stackFlag.SS_AUTODISARM) >>> 0 };
}
