import { faultReport } from "../../debug/faultReport.ts";
import { hex } from "../../debug/hex.ts";
import { Profile } from "../../debug/profile.ts";
import { UserSymbols } from "../../debug/userSymbols.ts";
import { ElfError, parseElf, type SymbolTable } from "../../machine/elf/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import type { Supervisor, Task } from "../../supervisor/index.ts";
import { readProgram } from "../program.ts";
import type { UserArguments } from "./arguments.ts";

/**
 * Explains each page fault of user programs from now on, before the supervisor does anything about it: who, the
 * instruction, what it wanted, the walk that failed, and the VMA that says what becomes of it.
 */
export function explainUserFaults(
  supervisor: Supervisor,
  symbols: () => SymbolTable | undefined,
  tell: (lines: readonly string[]) => void,
): void {
  for (const hart of supervisor.machine.harts) {
    const { onTrap } = hart;
    hart.onTrap = (trap) => {
      onTrap?.(trap);
      const task = supervisor.taskOn(hart);
      const lines = faultReport(hart, trap, symbols());
      if (task === undefined || lines === undefined) return;
      tell([`${task.comm}[${task.tid}] ${lines[0]}`, ...lines.slice(1), `  ${areaAt(task, trap.tval)}`]);
    };
  }
}

/** Samples what programs execute from now on: functions of the program and of its libraries. */
export function profileUser(supervisor: Supervisor): Profile {
  const symbols = new UserSymbols();
  return new Profile(supervisor.machine, (hart) => {
    const task = supervisor.taskOn(hart);
    return task === undefined ? "nothing" : symbols.nameOf(task, hart.state.pc);
  });
}

/** The VMA of an address in a line. */
function areaAt(task: Task, address: bigint): string {
  const vma = task.mm.mm.vmaAt(address);
  if (vma === null) return "no mapping has this address";
  const may = (flag: number, letter: string) => ((vma.vmFlags & flag) === 0 ? "-" : letter);
  const rights = may(vmFlag.VM_READ, "r") + may(vmFlag.VM_WRITE, "w") + may(vmFlag.VM_EXEC, "x");
  const kind = (vma.vmFlags & vmFlag.VM_SHARED) === 0 ? "private" : "shared";
  const { vmFile } = vma;
  const content = vmFile === null ? "anonymous memory" : `${vmFile.name} from page ${vma.pgoffOf(address)} on`;
  return `in the mapping ${hex(vma.vmStart)}..${hex(vma.vmEnd - 1n)}: ${rights}, ${kind}, ${content}`;
}

/** Symbols of a program of the host's; of one inside --root there are none, nor of what can be loaded anywhere. */
export function symbolsOf({ given, program }: UserArguments): SymbolTable | undefined {
  if (given.root !== undefined) return undefined;
  try {
    return parseElf(readProgram(program), program).symbols;
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    // no program for a fixed address
    return undefined;
  }
}
