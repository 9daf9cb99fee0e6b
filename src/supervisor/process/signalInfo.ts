/** What a handler is told of its signal: the fields of `siginfo_t` that the kind of signal has. */
export interface SignalInfo {
  readonly signal: number;
  /** `si_code`. */
  readonly code: number;
  /** Of a fault: `si_addr`. */
  readonly address?: bigint;
  /** Of kill and of SIGCHLD: who sent it. */
  readonly pid?: number;
  /** Of SIGCHLD: exit code or signal. */
  readonly status?: number;
  /** Of a timer: its number and how often it fired besides. */
  readonly timer?: number;
  readonly overrun?: number;
  /** Told the overrun when the signal is taken: `timer_getoverrun` answers that. */
  readonly onTaken?: (overrun: number) => void;
  /** `si_value` of a timer. */
  readonly value?: bigint;
  /** All 128 bytes, as rt_sigqueueinfo got them. */
  readonly raw?: Uint8Array;
}

/** `si_code` of what is no fault. */
export const signalCode = {
  SI_USER: 0,
  SI_KERNEL: 0x80,
  SI_TIMER: -2,
  SI_TKILL: -6,
  CLD_EXITED: 1,
  CLD_KILLED: 2,
  CLD_DUMPED: 3,
  CLD_STOPPED: 5,
  CLD_CONTINUED: 6,
} as const;

/** Bytes of a `siginfo_t`. */
export const signalInfoBytes = 128;

/** `siginfo_t` (`asm-generic/siginfo.h`) on a 64-bit machine. */
export function encodeSignalInfo(info: SignalInfo): Uint8Array {
  if (info.raw !== undefined) return info.raw;
  const bytes = new Uint8Array(signalInfoBytes);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, info.signal, true);
  view.setInt32(8, info.code, true);
  if (info.address !== undefined) view.setBigUint64(16, info.address, true);
  else {
    view.setInt32(16, info.timer ?? info.pid ?? 0, true);
    view.setInt32(20, info.overrun ?? 0, true);
    if (info.status !== undefined) view.setInt32(24, info.status, true);
    if (info.value !== undefined) view.setBigUint64(24, BigInt.asUintN(64, info.value), true);
  }
  return bytes;
}
