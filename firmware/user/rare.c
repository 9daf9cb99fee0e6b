// Calls that programs rarely make: execveat, unshare, robust lists, groups of children, signals by descriptors and with
// values, reading and writing with flags, capabilities, the date as the clock's keeper asks for it.
#include "report.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

static char buffer[1000];

// qemu-user knows neither this call nor robust lists: these are checks.
static void executed(char *self) {
  fflush(stdout);
  char *argv[] = {"again", "child", NULL}, *envp[] = {"NAME=value", NULL};
  int status, fd = open(self, O_RDONLY | O_CLOEXEC);
  pid_t child = fork();
  if (child == 0) {
    syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
    _exit(99);
  }
  waitpid(child, &status, 0);
  equal(WEXITSTATUS(status), 13);
  child = fork();
  if (child == 0) {
    syscall(SYS_execveat, AT_FDCWD, self, argv, envp, 0);
    _exit(99);
  }
  waitpid(child, &status, 0);
  equal(WEXITSTATUS(status), 13);
  fails(syscall(SYS_execveat, AT_FDCWD, "/no/such", argv, envp, 0), ENOENT);
  fails(syscall(SYS_execveat, AT_FDCWD, "/proc/self/exe", argv, envp, AT_SYMLINK_NOFOLLOW), ELOOP);
  fails(syscall(SYS_execveat, 999, "", argv, envp, AT_EMPTY_PATH), EBADF);
  fails(syscall(SYS_execveat, AT_FDCWD, "/tmp", argv, envp, 0), EACCES);
  close(fd);
}

static int second(void *argument) {
  (void)argument;
  // files and place are its own from here on
  if (unshare(CLONE_FILES | CLONE_FS) != 0) return 1;
  close(1);
  return chdir("/") == 0 ? 0 : 2;
}

static void apart(void) {
  char stack[16384] __attribute__((aligned(16)));
  char before[200], after[200];
  chdir("/tmp");
  getcwd(before, sizeof before);
  int status;
  pid_t child = clone(second, stack + sizeof stack, CLONE_FILES | CLONE_FS | CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
  getcwd(after, sizeof after);
  show(strcmp(before, after));
  show(fcntl(1, F_GETFD));
  show(unshare(0));
}

static void groups(void) {
  pid_t first = fork();
  if (first == 0) _exit(5);
  setpgid(first, 0);
  pid_t next = fork();
  if (next == 0) {
    setpgid(0, first);
    raise(SIGKILL);
  }
  setpgid(next, first);
  siginfo_t info;
  show(waitid(P_PGID, first, &info, WEXITED));
  show(waitid(P_PGID, first, &info, WEXITED));
  show(waitid(P_PGID, first, &info, WEXITED));
  show(waitid(P_ALL, 0, &info, WEXITED));
  show(waitid(77, 0, &info, WEXITED));
  show(waitid(P_ALL, 0, &info, 0));
  show(waitid(P_PID, 0, &info, WEXITED));
  pid_t child = fork();
  if (child == 0) {
    raise(SIGSTOP);
    raise(SIGKILL);
  }
  show(waitid(P_PID, child, &info, WSTOPPED));
  show(info.si_code == CLD_STOPPED);
  show(info.si_status);
  kill(child, SIGCONT);
  show(waitid(P_PID, child, &info, WEXITED));
  show(info.si_code == CLD_KILLED);
  show(info.si_status);
  child = fork();
  if (child == 0) pause();
  show(waitid(P_PID, child, &info, WEXITED | WNOHANG));
  show(info.si_pid);
  kill(child, SIGTERM);
  struct rusage usage;
  show(syscall(SYS_waitid, P_PID, child, &info, WEXITED, &usage));
  show(usage.ru_utime.tv_sec);
}

static volatile int value;
static void handler(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  value = info->si_value.sival_int;
}

static void signals(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN + 1, &action, NULL);
  show(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 31}));
  show(value);
  siginfo_t info = {.si_signo = SIGRTMIN + 1, .si_code = SI_QUEUE, .si_value.sival_int = 32};
  show(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGRTMIN + 1, &info));
  show(value);
  show(syscall(SYS_rt_tgsigqueueinfo, getpid(), 99999999, SIGRTMIN + 1, &info));
  show(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 100, &info));
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  int fd = signalfd(-1, &mask, SFD_NONBLOCK);
  struct pollfd one = {.fd = fd, .events = POLLIN};
  show(poll(&one, 1, 0));
  raise(SIGUSR1);
  show(poll(&one, 1, 0));
  struct signalfd_siginfo told[2];
  show(read(fd, told, 10));
  show(read(fd, told, sizeof told));
  show(told[0].ssi_signo);
  show(told[0].ssi_pid == (unsigned)getpid());
  show(read(fd, told, sizeof told));
  // other signals from now on
  sigaddset(&mask, SIGUSR2);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  raise(SIGUSR2);
  show(poll(&one, 1, 0));
  show(signalfd(fd, &mask, 0) == fd);
  show(read(fd, told, sizeof told));
  show(told[0].ssi_signo);
  show(signalfd(1, &mask, 0));
  show(signalfd(-1, &mask, 1));
  pid_t child = fork();
  if (child == 0) _exit(pause());
  int process = syscall(SYS_pidfd_open, child, 0);
  show(syscall(SYS_pidfd_send_signal, process, 0, NULL, 0));
  show(syscall(SYS_pidfd_send_signal, process, 100, NULL, 0));
  show(syscall(SYS_pidfd_send_signal, process, SIGTERM, NULL, 64));
  show(syscall(SYS_pidfd_send_signal, process, SIGTERM, NULL, 0));
  int status;
  waitpid(child, &status, 0);
  show(WTERMSIG(status));
  show(syscall(SYS_pidfd_send_signal, process, SIGTERM, NULL, 0));
  show(syscall(SYS_pidfd_send_signal, 1, SIGTERM, NULL, 0));
  show(syscall(SYS_pidfd_open, 99999999, 0));
}

