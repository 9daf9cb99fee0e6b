// Directories and links: making, reading, renaming, removing, working directories, symbolic links, the *at calls. Its
// argument is a folder to write to.
#include "report.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void list(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, by_name);
  printf("%s:", path);
  for (int i = 0; i < count; i++) printf(" %s(%d)", entries[i]->d_name, entries[i]->d_type);
  if (count < 0) printf(" %s", strerrorname_np(errno));
  printf("\n");
}

static void make(const char *name, const char *content) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, content, strlen(content)) < 0) printf("%s: %s\n", name, strerrorname_np(errno));
  close(fd);
}

static void print(const char *name) {
  char text[64];
  int fd = open(name, O_RDONLY);
  ssize_t count = fd < 0 ? -1 : read(fd, text, 63);
  if (count < 0) printf("%s: %s\n", name, strerrorname_np(errno));
  else printf("%s: %.*s\n", name, (int)count, text);
  if (fd >= 0) close(fd);
}

static const char *link_of(const char *name) {
  static char text[64];
  ssize_t count = readlink(name, text, 63);
  if (count < 0) return strerrorname_np(errno);
  text[count] = 0;
  return text;
}

int main(int argc, char **argv) {
  char start[4096], now[4096];
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  if (getcwd(start, sizeof start) == NULL) return 2;
  show(mkdir("d", 0755));
  show(mkdir("d", 0755));
  show(mkdir("no/d", 0755));
  show(mkdir("d/e", 0700));
  make("d/f", "content of f");
  make("d/g", "content of g");
  list("d");
  list("d/f");
  list("none");
  show(chdir("d/e"));
  show(strcmp(getcwd(now, sizeof now) + strlen(start), "/d/e"));
  show(syscall(17, now, 3));
  show(chdir("../.."));
  show(chdir("d/f"));
  int folder = open("d", O_RDONLY | O_DIRECTORY);
  show(fchdir(folder));
  print("f");
  print("../d/./e/../g");
  print("f/");
  print("f/..");
  show(chdir(start));
  // symbolic links
  show(symlink("d/f", "link"));
  show(symlink("d/f", "link"));
  printf("%s %s\n", link_of("link"), link_of("d/f"));
  print("link");
  symlink("link", "twice");
  print("twice");
  symlink("loop", "loop");
  print("loop");
  symlink("d", "folder");
  print("folder/g");
  print("folder/../d/f");
  symlink("nowhere", "dangling");
  print("dangling");
  make("dangling", "made through a link");
  print("nowhere");
  struct stat status;
  show(lstat("link", &status));
  show(S_ISLNK(status.st_mode));
  show(status.st_size);
  show(open("link", O_RDONLY | O_NOFOLLOW));
  int path = open("link", O_PATH | O_NOFOLLOW);
  show(path >= 0);
  show(read(path, now, 1));
  close(path);
  // hard links
  show(link("d/f", "hard"));
  show(stat("hard", &status));
  show(status.st_nlink);
  make("hard", "changed");
  print("d/f");
  show(link("d", "hardfolder"));
  show(link("none", "hard2"));
  // the *at calls
  show(mkdirat(folder, "at", 0700));
  int file = openat(folder, "at/file", O_WRONLY | O_CREAT, 0600);
  show(file >= 0);
  close(file);
  show(fstatat(folder, "at/file", &status, 0));
  show(openat(99, "at/file", O_RDONLY));
  show(unlinkat(folder, "at", 0));
  show(unlinkat(folder, "at", AT_REMOVEDIR));
  show(unlinkat(folder, "at/file", 0));
  show(unlinkat(folder, "at", AT_REMOVEDIR));
  // renaming
  show(rename("d/f", "d/h"));
  show(rename("d/none", "d/h"));
  make("over", "over");
  show(rename("over", "d/h"));
  print("d/h");
  show(rename("d", "d/e/inside"));
  show(rename("d/g", "d/e"));
  show(rename("d/e", "moved"));
  make("moved/x", "x");
  show(mkdir("empty", 0700));
  show(rename("empty", "moved"));
  show(rename("moved", "empty"));
  list("empty");
  show(renameat2(AT_FDCWD, "d/g", AT_FDCWD, "d/h", RENAME_NOREPLACE));
  show(renameat2(AT_FDCWD, "d/g", AT_FDCWD, "d/h", RENAME_EXCHANGE));
  print("d/g");
  // removing
  show(rmdir("empty"));
  show(rmdir("d/g"));
  show(unlink("d"));
  show(rmdir("."));
  unlink("empty/x");
  show(rmdir("empty"));
  list(".");
  DIR *many = opendir("d");
  for (int i = 0; i < 300; i++) {
    char name[64];
    sprintf(name, "d/a file with a rather long name, number %d", i);
    make(name, "");
  }
  int count = 0;
  rewinddir(many);
  while (readdir(many) != NULL) count++;
  show(count);
  rewinddir(many);
  struct dirent *entry;
  while ((entry = readdir(many)) != NULL)
    if (strchr(entry->d_name, ',') != NULL) count -= unlinkat(dirfd(many), entry->d_name, 0) == 0;
  show(count);
  closedir(many);
  return 0;
}
