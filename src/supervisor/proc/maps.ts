import type { Vma } from "../../kernel/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import type { UserMm } from "../memory/userMm.ts";

/** Column of the name in a line of maps. */
const nameColumn = 72;
const hex = (value: number | bigint, digits: number) => value.toString(16).padStart(digits, "0");

/** One VMA as a line of /proc/PID/maps, without its end. */
export function mapsLine(mm: UserMm, vma: Vma): string {
  const has = (flag: number, letter: string) => ((vma.vmFlags & flag) !== 0 ? letter : "-");
  const perms = has(vmFlag.VM_READ, "r") + has(vmFlag.VM_WRITE, "w") + has(vmFlag.VM_EXEC, "x");
  const share = (vma.vmFlags & vmFlag.VM_SHARED) !== 0 ? "s" : "p";
  const { major = 0, minor = 0, inode = 0 } = vma.vmFile?.identity ?? {};
  const offset = vma.vmFile === null ? 0 : vma.vmPgoff * 4096;
  const range = `${hex(vma.vmStart, 8)}-${hex(vma.vmEnd, 8)}`;
  const line = `${range} ${perms}${share} ${hex(offset, 8)} ${hex(major, 2)}:${hex(minor, 2)} ${inode} `;
  const name = nameOf(mm, vma);
  return name === "" ? line : `${line.padEnd(nameColumn)} ${name.replaceAll("\n", "\\012")}`;
}

/** What a mapping is called: a file, or what Linux calls the parts of a program's memory. */
function nameOf(mm: UserMm, vma: Vma): string {
  if (vma.vmFile !== null) return vma.vmFile.name;
  if (vma.hugetlb !== null) return "/anon_hugepage (deleted)";
  const start = Number(vma.vmStart);
  const end = Number(vma.vmEnd);
  if (start === mm.sigreturn) return "[vdso]";
  if (start <= mm.brk && end > mm.startBrk && mm.brk > mm.startBrk) return "[heap]";
  if (start <= mm.startStack && end >= mm.startStack) return "[stack]";
  return vma.anonName === undefined ? "" : `[anon:${vma.anonName}]`;
}

/** The two letters of each flag in the line VmFlags, in the order of the bits. */
const flagLetters: readonly (readonly [flag: number, letters: string])[] = [
  [vmFlag.VM_READ, "rd"],
  [vmFlag.VM_WRITE, "wr"],
  [vmFlag.VM_EXEC, "ex"],
  [vmFlag.VM_SHARED, "sh"],
  [vmFlag.VM_MAYREAD, "mr"],
  [vmFlag.VM_MAYWRITE, "mw"],
  [vmFlag.VM_MAYEXEC, "me"],
  [vmFlag.VM_MAYSHARE, "ms"],
  [vmFlag.VM_GROWSDOWN, "gd"],
  [vmFlag.VM_PFNMAP, "pf"],
  [vmFlag.VM_LOCKED, "lo"],
  [vmFlag.VM_IO, "io"],
  [vmFlag.VM_SEQ_READ, "sr"],
  [vmFlag.VM_RAND_READ, "rr"],
  [vmFlag.VM_DONTCOPY, "dc"],
  [vmFlag.VM_DONTEXPAND, "de"],
  [vmFlag.VM_LOCKONFAULT, "lf"],
  [vmFlag.VM_ACCOUNT, "ac"],
  [vmFlag.VM_NORESERVE, "nr"],
  [vmFlag.VM_HUGETLB, "ht"],
  [vmFlag.VM_WIPEONFORK, "wf"],
  [vmFlag.VM_DONTDUMP, "dd"],
  [vmFlag.VM_SOFTDIRTY, "sd"],
  [vmFlag.VM_MIXEDMAP, "mm"],
  [vmFlag.VM_HUGEPAGE, "hg"],
  [vmFlag.VM_NOHUGEPAGE, "nh"],
];

/** The flags of a VMA as smaps has them. */
export function flagText({ vmFlags, hugetlb }: Vma): string {
  // of hugetlb pages it means that they are promised, which Linux does not tell
  const told = hugetlb === null ? vmFlags : vmFlags & ~vmFlag.VM_ACCOUNT;
  return flagLetters.map(([flag, letters]) => ((told & flag) === 0 ? "" : `${letters} `)).join("");
}
