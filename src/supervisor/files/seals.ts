import { vmFlag } from "../../pagewalk/index.ts";
import { LinuxError } from "../errno.ts";
import { pageBytes } from "../memory/page.ts";
import type { RegularInode } from "./regularFile.ts";

/** What may not be done to a file in memory any more: `F_SEAL_` of linux/fcntl.h. */
export const seal = {
  F_SEAL_SEAL: 1,
  F_SEAL_SHRINK: 2,
  F_SEAL_GROW: 4,
  F_SEAL_WRITE: 8,
  F_SEAL_FUTURE_WRITE: 16,
  F_SEAL_EXEC: 32,
} as const;

const allSeals = 63;
const writeSeals = seal.F_SEAL_WRITE | seal.F_SEAL_FUTURE_WRITE;
const lastPage = 2 ** 40;

/** The seals of a file: at first it takes no more, unless memfd_create has said that it does. */
export class Seals {
  set: number = seal.F_SEAL_SEAL;

  /** Throws EPERM, EINVAL, and EBUSY where memory is mapped that may be written. */
  add(more: number, file: RegularInode): void {
    if (more & ~allSeals) throw new LinuxError("EINVAL");
    if (this.set & seal.F_SEAL_SEAL) throw new LinuxError("EPERM");
    if (more & ~this.set & seal.F_SEAL_WRITE && isMappedToWrite(file)) throw new LinuxError("EBUSY");
    this.set |= more;
  }

  /** Before it gets another size. Throws EPERM. */
  mayResize(from: number, to: number): void {
    const needed = to < from ? seal.F_SEAL_SHRINK : to > from ? seal.F_SEAL_GROW : 0;
    if (this.set & needed) throw new LinuxError("EPERM");
  }

  /** How many bytes at an offset may be written: as far as there are whole pages that do not grow. Throws EPERM. */
  room(size: number, offset: number, length: number): number {
    if (this.set & writeSeals) throw new LinuxError("EPERM");
    if (offset + length <= size || (this.set & seal.F_SEAL_GROW) === 0) return length;
    const room = size - (size % pageBytes) - offset;
    if (room <= 0) throw new LinuxError("EPERM");
    return room;
  }

  /** Whether nobody may write what it is mapped to share. */
  get forbidsMapping(): boolean {
    return (this.set & writeSeals) !== 0;
  }
}

function isMappedToWrite({ isMapped, mapping }: RegularInode): boolean {
  if (!isMapped) return false;
  const wanted = vmFlag.VM_SHARED | vmFlag.VM_MAYWRITE;
  for (const { vmFlags } of mapping.vmasMapping(0, lastPage)) if ((vmFlags & wanted) === wanted) return true;
  return false;
}
