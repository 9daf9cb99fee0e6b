// Pipes, sockets' names and devices in folders, beside files: made, listed, moved, used, taken away.
#include "report.h"
#include <dirent.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

static void kind(const char *path) {
  struct stat status;
  if (lstat(path, &status) < 0) printf("%s: %s\n", path, strerrorname_np(errno));
  else printf("%s: %06o, %u names, %ld bytes\n", path, status.st_mode, (unsigned)status.st_nlink, (long)status.st_size);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void names(const char *path) {
  char *all[32];
  int count = 0;
  DIR *folder = opendir(path);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char text[300];
    snprintf(text, sizeof text, "%s %d", entry->d_name, entry->d_type);
    if (entry->d_name[0] != '.') all[count++] = strdup(text);
  }
  closedir(folder);
  qsort(all, count, sizeof *all, by_name);
  printf("%s:", path);
  for (int i = 0; i < count; i++) printf(" %s", all[i]);
  printf("\n");
}

static void pipes(void) {
  umask(022);
  show(mkfifo("pipe", 0666));
  show(mkfifo("pipe", 0666));
  show(mkdir("pipe", 0755));
  show(symlink("x", "pipe"));
  show(open("pipe", O_WRONLY | O_CREAT | O_EXCL, 0600));
  kind("pipe");
  show(open("pipe", O_WRONLY | O_NONBLOCK));
  int reader = open("pipe", O_RDONLY | O_NONBLOCK), writer = open("pipe", O_WRONLY | O_NONBLOCK | O_TRUNC);
  char text[8] = {0};
  show(write(writer, "hello", 5));
  show(read(reader, text, sizeof text));
  printf("%s\n", text);
  show(read(reader, text, sizeof text));
  close(writer);
  show(read(reader, text, sizeof text));
  close(reader);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int fd = open("pipe", O_WRONLY);
    write(fd, "child", 5);
    _exit(0);
  }
  reader = open("pipe", O_RDONLY);
  int status;
  waitpid(child, &status, 0);
  show(read(reader, text, sizeof text));
  close(reader);
  show(chmod("pipe", 0600));
  show(truncate("pipe", 0));
  kind("pipe");
  show(link("pipe", "another"));
  kind("another");
  names(".");
  show(rename("pipe", "sub/moved"));
  show(rmdir("sub"));
  names("sub");
  kind("pipe");
  show(rename("another", "file"));
  kind("file");
  show(rename("other file", "sub/moved"));
  kind("sub/moved");
  kind("file");
  show(mkfifo("sub/a", 0600));
  show(rename("empty", "sub"));
  show(rename("sub", "renamed"));
  names("renamed");
  show(syscall(276, AT_FDCWD, "file", AT_FDCWD, "renamed/moved", 2));
  kind("file");
  kind("renamed/moved");
  show(syscall(276, AT_FDCWD, "renamed/moved", AT_FDCWD, "renamed/a", 2));
  show(syscall(276, AT_FDCWD, "renamed/a", AT_FDCWD, "file", 1));
  show(unlink("renamed/a"));
  show(unlink("renamed/moved"));
  show(rmdir("renamed"));
  show(access("file", X_OK));
  show(unlink("file"));
}

static void sockets(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"}, other = {.sun_family = AF_UNIX, .sun_path = "moved"};
  int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
  show(bind(listener, (struct sockaddr *)&name, sizeof name));
  kind("socket");
  show(listen(listener, 1));
  show(open("socket", O_RDWR));
  show(rename("socket", "moved"));
  show(connect(client, (struct sockaddr *)&name, sizeof name));
  show(connect(client, (struct sockaddr *)&other, sizeof other));
  names(".");
  int server = accept(listener, 0, 0);
  show(write(client, "text", 4));
  char text[8];
  show(read(server, text, sizeof text));
  close(listener);
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  show(connect(client, (struct sockaddr *)&other, sizeof other));
  show(bind(client, (struct sockaddr *)&other, sizeof other));
  show(unlink("moved"));
  show(connect(client, (struct sockaddr *)&other, sizeof other));
  show(mknod("s", S_IFSOCK | 0600, 0));
  kind("s");
  show(unlink("s"));
}

