/* B0: what the kernel asks for one send() to each of N connected sockets: the floor under every fan-out.
 * usage: floor SOCKETS BYTES ROUNDS; prints JSON with CPU microseconds per send, user and system apart.
 * The child drains on its own core, so only the sender's CPU is counted, as with a real server. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

static void die(const char *what) { perror(what); exit(1); }

static void pin(int cpu) {
  cpu_set_t set; CPU_ZERO(&set); CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set); /* best effort: one-core machines still give a figure */
}

static void drain(struct sockaddr_in addr, int n) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin(1);
  int ep = epoll_create1(0);
  for (int i = 0; i < n; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0) die("connect");
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
  }
  static char buffer[65536];
  struct epoll_event events[512];
  int open = n;
  while (open > 0) {
    int got = epoll_wait(ep, events, 512, -1);
    for (int i = 0; i < got; i++)
      if (read(events[i].data.fd, buffer, sizeof buffer) <= 0) { close(events[i].data.fd); open--; }
  }
  exit(0);
}

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc != 4) { fprintf(stderr, "usage: floor SOCKETS BYTES ROUNDS\n"); return 2; }
  int n = atoi(argv[1]), bytes = atoi(argv[2]), rounds = atoi(argv[3]);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof addr;
  if (bind(listener, (struct sockaddr *)&addr, len) < 0 || listen(listener, 4096) < 0) die("listen");
  getsockname(listener, (struct sockaddr *)&addr, &len);
  pid_t child = fork();
  if (child == 0) drain(addr, n);
  pin(0);
  int *fds = malloc(n * sizeof *fds);
  for (int i = 0, one = 1; i < n; i++) {
    if ((fds[i] = accept(listener, 0, 0)) < 0) die("accept");
    setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  char *frame = calloc(1, bytes);
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  long sent = 0;
  for (int r = 0; r < rounds; r++)
    for (int i = 0; i < n; i++)
      if (send(fds[i], frame, bytes, MSG_NOSIGNAL) == bytes) sent++;
  getrusage(RUSAGE_SELF, &after);
  double user = seconds(after.ru_utime) - seconds(before.ru_utime), sys = seconds(after.ru_stime) - seconds(before.ru_stime);
  printf("{\"sockets\":%d,\"bytes\":%d,\"sent\":%ld,\"user_us\":%.3f,\"sys_us\":%.3f,\"cpu_us\":%.3f}\n", n, bytes, sent, user * 1e6 / sent, sys * 1e6 / sent, (user + sys) * 1e6 / sent);
  for (int i = 0; i < n; i++) close(fds[i]);
  waitpid(child, 0, 0);
  return 0;
}
