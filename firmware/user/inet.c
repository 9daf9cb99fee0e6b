// Sockets of AF_INET between the programs of one machine: 127.0.0.0/8.
#include "report.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct sockaddr_in address(const char *text, int port) {
  struct sockaddr_in made = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, text, &made.sin_addr);
  return made;
}

static int port_of(int fd) {
  struct sockaddr_in name = {0};
  socklen_t length = sizeof name;
  getsockname(fd, (struct sockaddr *)&name, &length);
  return ntohs(name.sin_port);
}

// The address of one of the ends of a socket; ports differ from run to run.
static const char *name_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *)) {
  static char text[100], inside[INET_ADDRSTRLEN];
  struct sockaddr_in name = {0};
  socklen_t length = sizeof name;
  if (get(fd, (struct sockaddr *)&name, &length)) return strerrorname_np(errno);
  snprintf(text, sizeof text, "family %d, %s, %s, %u bytes", name.sin_family,
           inet_ntop(AF_INET, &name.sin_addr, inside, sizeof inside), name.sin_port ? "a port" : "no port", length);
  return text;
}

static int own(int (*get)(int, struct sockaddr *, socklen_t *), int fd, const char *what) {
  printf("%s: %s\n", what, name_of(fd, get));
  return fd;
}

static int to(int (*call)(int, const struct sockaddr *, socklen_t), int fd, const char *text, int port) {
  struct sockaddr_in name = address(text, port);
  return call(fd, (struct sockaddr *)&name, sizeof name);
}

static int listening(const char *text) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (to(bind, fd, text, 0) || listen(fd, 5)) perror("listen");
  return fd;
}

static int polled(int fd, int events) {
  struct pollfd one = {.fd = fd, .events = events};
  return poll(&one, 1, 0) < 0 ? -1 : one.revents;
}

static void kinds(void) {
  show(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  show(socket(AF_INET, SOCK_SEQPACKET, 0));
  show(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}));
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP), value;
  printf("flags %x %x\n", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
  socklen_t length = sizeof value;
  int options[][2] = {{SOL_SOCKET, SO_TYPE}, {SOL_SOCKET, SO_DOMAIN}, {SOL_SOCKET, SO_PROTOCOL}, {SOL_SOCKET, SO_ERROR},
    {SOL_SOCKET, SO_REUSEADDR}, {SOL_SOCKET, SO_ACCEPTCONN}, {SOL_SOCKET, SO_KEEPALIVE}, {IPPROTO_TCP, TCP_NODELAY}};
  for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
    show(getsockopt(fd, options[i][0], options[i][1], &value, &length));
    printf("is %d of %u\n", value, length);
  }
  value = 1;
  show(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
  show(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 2));
  show(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value));
  value = 0;
  show(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, &length));
  printf("is %d\n", value);
  own(getsockname, fd, "nobody's name");
  own(getpeername, fd, "nobody's peer");
  char byte;
  show(read(fd, &byte, 1));
  signal(SIGPIPE, SIG_IGN);
  show(write(fd, "x", 1));
  show(accept(fd, NULL, NULL));
  show(polled(fd, POLLIN | POLLOUT));
  show(to(bind, fd, "8.8.8.8", 0));
  struct sockaddr_in wrong = address("127.0.0.1", 0);
  show(bind(fd, (struct sockaddr *)&wrong, 8));
  wrong.sin_family = AF_UNIX;
  show(bind(fd, (struct sockaddr *)&wrong, sizeof wrong));
  show(to(bind, fd, "127.0.0.1", 0));
  show(to(bind, fd, "127.0.0.1", 0));
  own(getsockname, fd, "bound");
  int other = socket(AF_INET, SOCK_STREAM, 0);
  show(to(bind, other, "127.0.0.1", port_of(fd)));
  show(to(bind, other, "0.0.0.0", port_of(fd)));
  show(to(bind, other, "127.0.0.2", port_of(fd)));
  show(to(connect, socket(AF_INET, SOCK_STREAM, 0), "127.0.0.1", port_of(fd)));
  close(fd);
  close(other);
}

