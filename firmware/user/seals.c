// Seals of files in memory: what nobody may do to them any more.
#include "report.h"
#include <sys/mman.h>
#include <sys/stat.h>

static int file(const char *name, unsigned flags) {
  int fd = memfd_create(name, flags);
  if (fd < 0 || ftruncate(fd, 8192)) perror(name);
  return fd;
}

static void *mapped(int fd, int prot, int flags) {
  void *at = mmap(NULL, 4096, prot, flags, fd, 0);
  printf("mapping %d %d: %s\n", prot, flags, at == MAP_FAILED ? strerrorname_np(errno) : "works");
  return at;
}

int main(void) {
  int none = file("none", 0);
  show(fcntl(none, F_GET_SEALS));
  show(fcntl(none, F_ADD_SEALS, F_SEAL_WRITE));
  int fd = file("sealed", MFD_ALLOW_SEALING);
  show(fcntl(fd, F_GET_SEALS));
  show(fcntl(fd, F_ADD_SEALS, 0x100));
  show(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  show(ftruncate(fd, 4096));
  show(ftruncate(fd, 12288));
  show(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  show(ftruncate(fd, 16384));
  show(ftruncate(fd, 12288));
  show(pwrite(fd, "over the end", 12, 12288 - 6));
  show(pwrite(fd, "within", 6, 100));
  char *shared = mapped(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  show(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  shared[0] = 'x';
  munmap(shared, 4096);
  mapped(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  show(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  show(pwrite(fd, "within", 6, 100));
  show(write(fd, "", 0));
  mapped(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  shared = mapped(fd, PROT_READ, MAP_SHARED);
  show(mprotect(shared, 4096, PROT_READ | PROT_WRITE));
  printf("%c%c\n", shared[0], shared[100]);
  mapped(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  show(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  show(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  show(fcntl(fd, F_GET_SEALS));
  show(fchmod(fd, 0600));
  int future = file("future", MFD_ALLOW_SEALING);
  shared = mapped(future, PROT_READ | PROT_WRITE, MAP_SHARED);
  show(fcntl(future, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  shared[0] = 'y';
  char byte = 0;
  show(pread(future, &byte, 1, 0));
  printf("%c\n", byte);
  show(pwrite(future, "x", 1, 0));
  mapped(future, PROT_READ | PROT_WRITE, MAP_SHARED);
  show(ftruncate(future, 100));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", future);
  int reader = open(path, O_RDONLY);
  show(fcntl(reader, F_GET_SEALS));
  show(fcntl(reader, F_ADD_SEALS, F_SEAL_GROW));
  int ends[2];
  pipe(ends);
  show(fcntl(ends[0], F_GET_SEALS));
  return wrong;
}
