import type { Supervisor } from "../supervisor.ts";
import type { SystemEntry } from "./system.ts";

/** `0-3`: all harts. */
function harts({ machine }: Supervisor): string {
  const last = machine.harts.length - 1;
  return `${last === 0 ? "0" : `0-${last}`}\n`;
}

const policies = ["always", "madvise", "never"] as const;
const poolSizes = [2 ** 16, 2 ** 21, 2 ** 30];
const kib = 1024;

const transparent = "kernel/mm/transparent_hugepage";

/** What /sys says that programs ask for: processors, and huge pages. */
export const sysEntries: readonly SystemEntry[] = [
  ...["online", "possible", "present"].map((name) => ({ path: `devices/system/cpu/${name}`, read: harts })),
  {
    path: `${transparent}/enabled`,
    read: ({ memory }) => {
      const texts = policies.map((policy) => (policy === memory.hugePages ? `[${policy}]` : policy));
      return `${texts.join(" ")}\n`;
    },
  },
  { path: `${transparent}/hpage_pmd_size`, read: () => `${2 ** 21}\n` },
  ...poolSizes.flatMap((bytes) => {
    const folder = `kernel/mm/hugepages/hugepages-${bytes / kib}kB`;
    const pool = ({ memory }: Supervisor) => memory.hugetlbPool(BigInt(bytes));
    return [
      { path: `${folder}/nr_hugepages`, read: (system: Supervisor) => `${pool(system).pages}\n` },
      { path: `${folder}/free_hugepages`, read: (system: Supervisor) => `${pool(system).freePages}\n` },
      { path: `${folder}/resv_hugepages`, read: (system: Supervisor) => `${pool(system).reservedPages}\n` },
    ];
  }),
];