static void files(void) {
  char name[] = "/tmp/rare-XXXXXX";
  int fd = mkstemp(name);
  struct iovec out[] = {{"abc", 3}, {"defg", 4}}, in[] = {{buffer, 2}, {buffer + 100, 100}};
  show(pwritev2(fd, out, 2, 10, 0));
  show(pwritev2(fd, out, 1, -1, 0));
  show(preadv2(fd, in, 2, 10, 0));
  printf("%.2s %.5s\n", buffer, buffer + 100);
  show(preadv2(fd, in, 1, -1, 0));
  show(preadv2(fd, in, 1, 0, 0x4000000));
  show(pwritev2(fd, in, 1, 0, 0x4000000));
  show(lseek(fd, 0, SEEK_DATA));
  show(lseek(fd, 0, SEEK_HOLE));
  show(lseek(fd, 1000, SEEK_DATA));
  show(lseek(fd, 0, 77));
  show(ioctl(fd, FIOCLEX));
  show(fcntl(fd, F_GETFD));
  show(ioctl(fd, FIONCLEX));
  show(fcntl(fd, F_GETFD));
  show(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
  show(readahead(fd, 0, 10));
  show(fallocate(fd, 0, 0, 100));
  show(lseek(fd, 0, SEEK_END));
  show(fallocate(fd, 0, -1, 100));
  show(fsync(fd));
  show(fdatasync(fd));
  show(sync_file_range(fd, 0, 0, 0));
  show(syncfs(fd));
  show(fchown(fd, -1, -1));
  show(flock(fd, 2));
  show(flock(fd, 8));
  show(dup3(fd, fd, 0));
  show(dup3(fd, 50, 1));
  show(fcntl(fd, F_DUPFD, 60));
  show(fcntl(fd, 9999));
  show(unlink(name));
}

static void system_calls(void) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  show(syscall(SYS_capget, &head, data));
  head.version = 5;
  show(syscall(SYS_capget, &head, NULL));
  show(head.version == _LINUX_CAPABILITY_VERSION_3);
  head.version = 5;
  show(syscall(SYS_capget, &head, data));
  void *list;
  size_t length;
  equal(syscall(SYS_get_robust_list, 0, &list, &length), 0);
  equal(length, 24);
  fails(syscall(SYS_get_robust_list, 99999999, &list, &length), ESRCH);
  fails(syscall(SYS_set_robust_list, list, 25), EINVAL);
  struct timeval day;
  struct timezone zone = {1, 1};
  show(syscall(SYS_gettimeofday, &day, &zone));
  show(zone.tz_minuteswest);
  struct timex timex = {0};
  show(adjtimex(&timex) >= 0);
  show(timex.tick);
  show(timex.time.tv_sec - day.tv_sec <= 1);
  show(clock_adjtime(CLOCK_MONOTONIC, &timex));
  show(syscall(SYS_membarrier, 0, 0, 0) > 0);
  show(syscall(SYS_membarrier, 1, 0, 0));
  show(syscall(SYS_membarrier, 3, 0, 0));
  show(syscall(SYS_personality, 0xffffffff));
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "child") == 0) return strcmp(argv[0], "again") == 0 && getenv("NAME") ? 13 : 14;
  executed(argv[0]);
  apart();
  groups();
  signals();
  files();
  system_calls();
  return wrong;
}
