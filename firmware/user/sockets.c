// Pairs of sockets: streams, datagrams and packets; messages in parts, files sent along, shutdown, names, options.
#include "report.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

static char buffer[200000];

static int readiness(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
  poll(&one, 1, 0);
  return one.revents;
}

// What was received, as text.
static void got(const char *what, ssize_t count) {
  if (count < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: %zd \"%.*s\"\n", what, count, (int)count, buffer);
}

static void streams(void) {
  int ends[2];
  show(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  show(send(ends[0], "one", 3, 0));
  show(send(ends[0], "two", 3, 0));
  show(write(ends[0], "", 0));
  got("a look", recv(ends[1], buffer, 100, MSG_PEEK));
  int waiting = 0;
  show(ioctl(ends[1], FIONREAD, &waiting));
  show(waiting);
  got("two bytes", recv(ends[1], buffer, 2, 0));
  got("the rest", recv(ends[1], buffer, 100, 0));
  got("nothing", recv(ends[1], buffer, 100, MSG_DONTWAIT));
  // both directions are apart
  show(send(ends[1], "back", 4, 0));
  got("back", read(ends[0], buffer, 100));
  show(readiness(ends[0]));
  // an end that sends no more
  show(shutdown(ends[0], SHUT_WR));
  show(readiness(ends[0]));
  show(readiness(ends[1]));
  got("the end", recv(ends[1], buffer, 100, 0));
  signal(SIGPIPE, SIG_IGN);
  show(send(ends[0], "x", 1, 0));
  signal(SIGPIPE, SIG_DFL);
  show(send(ends[0], "x", 1, MSG_NOSIGNAL));
  show(send(ends[1], "still", 5, 0));
  got("still", recv(ends[0], buffer, 100, 0));
  show(shutdown(ends[1], SHUT_RDWR));
  show(readiness(ends[0]));
  show(readiness(ends[1]));
  show(shutdown(ends[0], 3));
  close(ends[0]);
  show(readiness(ends[1]));
  close(ends[1]);
  // who closes before all is read, resets
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  write(ends[1], "unread", 6);
  write(ends[0], "read", 4);
  close(ends[0]);
  show(readiness(ends[1]));
  got("what was sent before", recv(ends[1], buffer, 100, 0));
  got("then", recv(ends[1], buffer, 100, 0));
  got("and then", recv(ends[1], buffer, 100, 0));
  show(readiness(ends[1]));
  close(ends[1]);
  // of a peer that is gone what it sent can be read
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  write(ends[0], "last words", 10);
  close(ends[0]);
  show(readiness(ends[1]));
  got("last words", read(ends[1], buffer, 100));
  got("and then", read(ends[1], buffer, 100));
  show(send(ends[1], "x", 1, MSG_NOSIGNAL));
  pid_t child = fork();
  if (child == 0) {
    write(ends[1], "x", 1);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  show(WIFSIGNALED(status) ? WTERMSIG(status) : -1);
  close(ends[1]);
}

static void datagrams(int type) {
  int ends[2];
  printf("type %d\n", type);
  show(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
  show(fcntl(ends[0], F_GETFD));
  show(fcntl(ends[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
  show(send(ends[0], "first message", 13, 0));
  show(send(ends[0], "second", 6, 0));
  show(send(ends[0], "", 0, 0));
  int waiting = 0;
  show(ioctl(ends[1], FIONREAD, &waiting));
  show(waiting);
  got("a part of the first", recv(ends[1], buffer, 5, 0));
  memset(buffer, 0, 20);
  show(recv(ends[1], buffer, 3, MSG_TRUNC));
  got("the empty one", recv(ends[1], buffer, 100, 0));
  got("none", recv(ends[1], buffer, 100, 0));
  show(send(ends[0], "in parts", 8, 0));
  char a[3], b[100];
  struct iovec parts[] = {{a, 3}, {b, 2}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  show(recvmsg(ends[1], &message, 0));
  show(message.msg_flags & MSG_TRUNC ? 1 : 0);
  printf("%.3s|%.2s\n", a, b);
  show(send(ends[0], buffer, 150000 + (type == SOCK_DGRAM ? 100000 : 0), 0));
  send(ends[1], "unread", 6, 0);
  close(ends[0]);
  show(readiness(ends[1]));
  got("of who is gone", recv(ends[1], buffer, 100, 0));
  got("and again", recv(ends[1], buffer, 100, 0));
  show(send(ends[1], "x", 1, MSG_NOSIGNAL));
  show(send(ends[1], "x", 1, MSG_NOSIGNAL));
  show(readiness(ends[1]));
  close(ends[1]);
  show(socketpair(AF_UNIX, type, 0, ends));
  show(shutdown(ends[0], SHUT_WR));
  show(send(ends[0], "x", 1, MSG_NOSIGNAL));
  got("after shutdown", recv(ends[1], buffer, 100, MSG_DONTWAIT));
  show(readiness(ends[1]));
  show(shutdown(ends[1], SHUT_RD));
  show(send(ends[0], "x", 1, MSG_NOSIGNAL));
  got("of a closed direction", recv(ends[1], buffer, 100, 0));
  close(ends[0]);
  close(ends[1]);
}

// Sends bytes and descriptors.
static ssize_t send_files(int to, const char *text, const int *files, int count) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(8 * sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec part = {(void *)text, strlen(text)};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(head), files, count * sizeof(int));
  return sendmsg(to, &message, 0);
}

// Receives bytes and descriptors: how many of these came, into `files`.
static int receive_files(int from, int room, int *files, int flags) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(8 * sizeof(int))];
  } control;
  struct iovec part = {buffer, 100};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(room * sizeof(int))};
  ssize_t count = recvmsg(from, &message, flags);
  got("with files", count);
  if (count < 0) return -1;
  printf("flags %s\n", message.msg_flags & MSG_CTRUNC ? "MSG_CTRUNC" : "none");
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  if (head == NULL) return 0;
  printf("level %d, type %d\n", head->cmsg_level, head->cmsg_type);
  int came = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(files, CMSG_DATA(head), came * sizeof(int));
  return came;
}

static void files(void) {
  int ends[2], through[2], came[8];
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  pipe(through);
  show(send_files(ends[0], "two ends", through, 2));
  close(through[0]);
  close(through[1]);
  show(receive_files(ends[1], 8, came, MSG_CMSG_CLOEXEC));
  show(fcntl(came[0], F_GETFD));
  show(write(came[1], "through", 7));
  got("a pipe that was sent", read(came[0], buffer, 100));
  close(came[0]);
  close(came[1]);
  // bytes with files are the last that are read at once; a look gives the files too
  pipe(through);
  send(ends[0], "before ", 7, 0);
  send_files(ends[0], "with", through, 1);
  send(ends[0], " after", 6, 0);
  show(receive_files(ends[1], 8, came, MSG_PEEK));
  close(came[0]);
  show(receive_files(ends[1], 8, came, 0));
  close(came[0]);
  show(receive_files(ends[1], 8, came, 0));
  // where nobody asks for a descriptor it is closed: the pipe ends with the last one here
  pipe(through);
  show(send_files(ends[0], "lost", &through[1], 1));
  close(through[1]);
  got("only bytes", recv(ends[1], buffer, 100, 0));
  got("the pipe's end", read(through[0], buffer, 100));
  close(through[0]);
  int bad = 999;
  show(send_files(ends[0], "bad", &bad, 1));
  // a child gets one
  pipe(through);
  pid_t child = fork();
  if (child == 0) {
    if (receive_files(ends[1], 1, came, 0) != 1) _exit(1);
    _exit(write(came[0], "from the child", 14) == 14 ? 0 : 2);
  }
  show(send_files(ends[0], "take it", &through[1], 1));
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
  got("the child's", read(through[0], buffer, 100));
}

// A sender waits while there is no room, and gets it when the other end is read.
static void much(void) {
  int ends[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    for (int i = 0; i < 200000; i++) buffer[i] = i * 7;
    _exit(send(ends[0], buffer, 200000, 0) == 200000 && send(ends[0], buffer, 200000, 0) == 200000 ? 0 : 1);
  }
  close(ends[0]);
  long all = 0, wrong_ones = 0;
  for (ssize_t count; (count = read(ends[1], buffer, 5000)) > 0; all += count) {
    for (ssize_t i = 0; i < count; i++) wrong_ones += buffer[i] != (char)((all + i) % 200000 * 7);
  }
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
  show(all);
  show(wrong_ones);
  close(ends[1]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  show(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  while (send(ends[0], buffer, 1000, 0) > 0);
  printf("then %s\n", strerrorname_np(errno));
  show(readiness(ends[0]) & POLLOUT);
  while (recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT) > 0);
  show(readiness(ends[0]) & POLLOUT);
}

static void names(void) {
  int ends[2], value = 0;
  show(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
  struct sockaddr_un name;
  memset(&name, 0xff, sizeof name);
  socklen_t length = sizeof name;
  show(getsockname(ends[0], (struct sockaddr *)&name, &length));
  show(length);
  show(name.sun_family);
  length = sizeof name;
  show(getpeername(ends[0], (struct sockaddr *)&name, &length));
  show(length);
  length = sizeof value;
  show(getsockopt(ends[0], SOL_SOCKET, SO_TYPE, &value, &length));
  show(value);
  show(getsockopt(ends[0], SOL_SOCKET, SO_ERROR, &value, &length));
  show(value);
  show(getsockopt(ends[0], SOL_SOCKET, SO_DOMAIN, &value, &length));
  show(value);
  show(length);
  show(getsockopt(ends[0], SOL_SOCKET, 9999, &value, &length));
  show(shutdown(999, SHUT_RD));
  struct stat status;
  show(fstat(ends[0], &status));
  show(S_ISSOCK(status.st_mode));
  show(lseek(ends[0], 0, SEEK_SET));
  show(socketpair(AF_UNIX, 77, 0, ends));
  show(socketpair(AF_UNIX, SOCK_STREAM, 5, ends));
  int plain[2];
  pipe(plain);
  show(send(plain[1], "x", 1, 0));
  show(recv(plain[0], buffer, 1, 0));
  show(listen(plain[0], 1));
}

int main(void) {
  streams();
  datagrams(SOCK_DGRAM);
  datagrams(SOCK_SEQPACKET);
  files();
  much();
  names();
  return 0;
}