static void streams(void) {
  int server = listening("0.0.0.0");
  own(getsockname, server, "server");
  fcntl(server, F_SETFL, O_NONBLOCK);
  show(accept(server, NULL, NULL));
  show(polled(server, POLLIN));
  int client = socket(AF_INET, SOCK_STREAM, 0);
  show(to(connect, client, "0.0.0.0", port_of(server)));
  show(to(connect, client, "127.0.0.1", port_of(server)));
  show(polled(server, POLLIN));
  struct sockaddr_in from = {0};
  socklen_t length = sizeof from;
  int peer = accept(server, (struct sockaddr *)&from, &length);
  printf("from %s, %d, %u bytes\n", inet_ntoa(from.sin_addr), ntohs(from.sin_port) == port_of(client), length);
  own(getsockname, client, "client");
  own(getpeername, client, "client's peer");
  own(getsockname, peer, "accepted");
  own(getpeername, peer, "accepted's peer");
  printf("ports %d\n", port_of(peer) == port_of(server));
  char text[100] = "";
  show(polled(client, POLLIN | POLLOUT));
  show(send(client, "a stream of bytes", 17, MSG_NOSIGNAL));
  show(recv(peer, text, 3, MSG_PEEK));
  length = sizeof from;
  show(recvfrom(peer, text, 8, 0, (struct sockaddr *)&from, &length));
  printf("%.8s, %u\n", text, length);
  show(recv(peer, text, 100, MSG_DONTWAIT));
  show(recv(peer, text, 100, MSG_DONTWAIT));
  struct timeval soon = {0, 20000};
  show(setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
  show(recv(peer, text, 100, 0));
  show(shutdown(client, SHUT_WR));
  show(polled(peer, POLLIN | POLLOUT | POLLRDHUP));
  show(recv(peer, text, 100, 0));
  show(send(peer, "back", 4, 0));
  show(recv(client, text, 100, 0));
  show(write(client, "x", 1));
  close(peer);
  usleep(1000);
  show(polled(client, POLLIN | POLLOUT | POLLRDHUP));
  show(recv(client, text, 100, 0));
  close(client);
  show(to(connect, client = socket(AF_INET, SOCK_STREAM, 0), "127.0.0.77", port_of(server)));
  own(getpeername, client, "another address");
  peer = accept(server, NULL, NULL);
  own(getsockname, peer, "and its other end");
  close(peer);
  usleep(1000);
  show(polled(client, POLLIN | POLLOUT | POLLRDHUP));
  show(read(client, text, 1));
  close(client);
  client = socket(AF_INET, SOCK_STREAM, 0);
  to(connect, client, "127.0.0.1", port_of(server));
  close(server);
  usleep(1000);
  show(read(client, text, 1));
  show(close(client));
}

static void much(void) {
  int server = listening("127.0.0.1"), port = port_of(server);
  pid_t child = fork();
  if (child == 0) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to(connect, fd, "127.0.0.1", port);
    static char bytes[1 << 20];
    memset(bytes, 'm', sizeof bytes);
    _exit(write(fd, bytes, sizeof bytes) != sizeof bytes);
  }
  int fd = accept(server, NULL, NULL), epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  long total = 0;
  static char buffer[100000];
  for (ssize_t count = 1; count > 0;) {
    epoll_wait(epoll, &event, 1, -1);
    if ((count = read(fd, buffer, sizeof buffer)) > 0) total += count;
  }
  int status;
  waitpid(child, &status, 0);
  printf("%ld bytes, child %d\n", total, status);
}

