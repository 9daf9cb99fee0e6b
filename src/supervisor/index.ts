export { LinuxError } from "./errno.ts";
export type { ProgramFile } from "./files/inode.ts";
export type { Exit } from "./process/process.ts";
export { Strace } from "./strace/strace.ts";
export { Supervisor, type SupervisorOptions, type UserEnd, type UserLimits } from "./supervisor.ts";
export type { SyscallObserver } from "./syscalls/dispatch.ts";
