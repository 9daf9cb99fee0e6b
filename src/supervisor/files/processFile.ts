import type { Process } from "../process/process.ts";
import type { WaitQueue } from "../waitQueue.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

/** `pidfd_open`: a process, that can be waited for. */
export class ProcessFile extends OpenFile {
  readonly path = "anon_inode:[pidfd]";
  override readonly readers: WaitQueue;
  readonly process: Process;

  constructor(process: Process, flags: number) {
    super(openFlag.O_RDWR | flags);
    this.process = process;
    this.readers = process.ended;
  }

  override poll(): number {
    return this.process.exit === undefined ? 0 : pollBit.POLLIN;
  }

  override get info(): string {
    return `Pid:\t${this.process.pid}\n`;
  }
}
