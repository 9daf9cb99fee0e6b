// execve: arguments, environment, descriptors, signal dispositions, scripts, errors. Its argument is a folder to write to.
#include "report.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

static int again(int argc, char **argv) {
  printf("again: %d arguments:", argc);
  for (int i = 0; i < argc; i++) printf(" [%s]", i == 0 ? "program" : argv[i]);
  printf("\n");
  for (char **variable = environ; *variable != NULL; variable++)
    if (strncmp(*variable, "TEST", 4) == 0) printf("%s\n", *variable);
  struct sigaction action;
  sigaction(SIGUSR1, NULL, &action);
  printf("USR1 is %s\n", action.sa_handler == SIG_DFL ? "default" : "not default");
  sigaction(SIGUSR2, NULL, &action);
  printf("USR2 is %s\n", action.sa_handler == SIG_IGN ? "ignored" : "not ignored");
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  printf("HUP is %s\n", sigismember(&blocked, SIGHUP) ? "blocked" : "free");
  printf("descriptor 20: %s, 21: %s\n", fcntl(20, F_GETFD) < 0 ? "closed" : "open", fcntl(21, F_GETFD) < 0 ? "closed" : "open");
  return 17;
}

static void handler(int number) { (void)number; }

static void run(const char *path, char **argv, char **env) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    execve(path, argv, env);
    printf("%s\n", strerrorname_np(errno));
    _exit(99);
  }
  waitpid(child, &status, 0);
  printf("exit code %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

static void file(const char *name, const char *content, mode_t mode) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (write(fd, content, strlen(content)) < 0) exit(2);
  fchmod(fd, mode);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "again") == 0) return again(argc, argv);
  char self[4096];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) return 2;
  self[length] = 0;
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  signal(SIGUSR1, handler);
  signal(SIGUSR2, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigprocmask(SIG_BLOCK, &set, NULL);
  dup2(1, 20);
  dup3(1, 21, O_CLOEXEC);
  char *env[] = {"TEST1=one", "TEST2=", "TESTLONG=abcdefghijklmnopqrstuvwxyz", NULL};
  run(self, (char *[]){"zero", "again", "two words", "", NULL}, env);
  run(self, (char *[]){"zero", "again", NULL}, (char *[]){NULL});
  run("does-not-exist", argv, env);
  run(".", argv, env);
  file("plain", "no program", 0755);
  run("./plain", argv, env);
  file("forbidden", "#!/bin/true\n", 0644);
  run("./forbidden", argv, env);
  file("nointerpreter", "#!/no/such/interpreter\n", 0755);
  run("./nointerpreter", argv, env);
  run("plain/under", argv, env);
  // the whole process is replaced, with all it had mapped
  pid_t child = vfork();
  if (child == 0) {
    execve(self, (char *[]){"zero", "again", "vfork", NULL}, env);
    _exit(1);
  }
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
  unlink("plain");
  unlink("forbidden");
  unlink("nointerpreter");
  return 0;
}
