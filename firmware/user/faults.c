// SIGSEGV and SIGBUS: the signal, si_code and address of each kind of bad access, and going on afterwards.
#include "report.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE 4096L

static sigjmp_buf back;
static volatile char *expected;

static void handler(int number, siginfo_t *info, void *context) {
  (void)context;
  long offset = (char *)info->si_addr - (char *)expected;
  printf("  signal %d, si_code %d, address %s%ld\n", number, info->si_code, offset < 0 ? "-" : "+", labs(offset));
  siglongjmp(back, 1);
}

static void touch(const char *what, char *at, char kind) {
  printf("%s\n", what);
  expected = at;
  if (sigsetjmp(back, 1) != 0) return;
  if (kind == 'r') printf("  read %d\n", *(volatile char *)at);
  else if (kind == 'w') *(volatile char *)at = 1, printf("  written\n");
  else ((void (*)(void))at)(), printf("  executed\n");
}

static volatile int *volatile nowhere = (int *)16;

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  sigaction(SIGILL, &action, NULL);
  char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint32_t ret = 0x00008067;
  memcpy(p + PAGE, &ret, 4);
  touch("read of null", NULL, 'r');
  touch("write to null plus 8", (char *)8, 'w');
  munmap(p + 7 * PAGE, PAGE);
  touch("read of what was unmapped", p + 7 * PAGE + 123, 'r');
  show(mprotect(p, PAGE, PROT_READ));
  touch("read of a read-only page", p, 'r');
  touch("write to a read-only page", p + 17, 'w');
  show(mprotect(p, PAGE, PROT_NONE));
  touch("read of a PROT_NONE page", p + 1, 'r');
  show(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
  touch("write to it again", p, 'w');
  touch("execution of a writable page", p + PAGE, 'x');
  show(mprotect(p + PAGE, PAGE, PROT_READ | PROT_EXEC));
  __builtin___clear_cache(p + PAGE, p + 2 * PAGE);
  touch("execution of an executable page", p + PAGE, 'x');
  touch("write to an executable page", p + PAGE, 'w');
  int fd = open("short", O_RDWR | O_CREAT | O_TRUNC, 0600);
  show(ftruncate(fd, PAGE + 10));
  char *file = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  touch("read behind the end, same page", file + PAGE + 50, 'r');
  touch("read behind the last page of a file", file + 2 * PAGE + 5, 'r');
  touch("write behind the last page of a file", file + 3 * PAGE, 'w');
  char *private = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  touch("private write behind the last page", private + 2 * PAGE, 'w');
  show(ftruncate(fd, 10));
  touch("read of what was cut off", file + PAGE, 'r');
  show(ftruncate(fd, 3 * PAGE));
  touch("read of what is there again", file + PAGE, 'r');
  close(fd);
  unlink("short");
  // a system call answers EFAULT where the program would be killed
  int ends[2];
  if (pipe(ends) != 0) return 2;
  show(write(ends[1], p + 7 * PAGE, 4));
  show(write(ends[1], "abcd", 4));
  show(read(ends[0], (void *)file, 0));
  show(mprotect(p, PAGE, PROT_READ));
  show(read(ends[0], p, 4));
  show(mprotect(p + 6 * PAGE, 2 * PAGE, PROT_READ));
  show(mprotect(p + 1, PAGE, PROT_READ));
  // the default action: 128 + 11 for a shell
  signal(SIGSEGV, SIG_DFL);
  printf("and the end\n");
  *nowhere = 1;
  return 0;
}
