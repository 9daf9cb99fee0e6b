// Random calls on a few names and descriptors, the same wherever it runs: what each answers, and what is there at the end.
#include "report.h"
#include <dirent.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { fdCount = 8, dataBytes = 20000 };

static unsigned long state;
static unsigned below(unsigned n) {
  state = state * 6364136223846793005UL + 1442695040888963407UL;
  return (state >> 33) % n;
}
#define any(array) ((array)[below(sizeof(array) / sizeof *(array))])

static const char *base;
static int fds[fdCount];
static char data[dataBytes + 26], buffer[dataBytes];

static const char *const names[] = {
  "a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/a", "e", "l", "d/l", "./a", "d/../b", "d/", "a/", "l/a", "x/y", ".", "..", "d/.",
  "d/..", "", "l/", "d//a", "e/", "another-name", "d/e/../../c", "/a", "/d/b",
};
static const int flagSets[] = {
  O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_TRUNC, O_RDWR | O_CREAT | O_EXCL, O_RDWR | O_APPEND,
  O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW, O_PATH, O_PATH | O_NOFOLLOW, O_RDWR | O_CREAT | O_APPEND, O_RDONLY | O_TRUNC,
  O_CREAT | O_RDONLY, O_RDWR | O_CREAT | O_NOFOLLOW, O_PATH | O_DIRECTORY, O_WRONLY | O_DIRECTORY,
  O_RDWR | O_CREAT | O_TRUNC,
};

// A name; one that begins with a slash is of the folder that all is in.
static const char *path(void) {
  static char whole[4][4200];
  static int next;
  const char *name = any(names);
  if (name[0] != '/') return name;
  char *text = whole[next++ % 4];
  snprintf(text, sizeof whole[0], "%s%s", base, name);
  return text;
}
static const char *shown(const char *name) { return strncmp(name, base, strlen(base)) ? name : name + strlen(base); }

static long said(const char *call, const char *name, long number, long answer) {
  printf("%s %s %ld: ", call, shown(name), number);
  if (answer == -1) printf("%s\n", strerrorname_np(errno));
  else printf("%ld\n", answer);
  return answer;
}

static void status(const struct stat *of) {
  int isFile = !S_ISDIR(of->st_mode);
  printf("  mode %o, links %ld, size %ld\n", of->st_mode, isFile ? (long)of->st_nlink : 0, isFile ? (long)of->st_size : 0);
}

static void content(long length) {
  unsigned hash = 0;
  for (long i = 0; i < length; i++) hash = hash * 31 + (unsigned char)buffer[i];
  if (length > 0) printf("  %x\n", hash);
}

static int byName(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }

static void list(const char *name) {
  DIR *directory = opendir(name);
  said("opendir", name, 0, directory ? 0 : -1);
  if (!directory) return;
  char *found[100];
  int count = 0;
  for (struct dirent *entry; count < 100 && (entry = readdir(directory));) {
    found[count] = malloc(300);
    snprintf(found[count++], 300, "%s:%d", entry->d_name, entry->d_type);
  }
  qsort(found, count, sizeof *found, byName);
  for (int i = 0; i < count; i++) printf(" %s%s", found[i], i + 1 < count ? "" : "\n");
  for (int i = 0; i < count; i++) free(found[i]);
  closedir(directory);
}

// Where a new descriptor goes: what was there is closed.
static int *place(void) {
  int *at = &fds[below(fdCount)];
  for (int i = 0; i < fdCount; i++) if (fds[i] < 0) at = &fds[i];
  if (*at >= 0) close(*at);
  *at = -1;
  return at;
}
static void opened(const char *call, const char *name, long number, int fd) {
  int *at = place();
  said(call, name, number, fd < 0 ? -1 : at - fds);
  if (fd >= 0) *at = fd;
}

static int isSame(int one, int other) {
  struct stat first, second;
  return !fstat(one, &first) && !fstat(other, &second) && first.st_ino == second.st_ino;
}

