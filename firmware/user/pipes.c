// Pipes, poll, select, epoll, eventfd, timerfd, socketpair: readiness, blocking, what is refused.
#include "report.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

static char buffer[1 << 17];

static void plain(void) {
  int ends[2], number;
  show(pipe2(ends, O_NONBLOCK));
  show(read(ends[0], buffer, 5));
  show(write(ends[1], "hello world", 11));
  show(ioctl(ends[0], FIONREAD, &number));
  show(number);
  show(read(ends[0], buffer, 5));
  show(read(ends[0], buffer, 100));
  show(write(ends[0], "x", 1));
  show(read(ends[1], buffer, 1));
  show(lseek(ends[0], 0, SEEK_CUR));
  show(write(ends[1], buffer, sizeof buffer));
  show(write(ends[1], buffer, 1));
  show(read(ends[0], buffer, 4096));
  show(write(ends[1], buffer, 4096));
  show(fcntl(ends[0], F_GETPIPE_SZ));
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  show(write(ends[1], "x", 1));
  close(ends[1]);
  fails(pipe2(ends, 0x40000000), EINVAL);
  show(pipe(ends));
  close(ends[1]);
  show(read(ends[0], buffer, 1));
  close(ends[0]);
  // a lot through a pipe that holds little, both ends wait for each other
  if (pipe(ends) != 0) exit(2);
  if (fork() == 0) {
    close(ends[0]);
    for (int i = 0; i < 40; i++) {
      memset(buffer, i, 10000);
      if (write(ends[1], buffer, 10000) != 10000) _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  long sum = 0, total = 0, count;
  while ((count = read(ends[0], buffer, 7000)) > 0) {
    total += count;
    for (int i = 0; i < count; i++) sum += buffer[i];
  }
  show(total);
  show(sum);
  int status;
  wait(&status);
  show(status);
  close(ends[0]);
}

static void polled(void) {
  int ends[2];
  if (pipe(ends) != 0) exit(2);
  struct pollfd set[4] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}, {999, POLLIN, 0}, {-1, POLLIN, 0}};
  show(poll(set, 2, 0));
  printf("%x %x\n", set[0].revents, set[1].revents);
  show(poll(set, 4, 0));
  printf("%x %x %x %x\n", set[0].revents, set[1].revents, set[2].revents, set[3].revents);
  show(poll(set, 1, 5));
  if (fork() == 0) {
    usleep(20000);
    _exit(write(ends[1], "x", 1) != 1);
  }
  show(poll(set, 1, -1));
  printf("%x\n", set[0].revents);
  wait(NULL);
  fd_set readable, writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(ends[0], &readable);
  FD_SET(ends[1], &writable);
  struct timeval moment = {0, 1000};
  show(select(ends[1] + 1, &readable, &writable, NULL, &moment));
  show(FD_ISSET(ends[0], &readable) + 2 * FD_ISSET(ends[1], &writable));
  FD_ZERO(&readable);
  show(read(ends[0], buffer, 1));
  FD_SET(ends[0], &readable);
  struct timespec wait = {0, 2000000};
  show(pselect(ends[0] + 1, &readable, NULL, NULL, &wait, NULL));
  show(FD_ISSET(ends[0], &readable));
  close(ends[1]);
  show(poll(set, 1, -1));
  printf("%x\n", set[0].revents);
  close(ends[0]);
}

static void epolled(void) {
  int ends[2], set = epoll_create1(EPOLL_CLOEXEC);
  if (pipe(ends) != 0) exit(2);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x123456789abcdefULL}, got[4];
  show(set >= 0);
  show(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  show(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  show(epoll_ctl(set, EPOLL_CTL_MOD, ends[1], &event));
  show(epoll_ctl(set, EPOLL_CTL_ADD, 999, &event));
  show(epoll_ctl(set, EPOLL_CTL_ADD, set, &event));
  show(epoll_wait(set, got, 4, 0));
  show(epoll_wait(set, got, 0, 0));
  show(write(ends[1], "ab", 2));
  show(epoll_wait(set, got, 4, -1));
  printf("%x %lx\n", got[0].events, (long)got[0].data.u64);
  // level-triggered: again, until it is read
  show(epoll_wait(set, got, 4, 0));
  show(read(ends[0], buffer, 1));
  show(epoll_wait(set, got, 4, 0));
  event.events = EPOLLIN | EPOLLET;
  show(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
  show(epoll_wait(set, got, 4, 0));
  show(epoll_wait(set, got, 4, 0));
  show(write(ends[1], "c", 1));
  show(epoll_wait(set, got, 4, 0));
  event.events = EPOLLIN | EPOLLONESHOT;
  show(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
  show(epoll_wait(set, got, 4, 0));
  show(epoll_wait(set, got, 4, 0));
  event.events = EPOLLOUT;
  event.data.u64 = 2;
  show(epoll_ctl(set, EPOLL_CTL_ADD, ends[1], &event));
  show(epoll_wait(set, got, 4, 0));
  printf("%x %lx\n", got[0].events, (long)got[0].data.u64);
  show(epoll_ctl(set, EPOLL_CTL_DEL, ends[1], NULL));
  show(epoll_ctl(set, EPOLL_CTL_DEL, ends[1], NULL));
  show(epoll_wait(set, got, 4, 3));
  close(ends[1]);
  event.events = EPOLLIN;
  show(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
  show(epoll_wait(set, got, 4, 0));
  printf("%x\n", got[0].events);
  close(ends[0]);
  show(epoll_wait(set, got, 4, 0));
}

static void counters(void) {
  uint64_t value;
  int fd = eventfd(3, EFD_NONBLOCK);
  show(read(fd, &value, 8));
  show(value);
  show(read(fd, &value, 8));
  value = 5;
  show(write(fd, &value, 8));
  show(write(fd, &value, 8));
  show(read(fd, &value, 8));
  show(value);
  show(read(fd, &value, 4));
  value = -1;
  show(write(fd, &value, 8));
  value = -2;
  show(write(fd, &value, 8));
  show(write(fd, &value, 8));
  close(fd);
  fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  show(read(fd, &value, 8));
  show(value);
  show(read(fd, &value, 8));
  show(read(fd, &value, 8));
  close(fd);
  fd = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec time = {.it_value = {.tv_nsec = 2000000}, .it_interval = {.tv_nsec = 2000000}};
  show(timerfd_settime(fd, 0, &time, NULL));
  show(read(fd, &value, 8));
  show(value >= 1);
  struct pollfd set = {fd, POLLIN, 0};
  show(poll(&set, 1, -1));
  time = (struct itimerspec){0};
  show(timerfd_settime(fd, 0, &time, NULL));
  close(fd);
}

static void sockets(void) {
  int ends[2];
  show(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  show(write(ends[0], "to the other", 12));
  show(read(ends[1], buffer, 100));
  show(write(ends[1], "back", 4));
  show(recv(ends[0], buffer, 100, 0));
  show(shutdown(ends[1], SHUT_WR));
  show(read(ends[0], buffer, 1));
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  plain();
  polled();
  epolled();
  counters();
  sockets();
  return wrong;
}
