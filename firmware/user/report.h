// What the programs here have in common: they say what each call answered, in words that are the same wherever they run.
#ifndef REPORT_H
#define REPORT_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Output is written line by line: a forked child must find nothing unwritten.
// The buffer is not the heap's, which is not to grow by printing.
__attribute__((constructor)) static void lines_at_once(void) {
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
}

// `what: 3`, or `what: EINVAL` where a call has failed.
#define show(call) show_named(#call, (long)(call))
static inline long show_named(const char *what, long answer) {
  if (answer == -1) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: %ld\n", what, answer);
  return answer;
}

// As show, for calls whose answer is an address or differs from run to run.
#define works(call) works_named(#call, (long)(call))
static inline long works_named(const char *what, long answer) {
  if (answer == -1) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: works\n", what);
  return answer;
}

// A fact that must hold: `ok what`, or `NOT OK what`, with which the program's exit code becomes 1.
static int wrong;
static inline void check(int holds, const char *format, ...) {
  va_list list;
  va_start(list, format);
  printf(holds ? "ok " : "NOT OK ");
  vprintf(format, list);
  printf("\n");
  va_end(list);
  if (!holds) wrong = 1;
}

#define equal(got, want) equal_named(#got, (long)(got), (long)(want))
static inline void equal_named(const char *what, long got, long want) {
  if (got == want) check(1, "%s", what);
  else check(0, "%s: %ld (errno %s), not %ld", what, got, strerrorname_np(errno), want);
}

#define fails(call, error) fails_named(#call, (long)(call), error)
static inline void fails_named(const char *what, long answer, int error) {
  const char *name = strerrorname_np(error);
  if (answer == -1 && errno == error) check(1, "%s fails with %s", what, name);
  else if (answer == -1) check(0, "%s fails with %s, not %s", what, strerrorname_np(errno), name);
  else check(0, "%s answers %ld, does not fail with %s", what, answer, name);
}


// Waits until a process waits for something: what it is sent then ends that.
static inline void when_asleep(pid_t pid) {
  char path[32], line[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  for (int quiet = 0; quiet < 3;) {
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    if (length <= 0) return;
    line[length] = 0;
    char *state = strrchr(line, ')');
    quiet = state != NULL && state[1] == ' ' && state[2] == 'S' ? quiet + 1 : 0;
    usleep(10000);
  }
}
#endif
