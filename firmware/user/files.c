// Regular files: opening with every flag, reading, writing, seeking, sizes, times, rights, links, locks, errors. Its
// argument is a folder to write to.
#include "report.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/wait.h>

static void opening(void) {
  show(open("a", O_RDONLY));
  int fd = show(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
  show(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
  show(open("a/b", O_RDONLY));
  show(open("a/b", O_WRONLY | O_CREAT, 0600));
  show(open(".", O_WRONLY));
  show(open("a", O_RDONLY | O_DIRECTORY));
  show(open("no/a", O_RDONLY));
  show(open("", O_RDONLY));
  show(open((char *)8, O_RDONLY));
  char name[300];
  memset(name, 'n', 299);
  name[299] = 0;
  show(open(name, O_RDONLY | O_CREAT, 0600));
  show(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
  show(fcntl(fd, F_GETFD));
  show(fcntl(fd, F_SETFD, FD_CLOEXEC));
  show(fcntl(fd, F_GETFD));
  show(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
  show(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
  show(fcntl(fd, F_DUPFD, 100));
  show(fcntl(fd, F_DUPFD_CLOEXEC, 100));
  show(fcntl(101, F_GETFD));
  show(dup2(fd, fd));
  show(dup3(fd, fd, 0));
  show(dup2(fd, 50));
  show(dup(200));
  show(close(100) + close(101) + close(50) + close(fd));
  show(close(fd));
  show(read(fd, name, 1));
}

static void reading(void) {
  char text[64] = {0};
  int fd = open("a", O_RDWR);
  show(write(fd, "0123456789", 10));
  show(lseek(fd, 0, SEEK_CUR));
  show(lseek(fd, 2, SEEK_SET));
  show(read(fd, text, 3));
  printf("%s\n", text);
  show(lseek(fd, -1, SEEK_END));
  show(read(fd, text, 10));
  show(read(fd, text, 10));
  show(lseek(fd, -1, SEEK_SET));
  show(lseek(fd, 0, 9));
  show(lseek(fd, 100, SEEK_SET));
  show(write(fd, "end", 3));
  show(lseek(fd, 0, SEEK_END));
  show(pread(fd, text, 10, 8));
  printf("%c%c %d\n", text[0], text[1], text[5]);
  show(pwrite(fd, "XY", 2, 1));
  struct iovec parts[3] = {{text, 2}, {text + 10, 0}, {text + 20, 5}};
  show(lseek(fd, 0, SEEK_SET));
  show(readv(fd, parts, 3));
  printf("%.2s %.5s\n", text, text + 20);
  struct iovec out[2] = {{"abc", 3}, {"defg", 4}};
  show(writev(fd, out, 2));
  show(preadv(fd, parts, 3, 7));
  printf("%.2s %.5s\n", text, text + 20);
  show(pwritev(fd, out, 1, 200));
  volatile int negative = -1;
  show(readv(fd, parts, negative));
  show(pread(fd, text, 5, -1));
  struct stat status;
  show(fstat(fd, &status));
  show(status.st_size);
  show(ftruncate(fd, 5));
  show(lseek(fd, 0, SEEK_END));
  show(ftruncate(fd, 20));
  show(pread(fd, text, 20, 0));
  printf("%.5s %d\n", text, text[19]);
  show(ftruncate(fd, -1));
  show(truncate("a", 7));
  show(truncate("none", 7));
  show(fallocate(fd, 0, 0, 50));
  fstat(fd, &status);
  show(status.st_size);
  show(fsync(fd) + fdatasync(fd));
  close(fd);
  fd = open("a", O_WRONLY | O_APPEND);
  show(write(fd, "tail", 4));
  show(lseek(fd, 0, SEEK_CUR));
  show(read(fd, text, 1));
  close(fd);
  fd = open("a", O_RDONLY);
  show(write(fd, "x", 1));
  show(ftruncate(fd, 1));
  close(fd);
  fd = open("a", O_RDONLY | O_TRUNC);
  fstat(fd, &status);
  show(status.st_size);
  close(fd);
  fd = open(".", O_RDONLY);
  show(read(fd, text, 1));
  close(fd);
}

static void attributes(void) {
  struct stat status;
  umask(022);
  int fd = open("m", O_CREAT | O_RDWR, 0666);
  fstat(fd, &status);
  printf("%o %d\n", status.st_mode, (int)status.st_nlink);
  show(umask(077));
  show(fchmod(fd, 0751));
  stat("m", &status);
  printf("%o\n", status.st_mode);
  show(chmod("m", 0444));
  show(chmod("none", 0444));
  show(access("m", R_OK));
  show(access("none", F_OK));
  show(faccessat(AT_FDCWD, "m", F_OK, 0));
  struct timespec times[2] = {{1000000000, 5}, {1500000000, 123456789}};
  show(utimensat(AT_FDCWD, "m", times, 0));
  stat("m", &status);
  printf("%ld.%ld %ld.%ld\n", status.st_atim.tv_sec, status.st_atim.tv_nsec, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  struct statx more;
  show(statx(AT_FDCWD, "m", 0, STATX_BASIC_STATS, &more));
  printf("%o %d %llu\n", more.stx_mode, more.stx_nlink, more.stx_size);
  show(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &more));
  show(fstatat(fd, "", &status, 0));
  show(S_ISCHR((stat("/dev/null", &status), status.st_mode)));
  show(S_ISDIR((stat("/", &status), status.st_mode)));
  struct statvfs system;
  show(statvfs(".", &system));
  show(system.f_bsize >= 512);
  close(fd);
  show(unlink("m"));
  show(unlink("m"));
}

static void locks(void) {
  int fd = open("lock", O_RDWR | O_CREAT, 0600), other = open("lock", O_RDWR);
  show(flock(fd, LOCK_EX));
  show(flock(other, LOCK_EX | LOCK_NB));
  show(flock(fd, LOCK_UN));
  show(flock(other, LOCK_SH | LOCK_NB));
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
  show(fcntl(fd, F_SETLK, &range));
  show(fcntl(fd, F_GETLK, &range));
  show(range.l_type == F_UNLCK);
  close(fd);
  close(other);
  unlink("lock");
}

static void copies(void) {
  char text[32] = {0};
  int from = open("from", O_RDWR | O_CREAT, 0600), to = open("to", O_RDWR | O_CREAT, 0600);
  if (write(from, "copied by the kernel", 20) != 20) exit(2);
  off_t offset = 7;
  show(sendfile(to, from, &offset, 100));
  show(offset);
  show(pread(to, text, 31, 0));
  printf("%s\n", text);
  show(lseek(from, 0, SEEK_SET));
  long copied = copy_file_range(from, NULL, to, NULL, 6, 0);
  printf("copy_file_range: %s\n", copied == 6 ? "6" : "other");
  close(from);
  close(to);
  // unlinked and open, it can be used
  from = open("from", O_RDWR);
  show(unlink("from"));
  show(pread(from, text, 6, 0));
  struct stat status;
  fstat(from, &status);
  show(status.st_nlink);
  close(from);
  unlink("to");
  unlink("a");
  int hidden = memfd_create("hidden", MFD_CLOEXEC);
  show(hidden >= 0);
  show(write(hidden, "memory", 6));
  show(pread(hidden, text, 10, 0));
}

static void on_alarm(int number) { (void)number; }

// Pipes with names: who opens one waits for the other end, and is as nothing when it does not wait any more.
static void fifos(void) {
  char fifo[64];
  sprintf(fifo, "/dev/shm/fifo-%d", getpid());
  char text[8];
  show(mkfifo(fifo, 0600));
  show(open(fifo, O_WRONLY | O_NONBLOCK));
  pid_t child = fork();
  if (child == 0) {
    int end = open(fifo, O_WRONLY);
    _exit(write(end, "hello", 5) == 5 ? 0 : 1);
  }
  int end = open(fifo, O_RDONLY);
  show(read(end, text, sizeof text));
  show(read(end, text, sizeof text));
  int status;
  show(waitpid(child, &status, 0) == child);
  close(end);
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  ualarm(20000, 50000);
  show(open(fifo, O_RDONLY));
  ualarm(0, 0);
  show(open(fifo, O_WRONLY | O_NONBLOCK));
  child = fork();
  if (child == 0) _exit(open(fifo, O_RDONLY));
  usleep(50000);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  show(WTERMSIG(status));
  show(open(fifo, O_WRONLY | O_NONBLOCK));
  unlink(fifo);
}

// Memory that is not there ends a transfer where it begins.
static void partly(void) {
  char *pages = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  char *last = pages + 4090;
  memcpy(last, "abcdef", 6);
  int fd = open("partly", O_RDWR | O_CREAT | O_TRUNC, 0600);
  show(write(fd, last, 6));
  show(write(fd, pages + 4096, 6));
  struct iovec parts[2] = {{last, 2}, {pages + 4096, 4}};
  show(writev(fd, parts, 2));
  show(lseek(fd, 0, SEEK_CUR));
  show(pread(fd, pages + 4096, 3, 0));
  lseek(fd, 0, SEEK_SET);
  show(readv(fd, parts, 2));
  show(lseek(fd, 0, SEEK_CUR));
  int ends[2];
  show(pipe(ends));
  show(splice(ends[0], NULL, ends[1], NULL, 3, 0));
  close(fd);
  unlink("partly");
}

static void devices(void) {
  char text[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR), random = open("/dev/urandom", O_RDONLY);
  show(read(zero, text, 8));
  show(text[0] + text[7]);
  show(read(null, text, 8));
  show(write(null, text, 8));
  show(read(random, text, 8));
  int full = open("/dev/full", O_WRONLY);
  show(write(full, text, 8));
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  opening();
  reading();
  attributes();
  locks();
  copies();
  fifos();
  partly();
  devices();
  return 0;
}
