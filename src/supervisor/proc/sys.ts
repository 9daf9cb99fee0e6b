import type { Supervisor } from "../supervisor.ts";
import type { SystemEntry } from "./system.ts";

/** `0-3`: all harts. */
function harts({ machine }: Supervisor): string {
  const last = machine.harts.length - 1;
  return `${last === 0 ? "0" : `0-${last}`}\n`;
}

/** Processors as bits, in groups of 32. */
function mask(bits: bigint): string {
  const digits = bits.toString(16);
  const whole = digits.length > 8 ? digits.padStart(Math.ceil(digits.length / 8) * 8, "0") : digits;
  return `${whole.replace(/(?<=.)(?=(?:.{8})+$)/g, ",")}\n`;
}

const hartMask = ({ machine }: Supervisor): string => mask((1n << BigInt(machine.harts.length)) - 1n);

const policies = ["always", "madvise", "never"] as const;
const poolSizes = [2 ** 16, 2 ** 21, 2 ** 30];
const kib = 1024;

const transparent = "kernel/mm/transparent_hugepage";

/** Of each processor which there are beside it: they are cores of one package, without threads of the same core. */
function topology(index: number): readonly (readonly [name: string, read: (system: Supervisor) => string])[] {
  const own = () => `${index}\n`;
  const ownMask = () => mask(1n << BigInt(index));
  return [
    ["core_id", own],
    ["physical_package_id", () => "0\n"],
    ...["core_cpus", "thread_siblings"].map((name) => [name, ownMask] as const),
    ...["core_cpus", "thread_siblings"].map((name) => [`${name}_list`, own] as const),
    ...["package_cpus", "core_siblings"].map((name) => [name, hartMask] as const),
    ...["package_cpus", "core_siblings"].map((name) => [`${name}_list`, harts] as const),
  ];
}

/** The folder of each processor. */
export function cpuEntries({ machine }: Supervisor): SystemEntry[] {
  return machine.harts.flatMap((_, index) => [
    { path: `devices/system/cpu/cpu${index}/online`, read: () => "1\n" },
    ...topology(index).map(([name, read]) => ({ path: `devices/system/cpu/cpu${index}/topology/${name}`, read })),
  ]);
}

/** What /sys says that programs ask for: processors, and huge pages. */
export const sysEntries: readonly SystemEntry[] = [
  ...["online", "possible", "present"].map((name) => ({ path: `devices/system/cpu/${name}`, read: harts })),
  { path: "devices/system/cpu/offline", read: () => "\n" },
  { path: "devices/system/cpu/kernel_max", read: () => "63\n" },
  ...["online", "possible"].map((name) => ({ path: `devices/system/node/${name}`, read: () => "0\n" })),
  { path: "devices/system/node/node0/cpulist", read: harts },
  { path: "devices/system/node/node0/cpumap", read: hartMask },
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
