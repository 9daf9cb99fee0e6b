import { describe, expect, test } from "vitest";
import { createMachine } from "../../../src/machine/machine.ts";
import { Strace, Supervisor } from "../../../src/supervisor/index.ts";
import { quote } from "../../../src/supervisor/strace/text.ts";
import { syscallName } from "../../../src/supervisor/syscalls/names.ts";
import { syscalls } from "../../../src/supervisor/syscalls/table.ts";
import { labelled, li, nr, sys, words } from "../assembly.ts";
import { dataAt, elfOf, fileOf } from "../userProgram.ts";

function linesOf(program: readonly string[], data: string | Uint8Array): string[] {
  const lines: string[] = [];
  const supervisor = new Supervisor({ machine: createMachine({ ramBytes: 16 << 20 }) });
  const strace = new Strace((line) => lines.push(line));
  supervisor.dispatcher.observer = strace;
  supervisor.start(fileOf(elfOf(program, data)), ["/program"], []);
  supervisor.run({ maxInstructions: 1_000_000 });
  strace.finish();
  return lines;
}

describe("strace", () => {
  test("prints a call with its arguments by name and its answer", () => {
    const program = labelled(
      sys(64, 1, dataAt, 6),
      sys(64, 99, dataAt, 6),
      sys(nr.mmap, 0, 4096, 3, 0x22, -1, 0),
      sys(56, -100, dataAt + 8, 0x80000, 0),
      sys(nr.exitGroup, 3),
    );
    expect(linesOf(program, "hello\n\0\0/no/such\0")).toEqual([
      '1000 write(1, "hello\\n", 6) = 6',
      '1000 write(99, "hello\\n", 6) = -1 EBADF',
      "1000 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x3ff7fff000",
      '1000 openat(AT_FDCWD, "/no/such", O_RDONLY|O_CLOEXEC, 00) = -1 ENOENT',
      "1000 exit_group(3) = ?",
      "1000 +++ exited with 3 +++",
    ]);
  });

  test("prints what a call has written, once it has; a pointer where it failed", () => {
    const lines = linesOf(labelled(sys(nr.clockGettime, 1, dataAt), sys(nr.clockGettime, 1, 8), sys(nr.exit, 0)), "");
    expect(lines[0]).toMatch(/^1000 clock_gettime\(CLOCK_MONOTONIC, \{tv_sec=0, tv_nsec=\d+\}\) = 0$/);
    expect(lines[1]).toBe("1000 clock_gettime(CLOCK_MONOTONIC, 0x8) = -1 EFAULT");
  });

  test("prints numbers and structures that have names by these", () => {
    const data = new Uint8Array(64);
    new DataView(data.buffer).setInt32(0, 1, true);
    new DataView(data.buffer).setUint16(4, 4, true);
    data.set([1, 0, 0x2f, 0x73], 8);
    const program = labelled(
      sys(62, 1, 0, 2),
      sys(25, 0, 1030, 5),
      sys(29, 0, 0x5413, 0),
      sys(198, 1, 0x80801, 0),
      sys(200, 4, dataAt + 8, 4),
      sys(73, dataAt, 1, 0, 0, 8),
      sys(80, 1, dataAt + 16),
      sys(233, dataAt, 4096, 4),
      sys(260, -1, 0, 3, 0),
      sys(261, 0, 7, 0, dataAt + 16),
      sys(nr.exit, 0),
    );
    expect(linesOf(program, data).slice(0, 10)).toEqual([
      "1000 lseek(1, 0, SEEK_END) = -1 ESPIPE",
      "1000 fcntl(0, F_DUPFD_CLOEXEC, 5) = 5",
      "1000 ioctl(0, TIOCGWINSZ, NULL) = -1 ENOTTY",
      "1000 socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = 3",
      '1000 bind(4, {sa_family=AF_UNIX, sun_path="/s"}, 4) = -1 EBADF',
      "1000 ppoll([{fd=1, events=POLLOUT, revents=POLLOUT}], 1, NULL, NULL, 8) = 1",
      "1000 fstat(1, {st_mode=S_IFIFO|0600, st_size=0, ...}) = 0",
      expect.stringContaining("4096, MADV_DONTNEED) = "),
      "1000 wait4(-1, NULL, WNOHANG|WSTOPPED, NULL) = -1 ECHILD",
      "1000 prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=1024, rlim_max=1024}) = 0",
    ]);
  });

  test("names calls that there are not, which answer ENOSYS", () => {
    const lines = linesOf(labelled(sys(425, 1, 2, 3, 4, 5, 6), sys(600), sys(nr.exit, 0)), "");
    expect(lines[0]).toBe("1000 io_uring_setup(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS");
    expect(lines[1]).toMatch(/^1000 syscall_600\(.*\) = -1 ENOSYS$/);
  });

  test("prints signals, their handlers' actions, and what they end", () => {
    const program = labelled(
      [...li("t0", dataAt), ...li("t1", "=handler"), "sd t1, 0(t0)", ...sys(nr.sigaction, 10, dataAt, 0, 8)],
      [...sys(nr.getpid), ...sys(nr.kill, undefined, 10), "sd zero, 0(zero)"],
      ["handler:", "jalr zero, 0(ra)"],
    );
    const lines = linesOf(program, words(0, 0x1000_0004, 1 << 11));
    expect(lines[0]).toMatch(/^1000 rt_sigaction\(SIGUSR1, \{sa_handler=0x10\w+, sa_mask=\[USR2\], sa_flags=/);
    expect(lines.slice(2)).toEqual([
      "1000 kill(1000, SIGUSR1) = 0",
      "1000 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=1000} ---",
      "1000 rt_sigreturn() = 0",
      "1000 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x0} ---",
      "1000 +++ killed by SIGSEGV +++",
    ]);
  });

  test("prints vectors, lists of strings, stacks, sets of signals and how a child has ended", () => {
    const at = { vectors: dataAt, argv: dataAt + 64, stack: dataAt + 128, set: dataAt + 160, text: dataAt + 192 };
    const data = new Uint8Array(256);
    data.set(words(at.text, 5, 8, 3), 0);
    data.set(words(at.text, at.text + 6, 0), 64);
    data.set(words(0x5000, 2, 0x2000), 128);
    data.set(words(-1n ^ 0x100n), 160);
    data.set(new TextEncoder().encode("/none\0two\0"), 192);
    const status = dataAt + 240;
    const program = labelled(
      sys(66, 1, at.vectors, 2),
      sys(nr.execve, at.text, at.argv, 8),
      sys(nr.sigaltstack, at.stack, 0),
      sys(nr.sigprocmask, 2, at.set, 0, 8),
      sys(nr.sigprocmask, 9, 0, 0, 8),
      sys(nr.clone, 0x200 + 17, 0, 0, 0, 0),
      "beq a0, zero, @child",
      ["wait:", ...sys(nr.wait4, -1, status, 0, 0), ...sys(nr.futex, status, 0x181, 1, 0, 0, 0)],
      [...sys(167, 15, 8), ...sys(nr.prlimit, 0, 7, 0, 0), ...sys(53, -100, at.text, 0o755), ...sys(nr.exit, 0)],
      ["child:", ...sys(nr.exitGroup, 7)],
    );
    expect(linesOf(program, data)).toEqual([
      '1000 writev(1, [{iov_base="/none", iov_len=5}, {iov_base=0x8, iov_len=3}], 2) = -1 EFAULT',
      '1000 execve("/none", ["/none", "two"], 0x8) = -1 ENOENT',
      "1000 sigaltstack({ss_sp=0x5000, ss_flags=SS_DISABLE, ss_size=8192}, NULL) = 0",
      "1000 rt_sigprocmask(SIG_SETMASK, ~[KILL], NULL, 8) = 0",
      "1000 rt_sigprocmask(9, NULL, NULL, 8) = 0",
      "1000 clone(CLONE_FS|SIGCHLD, NULL, NULL, NULL, NULL) = 1001",
      "1001 exit_group(7) = ?",
      "1001 +++ exited with 7 +++",
      "1000 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 1001",
      "1000 futex(0x108f0, FUTEX_WAKE_PRIVATE|FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0) = -1 ENOSYS",
      "1000 prctl(PR_SET_NAME, 8, 1, 0, 0) = -1 EFAULT",
      "1000 prlimit64(0, RLIMIT_NOFILE, NULL, NULL) = 0",
      '1000 fchmodat(AT_FDCWD, "/none", 0755) = -1 ENOENT',
      "1000 exit(0) = ?",
      "1000 +++ exited with 0 +++",
    ]);
  });

  test("shortens strings, and writes what is no text as octal digits", () => {
    expect(quote(new Uint8Array([65, 0, 200, 34]))).toBe('"A\\0\\310\\""');
    // a digit that follows is none of the number's
    expect(quote(new Uint8Array([1, 0x37, 1, 0x41]))).toBe('"\\0017\\1A"');
    expect(quote(new Uint8Array(40).fill(97))).toBe(`"${"a".repeat(32)}"...`);
  });
});

describe("the names of system calls", () => {
  test("are those under which calls are stated", () => {
    const differing = syscalls.filter(({ number, name }) => syscallName(number) !== name).map(({ name }) => name);
    expect(differing).toEqual([]);
  });
});
