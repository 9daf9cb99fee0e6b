import { handleFault, KernelMemory, Mm } from "../../src/kernel/index.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { sv39 } from "../../src/mmu/index.ts";
import { ACTION_CONTINUE, PGWALK_RDLOCK, vmFlag, walkPageRange } from "../../src/pagewalk/index.ts";
import { ptdump } from "../../src/pagewalk/ptdump/index.ts";
import { adviseDontNeed } from "../../src/pagewalk/users/index.ts";

/** Makes an address space in a machine's RAM, walks it, changes it, and tells what it saw. */
export function walkAround(): string[] {
  const lines: string[] = [];
  const machine = createMachine({ ramBytes: 16 << 20 });
  const memory = new KernelMemory({ memory: machine.memory, harts: machine.harts.map((hart) => hart.mmu) });
  const mm = new Mm({ name: "example", memory, mode: sv39, asid: 1 });

  // 4 MiB that may be read and written, with huge pages: one is touched, and one small page behind it
  const flags = vmFlag.VM_READ | vmFlag.VM_WRITE | vmFlag.VM_MAYWRITE;
  mm.addVma({ start: 0x40_0000n, end: 0x80_0000n, flags: flags | vmFlag.VM_HUGEPAGE });
  mm.addVma({ start: 0xa0_0000n, end: 0xa0_2000n, flags });
  handleFault(mm, 0x40_0000n, "store");
  handleFault(mm, 0xa0_1000n, "store");

  // a walk: huge leaves are shown and passed over, not split
  mm.mmapLock.lockRead();
  walkPageRange(mm, 0x20_0000n, 0xa0_2000n, {
    walkLock: PGWALK_RDLOCK,
    pmdEntry: (pmd, addr, next, walk) => {
      if (!pmd.isLeaf) return 0;
      walk.action = ACTION_CONTINUE;
      lines.push(`pmd ${addr.toString(16)}-${next.toString(16)}: 2 MiB, D=${Number(pmd.d)}`);
      return 0;
    },
    pteEntry: (pte, addr) => {
      lines.push(`pte ${addr.toString(16)}: ${pte.isNone ? "none" : `R=${Number(pte.r)} W=${Number(pte.w)}`}`);
      return 0;
    },
    pteHole: (addr, next, depth) => {
      lines.push(`hole ${addr.toString(16)}-${next.toString(16)}, depth ${depth}`);
      return 0;
    },
  });

  // dropping one page of the huge one splits it; every hart sees it at its next access
  adviseDontNeed(mm, 0x40_0000n, 0x40_1000n);
  mm.mmapLock.unlockRead();
  lines.push(...ptdump(mm.tables, "ranges").split("\n").slice(1, 4));
  return lines;
}
