import { allCapabilities } from "../process/capabilities.ts";
import type { SignalSet } from "../process/signalNumber.ts";
import { mostPending } from "../process/signalState.ts";
import type { Task, TaskState } from "../task.ts";
import type { ProcEntry } from "./entry.ts";
import { memoryStatus } from "./memory.ts";
import { isZombie } from "./process.ts";

/** A task's state as status names it. */
const states: Readonly<Record<TaskState, string>> = {
  ready: "R (running)",
  running: "R (running)",
  blocked: "S (sleeping)",
  stopped: "T (stopped)",
  dead: "X (dead)",
};

const lastSignal = 64;

/** A set of signals, or of capabilities, in hexadecimal. */
const mask = (set: SignalSet) => set.toString(16).padStart(16, "0");

function status(task: Task): string {
  const { process, signals, comm, tid, state, place, files, capabilities } = task;
  const withHandler = (wanted: (handler: number) => boolean): SignalSet => {
    let set = 0n;
    for (let number = 1; number <= lastSignal; number++) {
      if (wanted(process.actions.get(number).handler)) set |= 1n << BigInt(number - 1);
    }
    return set;
  };
  const harts = task.system.machine.harts.length;
  const identity: readonly (readonly [string, string | number])[] = [
    ["Name", comm],
    ["Umask", `0${place.umask.toString(8).padStart(3, "0")}`],
    ["State", isZombie(task) ? "Z (zombie)" : states[state]],
    ["Tgid", process.pid],
    ["Ngid", 0],
    ["Pid", tid],
    ["PPid", process.parent?.pid ?? 1],
    ["TracerPid", 0],
    ["Uid", "0\t0\t0\t0"],
    ["Gid", "0\t0\t0\t0"],
    ["FDSize", Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(1, [...files].length))))],
    ["Groups", "0 "],
    ["NStgid", process.pid],
    ["NSpid", tid],
    ["NSpgid", process.pgid],
    ["NSsid", process.sid],
    ["Kthread", 0],
  ];
  const signalLines: readonly (readonly [string, string | number])[] = [
    ["Threads", process.threads.size],
    ["SigQ", `${process.pending.budget.count}/${mostPending}`],
    ["SigPnd", mask(signals.pending.set)],
    ["ShdPnd", mask(process.pending.set)],
    ["SigBlk", mask(signals.blocked)],
    ["SigIgn", mask(withHandler((handler) => handler === 1))],
    ["SigCgt", mask(withHandler((handler) => handler > 1))],
    ["CapInh", mask(capabilities.inheritable)],
    ["CapPrm", mask(capabilities.permitted)],
    ["CapEff", mask(capabilities.effective)],
    ["CapBnd", mask(allCapabilities)],
    ["CapAmb", mask(0n)],
    ["NoNewPrivs", Number(process.kept.noNewPrivileges)],
    ["Seccomp", 0],
    ["Seccomp_filters", 0],
    ["Speculation_Store_Bypass", "unknown"],
    ["SpeculationIndirectBranch", "unknown"],
    ["Cpus_allowed", (2 ** Math.min(harts, 32) - 1).toString(16)],
    ["Cpus_allowed_list", harts === 1 ? "0" : `0-${harts - 1}`],
    ["Mems_allowed", "1"],
    ["Mems_allowed_list", "0"],
    ["voluntary_ctxt_switches", task.used.waits],
    ["nonvoluntary_ctxt_switches", task.used.preemptions],
  ];
  const lines = (all: readonly (readonly [string, string | number])[]) =>
    all.map(([name, value]) => `${name}:\t${value}\n`).join("");
  return lines(identity) + memoryStatus(task) + lines(signalLines);
}

/** /proc/PID/status. */
export const statusEntries: readonly ProcEntry[] = [{ name: "status", read: status }];