static void datagrams(void) {
  int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0), three = socket(AF_INET, SOCK_DGRAM, 0);
  char text[100] = "";
  show(send(one, "x", 1, 0));
  show(to(bind, one, "127.0.0.1", 0));
  show(to(bind, two, "0.0.0.0", 0));
  struct sockaddr_in first = address("127.0.0.1", port_of(one)), second = address("127.0.0.1", port_of(two)), from;
  show(sendto(one, "datagram", 8, 0, (struct sockaddr *)&second, sizeof second));
  show(sendto(one, "", 0, 0, (struct sockaddr *)&second, sizeof second));
  show(sendto(three, "from three", 10, 0, (struct sockaddr *)&second, sizeof second));
  own(getsockname, three, "three");
  for (int i = 0; i < 3; i++) {
    socklen_t length = sizeof from;
    show(recvfrom(two, text, 4, i ? 0 : MSG_TRUNC, (struct sockaddr *)&from, &length));
    printf("%.4s from %s %d %u\n", text, inet_ntoa(from.sin_addr), (from.sin_port == first.sin_port) * 2 + (ntohs(from.sin_port) == port_of(three)), length);
  }
  show(recv(two, text, 10, MSG_DONTWAIT));
  show(connect(two, (struct sockaddr *)&first, sizeof first));
  own(getsockname, two, "two");
  own(getpeername, two, "two's peer");
  sendto(three, "not heard", 9, 0, (struct sockaddr *)&second, sizeof second);
  show(recv(two, text, 10, MSG_DONTWAIT));
  show(send(two, "to one", 6, 0));
  struct iovec vectors[2] = {{text, 2}, {text + 10, 50}};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = vectors, .msg_iovlen = 2};
  show(recvmsg(one, &message, 0));
  printf("%.2s %.4s, %u, flags %x\n", text, text + 10, message.msg_namelen, message.msg_flags);
  close(one);
  show(send(two, "to nobody", 9, 0));
  show(polled(two, POLLIN | POLLOUT));
  show(send(two, "to nobody", 9, 0));
  show(send(two, "to nobody", 9, 0));
  show(recv(two, text, 10, MSG_DONTWAIT));
  show(recv(two, text, 10, MSG_DONTWAIT));
  struct sockaddr nobody = {.sa_family = AF_UNSPEC};
  show(connect(two, &nobody, sizeof nobody));
  own(getpeername, two, "two's peer");
  own(getsockname, two, "two");
  show(to(bind, two, "127.0.0.1", 0));
  show(send(two, "x", 1, 0));
  second = address("127.0.0.1", port_of(two));
  show(sendto(three, "nobody hears", 12, 0, (struct sockaddr *)&first, sizeof first));
  show(recv(three, text, 10, MSG_DONTWAIT));
  static char long_one[70000];
  show(sendto(three, long_one, 65507, MSG_DONTWAIT, (struct sockaddr *)&second, sizeof second));
  show(sendto(three, long_one, 65508, 0, (struct sockaddr *)&second, sizeof second));
  show(recv(two, long_one, sizeof long_one, 0));
  show(listen(two, 1));
  show(accept(two, NULL, NULL));
}

static void several(void) {
  int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
  to(bind, one, "127.0.0.1", 0);
  to(connect, two, "127.0.0.1", port_of(one));
  char text[4][8] = {"first", "second", "third", ""}, got[4][8] = {""};
  struct iovec out[4], in[4];
  struct mmsghdr sent[4] = {0}, received[4] = {0};
  for (int i = 0; i < 4; i++) {
    out[i] = (struct iovec){text[i], strlen(text[i])};
    in[i] = (struct iovec){got[i], 5};
    sent[i].msg_hdr = (struct msghdr){.msg_iov = &out[i], .msg_iovlen = 1};
    received[i].msg_hdr = (struct msghdr){.msg_iov = &in[i], .msg_iovlen = 1};
  }
  show(recvmmsg(one, received, 4, MSG_DONTWAIT, NULL));
  show(sendmmsg(two, sent, 3, 0));
  show(recvmmsg(one, received, 2, 0, NULL));
  show(recvmmsg(one, received + 2, 2, MSG_WAITFORONE, NULL));
  for (int i = 0; i < 3; i++) printf("%u of %u, %.5s, flags %x\n", received[i].msg_len, sent[i].msg_len, got[i], received[i].msg_hdr.msg_flags);
  pid_t child = fork();
  if (child == 0) {
    usleep(5000);
    for (int i = 0; i < 4; i++) send(two, text[i], 5, 0);
    _exit(0);
  }
  show(recvmmsg(one, received, 4, 0, NULL));
  waitpid(child, NULL, 0);
  show(sendmmsg(two, sent, 0, 0));
  close(one);
  show(sendmmsg(two, sent, 1, 0));
  show(sendmmsg(two, sent, 4, 0));
}

int main(void) {
  kinds();
  several();
  streams();
  much();
  datagrams();
  return wrong;
}