static void onNames(void) {
  static const char *const targets[] = {"a", "d", "../a", "nowhere", "l", ".", "d/e", "e/"};
  const char *one = path(), *other = path(), *target = any(targets);
  struct stat found;
  long number, answer;
  char link[50];
  printf("%s: ", shown(other));
  switch (below(16)) {
    case 0: case 1: said("mkdir", one, 0, mkdir(one, 0700 + below(0100))); break;
    case 2: said("rmdir", one, 0, rmdir(one)); break;
    case 3: said("unlink", one, 0, unlink(one)); break;
    case 4: case 5: case 6: said("rename", one, 0, rename(one, other)); break;
    case 7: number = below(4); said("renameat2", one, number, syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, number)); break;
    case 8: said("link", one, 0, linkat(AT_FDCWD, one, AT_FDCWD, other, 0)); break;
    case 9: case 10: said("symlink", target, 0, symlink(target, other)); break;
    case 11: if (!said("stat", one, 0, stat(one, &found))) status(&found); break;
    case 12: if (!said("lstat", one, 0, lstat(one, &found))) status(&found); break;
    case 13: number = 1 + below(50); answer = said("readlink", one, number, readlink(one, link, number)); if (answer > 0) printf("  %.*s\n", (int)answer, link); break;
    case 14: number = below(dataBytes); said("truncate", one, number, truncate(one, number)); break;
    case 15: if (below(2)) list(one); else { number = 0700 | below(01000); said("chmod", one, number, chmod(one, number)); } break;
  }
}

static void onMemory(int fd) {
  int prot = below(2) ? PROT_READ : PROT_READ | PROT_WRITE;
  char *at = mmap(NULL, 8192, prot, MAP_SHARED, fd, 0);
  struct stat found;
  said("mmap", "", prot, at == MAP_FAILED ? -1 : 0);
  if (at == MAP_FAILED) return;
  if (!fstat(fd, &found) && found.st_size > 5000) {
    if (prot & PROT_WRITE) at[17] = 'Z', at[4500] = 'Y';
    printf("  %d %d\n", at[10], at[4999]);
  }
  munmap(at, 8192);
}

static void onFiles(void) {
  int fd = any(fds), other = any(fds);
  long count = below(9000), at = below(dataBytes);
  off_t offset = below(9000);
  struct stat found;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  struct iovec vectors[] = {{data, below(100)}, {data + 7, below(5000)}, {data + 9, below(2) ? 0 : 77}};
  int isDirectory = !fstat(fd, &found) && S_ISDIR(found.st_mode);
  switch (below(18)) {
    case 0: case 1: case 2: said("write", "", count, write(fd, data + below(26), count)); break;
    case 3: case 4: content(said("read", "", count, read(fd, buffer, count))); break;
    case 5: said("pwrite", "", count, pwrite(fd, data, count, at)); break;
    case 6: content(said("pread", "", count, pread(fd, buffer, count, at - 10))); break;
    case 7: count = below(3); if (!isDirectory) said("lseek", "", count, lseek(fd, at - 5000, count)); break;
    case 8: said("ftruncate", "", at - 100, ftruncate(fd, at - 100)); break;
    case 9: if (!isSame(fd, other)) { said("sendfile", "", count, sendfile(fd, other, below(2) ? &offset : NULL, count)); printf("  to %ld\n", offset); } break;
    case 10: if (!isSame(fd, other)) said("copy_file_range", "", count, copy_file_range(other, NULL, fd, NULL, count, 0)); break;
    case 11: opened("dup", "", 0, dup(fd)); break;
    case 12: said("writev", "", 0, below(2) ? writev(fd, vectors, 3) : pwritev(fd, vectors, 3, at)); break;
    case 13: said("fchdir", "", 0, fchdir(fd)); if (chdir(base)) exit(2); break;
    case 14: opened("open of open", "", 0, open(link, below(3))); break;
    case 15: said("flock", "", 0, flock(fd, LOCK_EX | LOCK_NB)); break;
    case 16: onMemory(fd); break;
    case 17: if (!said("fstat", "", 0, fstat(fd, &found))) status(&found); break;
  }
}

static void openAny(void) {
  const char *name = path();
  int flags = any(flagSets), fd = any(fds);
  if (below(3) || name[0] == '/' || strstr(name, "..")) opened("open", name, flags, open(name, flags, 0600 | below(0100)));
  else opened("openat", name, flags, openat(fd, name, flags, 0644));
}

int main(int argc, char **argv) {
  char folder[4096];
  umask(022);
  for (int deep = 0; deep < 2; deep++) {
    snprintf(folder, sizeof folder, deep ? "%s/outer/inner" : "%s/outer", argv[1]);
    mkdir(folder, 0755);
  }
  base = folder;
  static char output[1 << 16];
  setvbuf(stdout, output, _IOFBF, sizeof output);
  for (int i = 0; i < dataBytes + 26; i++) data[i] = 'a' + i % 26;
  state = argc > 2 ? atol(argv[2]) : 1;
  for (int i = 0; i < fdCount; i++) fds[i] = -1;
  if (chdir(base)) return 2;
  for (int step = 0; step < 8000; step++) {
    printf("%d ", step);
    unsigned kind = below(10);
    if (kind < 2) openAny();
    else if (kind < 6) onNames();
    else onFiles();
  }
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) list(names[i]);
  return 0;
}
