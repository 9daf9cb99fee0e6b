export { type ErrnoName, errno, LinuxError } from "./errno.ts";
export type { HostDirectory, HostFile, HostStatus, HostTree } from "./files/hostTree.ts";
export { type FileTime, fileType, type ProgramFile } from "./files/inode.ts";
export type { FileOptions, SystemFiles } from "./files/systemFiles.ts";
export type { Exit } from "./process/process.ts";
export { Strace } from "./strace/strace.ts";
export { Supervisor, type SupervisorOptions, type UserEnd, type UserLimits } from "./supervisor.ts";
export type { SyscallObserver } from "./syscalls/dispatch.ts";
