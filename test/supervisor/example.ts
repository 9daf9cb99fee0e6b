import { createMachine } from "../../src/index.ts";
import { type FaultAnswer, faultAnswer } from "../../src/kernel/index.ts";
import { makePte, vmFlag } from "../../src/pagewalk/index.ts";
import { done, programFile, Supervisor, syscall, type UserFault } from "../../src/supervisor/index.ts";

/** A student's page-fault handler: memory on demand, one page at a time, and always a fresh one. */
function myPageFault({ task, address, access, handle }: UserFault): FaultAnswer {
  const { mm } = task.mm;

  // which mapping is it, and may the program do that there? Below a stack there may be one soon
  const vma = mm.vmaAt(address);
  if (vma === null) return handle();
  const needed = { load: vmFlag.VM_READ, store: vmFlag.VM_WRITE, fetch: vmFlag.VM_EXEC }[access];
  if ((vma.vmFlags & needed) === 0) return faultAnswer.noPermission;

  // files, and pages that are there already, are not for today
  const entry = mm.entryFor(address);
  if (entry === null) return faultAnswer.noMemory;
  if (vma.vmFile !== null || !entry.isNone) return handle();

  // a page of zeros, and an entry for it in the tables that the hart walks
  const folio = mm.memory.allocateFolio();
  if (folio === undefined) return faultAnswer.noMemory;
  folio.mapCount = 1;
  const w = (vma.vmFlags & vmFlag.VM_WRITE) !== 0;
  entry.set(makePte({ v: 1, r: 1, w, u: 1, a: 1, d: w, ppn: folio.pfn }));
  return faultAnswer.done;
}

/** `done`, `noMapping` …: what became of an access. */
function nameOf(answer: FaultAnswer): string {
  return Object.entries(faultAnswer).find(([, value]) => value === answer)![0];
}

/** Runs a program with that handler, and tells what it asked of the system. */
export function runWatched(program: Uint8Array): string[] {
  const lines: string[] = [];
  const supervisor = new Supervisor({
    machine: createMachine({ ramBytes: 16 << 20 }),
    onOutput: (bytes) => lines.push(`output: ${new TextDecoder().decode(bytes)}`),
    onFault: (fault) => {
      const answer = myPageFault(fault);
      lines.push(`${fault.access} of 0x${fault.address.toString(16)}: ${nameOf(answer)}`);
      return answer;
    },
  });

  // look on at every system call, and answer one of them
  const { dispatcher } = supervisor;
  dispatcher.observer = {
    // what does not come back (exit, exec) answers `done`
    onAnswer: (_task, call, number, answer) =>
      lines.push(`${call?.name ?? number}${answer === done ? "" : `: ${answer}`}`),
  };
  dispatcher.replace(syscall(172, "getpid() pid", () => 42));

  supervisor.start(programFile("/program", program), ["/program"], []);
  lines.push(JSON.stringify(supervisor.run()));
  return lines;
}