// Who is not root may not make devices: then this says only that.
static void devices(void) {
  int made = mknod("null", S_IFCHR | 0666, makedev(1, 3)) == 0;
  check(made || errno == EPERM, "a device can be made, or may not");
  if (!made) return;
  int fd = open("null", O_RDWR);
  check(fd < 0 ? errno == EACCES : write(fd, "x", 1) == 1 && read(fd, &made, 1) == 0, "it is what its number says");
  unlink("null");
}

static void bytes(void) {
  const char *odd[] = {"\xff\xfe", "new\nline", "tab\tand \"quotes\"", "\xc3\xa4", "\xc3", "\xed\xb2\x80", "a\x80z", " ", "\\", "\x01"};
  for (unsigned i = 0; i < sizeof odd / sizeof *odd; i++) {
    int fd = open(odd[i], O_WRONLY | O_CREAT | O_EXCL, 0644);
    show(write(fd, odd[i], strlen(odd[i])));
    close(fd);
  }
  DIR *folder = opendir(".");
  int found = 0, same = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char text[64] = {0};
    int fd = open(entry->d_name, O_RDONLY);
    if (entry->d_name[0] != '.' && read(fd, text, sizeof text) > 0) {
      found++;
      same += strcmp(text, entry->d_name) == 0;
    }
    close(fd);
  }
  closedir(folder);
  printf("%d names, %d of them as they were given\n", found, same);
  show(rename("\xff\xfe", "\xfe\xff"));
  show(symlink("\xfe\xff", "l\xff"));
  char text[64] = {0};
  show(readlink("l\xff", text, sizeof text));
  show(strcmp(text, "\xfe\xff"));
  int fd = open("l\xff", O_RDONLY);
  sprintf(text, "/proc/self/fd/%d", fd);
  char path[300] = {0};
  readlink(text, path, sizeof path);
  show(strcmp(strrchr(path, '/'), "/\xfe\xff"));
  show(mkdir("d\xff", 0755));
  show(chdir("d\xff"));
  show(strcmp(strrchr(getcwd(path, sizeof path), '/'), "/d\xff"));
  show(chdir(".."));
  show(rmdir("d\xff"));
  show(unlink("l\xff"));
  show(unlink("\xfe\xff"));
  for (unsigned i = 1; i < sizeof odd / sizeof *odd; i++) show(unlink(odd[i]));
  char name[300];
  memset(name, 0xff, sizeof name);
  name[255] = 0;
  show(mkdir(name, 0755));
  show(rmdir(name));
  name[255] = 'x';
  name[256] = 0;
  show(mkdir(name, 0755));
}

// A name is gone, what it named is still open.
static void unnamed(void) {
  int fd = open("gone", O_RDWR | O_CREAT, 0644);
  unlink("gone");
  struct stat status;
  struct timespec times[2] = {{1000, 0}, {2000, 0}};
  show(ftruncate(fd, 77));
  show(fchmod(fd, 0600));
  show(futimens(fd, times));
  show(fstat(fd, &status));
  printf("%o %ld %ld %ld %u\n", status.st_mode, (long)status.st_mtim.tv_sec, (long)status.st_atim.tv_sec, (long)status.st_size, (unsigned)status.st_nlink);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc < 2 || chdir(argv[1]) < 0) return 2;
  char folder[32];
  snprintf(folder, sizeof folder, "nodes%d", getpid());
  mkdir(folder, 0755);
  chdir(folder);
  mkdir("sub", 0755);
  mkdir("empty", 0755);
  close(open("file", O_WRONLY | O_CREAT, 0644));
  close(open("other file", O_WRONLY | O_CREAT, 0644));
  pipes();
  show(rmdir("empty"));
  sockets();
  devices();
  bytes();
  unnamed();
  chdir("..");
  show(rmdir(folder));
  return wrong;
}
