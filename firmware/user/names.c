// Sockets with names: in the tree and outside of it; listening, connecting, accepting; datagrams between strangers.
#include "report.h"
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static char path[64], buffer[256];

static socklen_t address(struct sockaddr_un *to, const char *name, int is_abstract) {
  memset(to, 0, sizeof *to);
  to->sun_family = AF_UNIX;
  strcpy(to->sun_path + is_abstract, name);
  return offsetof(struct sockaddr_un, sun_path) + is_abstract + strlen(name) + !is_abstract;
}

// What a socket is called: how long that is, and whether it begins as the path does.
static void called(const char *what, int (*get)(int, struct sockaddr *, socklen_t *), int fd) {
  struct sockaddr_un name;
  socklen_t length = sizeof name;
  memset(&name, 0, sizeof name);
  int answer = get(fd, (struct sockaddr *)&name, &length);
  if (answer < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else if (length == 2) printf("%s: nothing\n", what);
  else if (name.sun_path[0] == 0) printf("%s: %u bytes, \"%s\"\n", what, length, name.sun_path + 1);
  else printf("%s: %s\n", what, strcmp(name.sun_path, path) == 0 && length == 3 + strlen(path) ? "the path" : "another");
}

static int readiness(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&one, 1, 0);
  return one.revents;
}

static void connections(int type, int is_abstract) {
  struct sockaddr_un name;
  char abstract[64];
  sprintf(abstract, "of %d", getpid());
  socklen_t length = address(&name, is_abstract ? abstract : path, is_abstract);
  struct sockaddr *to = (struct sockaddr *)&name;
  int listener = socket(AF_UNIX, type, 0), client = socket(AF_UNIX, type, 0), status;
  show(readiness(client));
  show(send(client, "x", 1, MSG_NOSIGNAL));
  show(recv(client, buffer, 1, 0));
  show(listen(listener, 1));
  show(connect(client, to, length));
  show(bind(listener, to, length));
  show(bind(listener, to, length));
  show(bind(client, to, length));
  show(connect(client, to, length));
  show(accept(client, 0, 0));
  show(listen(listener, 1));
  show(readiness(listener));
  show(fcntl(listener, F_SETFL, O_NONBLOCK));
  show(accept(listener, 0, 0));
  show(connect(client, to, length));
  show(connect(client, to, length));
  show(readiness(listener));
  show(send(client, "early", 5, 0));
  called("the client", getsockname, client);
  if (!is_abstract) called("its peer", getpeername, client);
  struct sockaddr_un who;
  socklen_t size = sizeof who;
  int server = accept4(listener, (struct sockaddr *)&who, &size, SOCK_CLOEXEC);
  show(server >= 0);
  show(size);
  show(fcntl(server, F_GETFD));
  if (!is_abstract) called("the server", getsockname, server);
  called("its peer", getpeername, server);
  show(recv(server, buffer, sizeof buffer, 0));
  show(send(server, "back", 4, 0));
  show(recv(client, buffer, sizeof buffer, 0));
  struct ucred peer;
  size = sizeof peer;
  show(getsockopt(server, SOL_SOCKET, SO_PEERCRED, &peer, &size));
  show(peer.pid == getpid());
  int is_listening = 0;
  size = sizeof is_listening;
  show(getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size));
  show(is_listening);
  close(server);
  show(recv(client, buffer, 1, 0));
  close(client);
  // a child connects, and waits for its turn
  show(fcntl(listener, F_SETFL, 0));
  if (fork() == 0) {
    client = socket(AF_UNIX, type, 0);
    if (connect(client, to, length) != 0) _exit(1);
    _exit(write(client, "from the child", 14) == 14 ? 0 : 2);
  }
  server = accept(listener, 0, 0);
  show(read(server, buffer, sizeof buffer));
  wait(&status);
  show(status);
  close(server);
  // as many as may wait, and one more
  int many[4], connected = 0;
  for (int i = 0; i < 4; i++) {
    many[i] = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
    if (connect(many[i], to, length) == 0) connected++;
    else if (i == 3) show(errno == EAGAIN);
  }
  show(connected);
  close(listener);
  show(recv(many[0], buffer, 1, 0));
  for (int i = 0; i < 4; i++) close(many[i]);
  client = socket(AF_UNIX, type, 0);
  show(connect(client, to, length));
  if (!is_abstract) {
    struct stat file;
    show(stat(path, &file));
    show(S_ISSOCK(file.st_mode));
    show(open(path, O_RDWR));
    show(unlink(path));
    show(connect(client, to, length));
  }
  close(client);
}

static void datagrams(void) {
  struct sockaddr_un name, from;
  socklen_t length = address(&name, path, 0), size = sizeof from;
  struct sockaddr *to = (struct sockaddr *)&name;
  int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
  show(bind(receiver, to, length));
  show(listen(receiver, 1));
  show(send(sender, "x", 1, 0));
  show(sendto(sender, "one", 3, 0, to, length));
  show(recvfrom(receiver, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &size));
  struct sockaddr_un other;
  char abstract[64];
  sprintf(abstract, "sender %d", getpid());
  show(bind(sender, (struct sockaddr *)&other, address(&other, abstract, 1)));
  show(connect(sender, to, length));
  show(send(sender, "three", 5, 0));
  size = sizeof from;
  show(recvfrom(receiver, buffer, 2, MSG_TRUNC, (struct sockaddr *)&from, &size));
  show(strcmp(from.sun_path + 1, abstract));
  show(sendto(receiver, "answer", 6, 0, (struct sockaddr *)&from, size));
  show(recv(sender, buffer, sizeof buffer, 0));
  int stream = socket(AF_UNIX, SOCK_STREAM, 0);
  show(connect(stream, to, length));
  show(sendto(stream, "x", 1, MSG_NOSIGNAL, to, length));
  close(receiver);
  show(send(sender, "x", 1, MSG_NOSIGNAL));
  show(unlink(path));
  show(sendto(sender, "x", 1, 0, to, length));
  close(sender);
  close(stream);
}

int main(void) {
  sprintf(path, "/dev/shm/names-%d", getpid());
  connections(SOCK_STREAM, 0);
  connections(SOCK_STREAM, 1);
  connections(SOCK_SEQPACKET, 0);
  datagrams();
  struct sockaddr_un name;
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  show(bind(fd, (struct sockaddr *)&name, 1));
  name.sun_family = AF_INET;
  show(bind(fd, (struct sockaddr *)&name, 10));
  name.sun_family = AF_UNIX;
  show(bind(fd, (struct sockaddr *)&name, 2));
  show(bind(open("/dev/null", O_RDWR), (struct sockaddr *)&name, 2));
  show(socket(AF_UNIX, 77, 0));
  show(socket(AF_UNIX, SOCK_STREAM, 77));
  return wrong;
}
