/* Load generator: N sockets on one core by epoll, driven by lines on stdin, answering JSON lines on stdout.
 * usage: client PORT MODE SOCKETS SOURCE_NET HELLO_FILE [TOKENS_FILE]
 *   MODE        ws PATH (upgrade, then the hello as one masked text frame) is written "ws:/path"; "sse:/path" sends the hello as the request
 *   SOURCE_NET  a.b.c: sockets leave from a.b.c.1 … a.b.c.200, because one address has 28,000 ports only
 *   HELLO_FILE  text; %i socket number, %k and %m first and second word of its line of TOKENS_FILE (socket number modulo lines), %t monotonic ns, %c a number never used before,
 *               %o and %e offset and epoch that the socket got to in its channel, which is %m
 * stdin: "stat" | "reset" | "send TEXT" (template, once from every socket) | "rate PER_SECOND SECONDS SENDERS TEXT" | "quit"
 *   "flood SECONDS SENDERS TEXT" each of the senders has one command (its id is 9) unanswered at a time, and sends the next when it is
 *   "stall N" the first N sockets read nothing from here on, "wake" they read again
 *   "failover PORT TEXT" whoever is cut off from here on comes back at PORT at once with TEXT for hello, and goes on from its offset
 * A document "{}" is a ping and is answered. Latency is read from "@<ns>@" inside documents.
 * Of publications with an offset in its own channel each socket counts those that follow the last (unique), repeats, and numbers that were skipped;
 * stray: for a channel ("thread:…", "bench:…") that is not its own, or no JSON object.
 * Replies (documents with an "id"), those with an "error" and sockets that were lost after they were open are counted; the first of each is said on stderr. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTING 0
#define HANDSHAKE 1
#define OPEN 2
#define CLOSED 3
#define BUCKETS 200000 /* of 10 microseconds: 2 s, the last takes the rest */

#define EPOCH 40
#define NO_CODE 0

struct peer { int fd; uint8_t state, stalled, resuming; uint32_t have, cap; char *rest; int64_t last; uint64_t lost_at; char epoch[EPOCH]; };

static struct peer *peers;
static int total, port, ep, sse, source[3], opened, in_progress, next_peer, failed, closed_after;
static char path[512], *hello, **tokens, **seconds;
static int token_count;
static uint64_t documents, frames, bytes_in, pings, replies, errors, counter, histogram[BUCKETS], measured, most;
static uint64_t in_order, doubled, skipped, stray;
/* How sockets ended: by close code, 0 without one. */
static struct { int code; uint64_t count; } ends[32];
/* Of those that came back: milliseconds from the cut to the answer that brings what was missed. */
static char *again;
static int *waiting_room, room_in, room_out;
static uint64_t resumed, resume_ms[60001], recovered;

static uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }

static char *slurp(const char *name) {
  FILE *f = fopen(name, "r");
  if (!f) { perror(name); exit(1); }
  static char buffer[1 << 26];
  size_t n = fread(buffer, 1, sizeof buffer - 1, f);
  fclose(f);
  while (n > 0 && buffer[n - 1] == '\n') n--;
  buffer[n] = 0;
  return strdup(buffer);
}

static void load_tokens(const char *name) {
  char *all = slurp(name);
  tokens = malloc(sizeof(char *) * 100000);
  seconds = malloc(sizeof(char *) * 100000);
  for (char *line = strtok(all, "\n"); line && token_count < 100000; line = strtok(0, "\n")) {
    char *space = strchr(line, ' ');
    if (space) *space = 0;
    seconds[token_count] = space ? space + 1 : line;
    tokens[token_count++] = line;
  }
}

static size_t render(char *out, size_t cap, const char *template, int index) {
  size_t n = 0;
  for (const char *p = template; *p && n + 40 < cap; p++) {
    if (*p != '%') out[n++] = *p;
    else if (*++p == 'i') n += sprintf(out + n, "%d", index);
    else if (*p == 't') n += sprintf(out + n, "@%lu@", now_ns());
    else if (*p == 'c') n += sprintf(out + n, "%d-%lu", getpid(), ++counter);
    else if (*p == 'k' && token_count) n += snprintf(out + n, cap - n, "%s", tokens[index % token_count]);
    else if (*p == 'm' && token_count) n += snprintf(out + n, cap - n, "%s", seconds[index % token_count]);
    else if (*p == 'o') n += sprintf(out + n, "%ld", peers[index].last > 0 ? peers[index].last : 0);
    else if (*p == 'e') n += sprintf(out + n, "%s", peers[index].epoch);
    else if (*p == 'n') out[n++] = '\n';
    else if (*p == '%') out[n++] = '%';
  }
  return n;
}

static void tally(int code) {
  for (int i = 0; i < 32; i++) if (ends[i].count == 0 || ends[i].code == code) { ends[i].code = code; ends[i].count++; return; }
}

static void ended(struct peer *p, int code) {
  if (p->state == CLOSED) return;
  if (p->state == OPEN) {
    if (!closed_after && !again) fprintf(stderr, "load generator: lost a socket that was open (%s, close code %d)\n", strerror(errno), code);
    opened--; closed_after++;
    tally(code);
  } else { in_progress--; failed++; }
  p->state = CLOSED;
  close(p->fd);
  if (p->rest) { free(p->rest); p->rest = 0; }
  p->have = p->cap = 0;
  if (!again) return;
  if (!p->resuming) { p->resuming = 1; p->lost_at = now_ns(); }
  waiting_room[room_in++ % total] = (int)(p - peers);
}

static void lose(struct peer *p) { ended(p, NO_CODE); }

/* Masked with a zero key: legal, and the bytes stay readable. */
static void send_text(struct peer *p, const char *text, size_t n) {
  static char frame[70000];
  size_t h = 0;
  frame[h++] = (char)0x81;
  if (n < 126) frame[h++] = (char)(0x80 | n);
  else { frame[h++] = (char)(0x80 | 126); frame[h++] = (char)(n >> 8); frame[h++] = (char)n; }
  memset(frame + h, 0, 4);
  h += 4;
  memcpy(frame + h, text, n);
  if (send(p->fd, frame, h + n, MSG_NOSIGNAL) != (ssize_t)(h + n)) lose(p);
}

static void send_template(int index, const char *template) {
  static char text[65536];
  struct peer *p = &peers[index];
  if (p->state == OPEN && !p->stalled) send_text(p, text, render(text, sizeof text, template, index));
}

static void latency(const char *doc, size_t n) {
  const char *at = memmem(doc, n, "@", 1);
  if (!at || at + 8 > doc + n) return;
  uint64_t sent = strtoull(at + 1, 0, 10), took = now_ns() - sent;
  if (sent == 0) return;
  if (took > most) most = took;
  uint64_t bucket = took / 10000;
  histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
  measured++;
}

static void position(struct peer *p, int64_t offset) {
  if (p->last >= 0 && offset <= p->last) { doubled++; return; }
  if (p->last >= 0 && offset > p->last + 1) skipped += offset - p->last - 1;
  p->last = offset;
  in_order++;
}

static const char OFFSET[] = "\"offset\":", PUBLICATIONS[] = "\"publications\":[", EPOCHS[] = "\"epoch\":\"";

static void subscribed(struct peer *p, const char *doc, size_t n) {
  const char *end = doc + n, *list = memmem(doc, n, PUBLICATIONS, sizeof PUBLICATIONS - 1);
  const char *epoch = memmem(doc, n, EPOCHS, sizeof EPOCHS - 1), *at = memmem(doc, n, OFFSET, sizeof OFFSET - 1);
  if (epoch) { epoch += sizeof EPOCHS - 1; size_t i = 0; while (i < EPOCH - 1 && epoch[i] != '"') { p->epoch[i] = epoch[i]; i++; } p->epoch[i] = 0; }
  if (!p->resuming) p->last = at && (!list || at < list) ? strtoll(at + sizeof OFFSET - 1, 0, 10) : 0;
  if (list) for (at = list; (at = memmem(at, end - at, OFFSET, sizeof OFFSET - 1)); at += sizeof OFFSET - 1) position(p, strtoll(at + sizeof OFFSET - 1, 0, 10));
  if (!p->resuming) return;
  p->resuming = 0;
  uint64_t ms = (now_ns() - p->lost_at) / 1000000;
  resume_ms[ms < 60000 ? ms : 60000]++;
  resumed++;
  if (memmem(doc, n, "\"recovered\":true", 16)) recovered++;
}

static void pushed(struct peer *p, const char *doc, size_t n) {
  const char *at = memmem(doc, n < 40 ? n : 40, "\"channel\":\"", 11);
  if (!at) return;
  at += 11;
  if (memcmp(at, "thread:", 7) && memcmp(at, "bench:", 6)) return;
  const char *own = token_count ? seconds[(p - peers) % token_count] : 0;
  if (own) { size_t len = strlen(own); if ((size_t)(doc + n - at) <= len || memcmp(at, own, len) || at[len] != '"') { stray++; return; } }
  /* Behind the data, which it may be quoted in. */
  const char *offset = n > 60 ? memmem(doc + n - 60, 60, OFFSET, sizeof OFFSET - 1) : 0;
  if (!offset) offset = memmem(at, doc + n - at, OFFSET, sizeof OFFSET - 1);
  if (offset) position(p, strtoll(offset + sizeof OFFSET - 1, 0, 10));
}

static struct { uint64_t end, done; char text[8192]; } flood;

static void next_of_flood(int index) {
  if (now_ns() >= flood.end) return;
  flood.done++;
  send_template(index, flood.text);
}

static void document(struct peer *p, const char *doc, size_t n) {
  if (n == 2 && doc[0] == '{') { pings++; if (!sse) send_text(p, "{}", 2); return; }
  documents++;
  if (doc[0] != '{' || doc[n - 1] != '}') { stray++; return; }
  if (sse) { latency(doc, n); return; }
  if (n > 5 && !memcmp(doc, "{\"id\":", 6)) replies++;
  if (!memcmp(doc, "{\"push\"", n < 7 ? n : 7)) pushed(p, doc, n);
  else if (memmem(doc, n < 60 ? n : 60, "\"subscribe\":", 12)) { subscribed(p, doc, n); return; }
  else if (memmem(doc, n < 60 ? n : 60, "\"error\":", 8) && !errors++) fprintf(stderr, "load generator: %.*s\n", n < 500 ? (int)n : 500, doc);
  latency(doc, n);
  if (flood.end && !memcmp(doc, "{\"id\":9,", n < 8 ? n : 8)) next_of_flood((int)(p - peers));
}

static void payload(struct peer *p, const char *data, size_t n) {
  frames++;
  while (n > 0) {
    const char *end = memchr(data, '\n', n);
    size_t len = end ? (size_t)(end - data) : n;
    if (len) document(p, data, len);
    data += len + (end ? 1 : 0);
    n -= len + (end ? 1 : 0);
  }
}

/* Returns the bytes used; an incomplete frame stays for the next read. */
static size_t ws_frames(struct peer *p, char *data, size_t n) {
  size_t used = 0;
  while (n - used >= 2 && p->state == OPEN) {
    uint8_t *f = (uint8_t *)data + used;
    size_t h = 2, len = f[1] & 127;
    if (len == 126) { if (n - used < 4) break; len = f[2] << 8 | f[3]; h = 4; }
    else if (len == 127) { if (n - used < 10) break; len = 0; for (int i = 2; i < 10; i++) len = len << 8 | f[i]; h = 10; }
    if (n - used < h + len) break;
    if ((f[0] & 15) == 8) { ended(p, len >= 2 ? f[h] << 8 | f[h + 1] : NO_CODE); break; }
    if ((f[0] & 15) < 3) payload(p, (char *)f + h, len);
    used += h + len;
  }
  return used;
}

static size_t sse_lines(struct peer *p, char *data, size_t n) {
  size_t used = 0;
  for (char *end; (end = memmem(data + used, n - used, "\n\n", 2)); used = end + 2 - data) {
    char *start = memmem(data + used, end - data - used, "data: ", 6);
    if (start) { frames++; document(p, start + 6, end - start - 6); }
  }
  return used;
}

static void established(struct peer *p) {
  p->state = OPEN; opened++; in_progress--;
  if (!sse) send_template((int)(p - peers), hello);
}

static void keep(struct peer *p, const char *data, size_t n) {
  if (n > p->cap) { p->cap = n + 512; p->rest = realloc(p->rest, p->cap); }
  memmove(p->rest, data, n);
  p->have = n;
  if (n == 0 && p->rest) { free(p->rest); p->rest = 0; p->cap = 0; }
}

static void readable(struct peer *p) {
  static char buffer[1 << 20];
  memcpy(buffer, p->rest ? p->rest : "", p->have);
  ssize_t got = read(p->fd, buffer + p->have, sizeof buffer - p->have);
  if (got <= 0) { if (got == 0 || errno != EAGAIN) lose(p); return; }
  bytes_in += got;
  size_t n = p->have + got, used = 0;
  if (p->state == HANDSHAKE) {
    char *end = memmem(buffer, n, "\r\n\r\n", 4);
    if (!end) { keep(p, buffer, n); return; }
    if (memcmp(buffer, "HTTP/1.1 101", 12) && memcmp(buffer, "HTTP/1.1 200", 12)) { lose(p); return; }
    established(p);
    used = end + 4 - buffer;
  }
  if (p->state == OPEN) used += sse ? sse_lines(p, buffer + used, n - used) : ws_frames(p, buffer + used, n - used);
  if (p->state == OPEN) keep(p, buffer + used, n - used);
}

static void handshake(struct peer *p) {
  static char request[40000], first[32768];
  size_t n = sse ? render(first, sizeof first, hello, (int)(p - peers)) : 0;
  int len = sse ? sprintf(request, "%.*s", (int)n, first)
                : sprintf(request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, port);
  p->state = HANDSHAKE;
  if (send(p->fd, request, len, MSG_NOSIGNAL) != len) lose(p);
}

static void open_next(void) {
  int i = next_peer < total ? next_peer++ : waiting_room[room_out++ % total], one = 1;
  struct peer *p = &peers[i];
  p->state = CONNECTING;
  p->stalled = 0;
  p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (p->fd < 0) { perror("socket"); exit(1); }
  setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(p->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
  from.sin_addr.s_addr = htonl((uint32_t)source[0] << 24 | source[1] << 16 | source[2] << 8 | (1 + i % 200));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(p->fd, (struct sockaddr *)&from, sizeof from) < 0) { perror("bind"); exit(1); }
  in_progress++;
  struct epoll_event ev = {.events = EPOLLOUT, .data.u32 = i};
  epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &ev);
  if (connect(p->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) lose(p);
}

static double percentile(double q) {
  uint64_t want = (uint64_t)(q * measured), sum = 0;
  for (int i = 0; i < BUCKETS; i++) if ((sum += histogram[i]) > want) return (i + 0.5) / 100.0;
  return 0;
}

static double resume_percentile(double q) {
  uint64_t want = (uint64_t)(q * resumed), sum = 0;
  for (int i = 0; i <= 60000; i++) if ((sum += resume_ms[i]) > want) return i;
  return 0;
}

static void stat_line(void) {
  printf("{\"in_order\":%lu,\"doubled\":%lu,\"skipped\":%lu,\"stray\":%lu,\"max_ms\":%.2f,\"resumed\":%lu,\"recovered\":%lu,\"resume_p50_ms\":%.0f,\"resume_p99_ms\":%.0f,\"resume_max_ms\":%.0f,\"ends\":{",
         in_order, doubled, skipped, stray, most / 1e6, resumed, recovered, resume_percentile(.5), resume_percentile(.99), resume_percentile(.9999999));
  for (int i = 0; i < 32 && ends[i].count; i++) printf("%s\"%d\":%lu", i ? "," : "", ends[i].code, ends[i].count);
  printf("},\"t\":%lu,\"open\":%d,\"failed\":%d,\"closed\":%d,\"documents\":%lu,\"frames\":%lu,\"bytes\":%lu,\"pings\":%lu,\"replies\":%lu,\"errors\":%lu,\"measured\":%lu,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"p999_ms\":%.2f}\n",
         now_ns(), opened, failed, closed_after, documents, frames, bytes_in, pings, replies, errors, measured, percentile(.5), percentile(.99), percentile(.999));
  fflush(stdout);
}

static struct { double per_second; uint64_t start, end, done; int senders; char text[8192]; } load;

static void pace(void) {
  uint64_t now = now_ns();
  if (flood.end && now >= flood.end) { flood.end = 0; printf("{\"sent\":%lu}\n", flood.done); fflush(stdout); }
  if (!load.end) return;
  uint64_t due = (uint64_t)((double)((now < load.end ? now : load.end) - load.start) * load.per_second / 1e9);
  while (load.done < due) send_template((int)(load.done++ % load.senders), load.text);
  if (now >= load.end) { load.end = 0; printf("{\"sent\":%lu}\n", load.done); fflush(stdout); }
}

static void stall(int count) {
  for (int i = 0; i < count && i < total; i++) {
    if (peers[i].state != OPEN) continue;
    epoll_ctl(ep, EPOLL_CTL_DEL, peers[i].fd, 0);
    peers[i].stalled = 1;
  }
}

static void wake(void) {
  for (int i = 0; i < total; i++) {
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = i};
    if (peers[i].stalled && peers[i].state == OPEN) epoll_ctl(ep, EPOLL_CTL_ADD, peers[i].fd, &ev);
    peers[i].stalled = 0;
  }
}

static void order(char *line) {
  line[strcspn(line, "\n")] = 0;
  if (!strcmp(line, "quit")) exit(0);
  if (!strcmp(line, "stat")) stat_line();
  if (!strcmp(line, "reset")) { documents = frames = bytes_in = pings = replies = errors = measured = most = in_order = doubled = skipped = stray = 0; memset(histogram, 0, sizeof histogram); }
  if (!strncmp(line, "send ", 5)) for (int i = 0; i < total; i++) send_template(i, line + 5);
  double seconds; int skip = 0, n;
  if (sscanf(line, "stall %d", &n) == 1) stall(n);
  if (!strcmp(line, "wake")) wake();
  if (sscanf(line, "failover %d %n", &n, &skip) == 1 && skip) { port = n; again = hello = strdup(line + skip); skip = 0; }
  if (sscanf(line, "flood %lf %d %n", &seconds, &n, &skip) == 2 && skip) {
    snprintf(flood.text, sizeof flood.text, "%s", line + skip);
    flood.end = now_ns() + (uint64_t)(seconds * 1e9); flood.done = 0;
    for (int i = 0; i < n && i < total; i++) next_of_flood(i);
  }
  skip = 0;
  if (sscanf(line, "rate %lf %lf %d %n", &load.per_second, &seconds, &load.senders, &skip) == 3 && skip) {
    snprintf(load.text, sizeof load.text, "%s", line + skip);
    load.start = now_ns(); load.end = load.start + (uint64_t)(seconds * 1e9); load.done = 0;
  }
}

int main(int argc, char **argv) {
  if (argc < 6) { fprintf(stderr, "usage: client PORT ws:/path|sse:/path SOCKETS A.B.C HELLO_FILE [TOKENS_FILE]\n"); return 2; }
  port = atoi(argv[1]); total = atoi(argv[3]); sse = !strncmp(argv[2], "sse:", 4);
  snprintf(path, sizeof path, "%s", strchr(argv[2], ':') + 1);
  sscanf(argv[4], "%d.%d.%d", &source[0], &source[1], &source[2]);
  hello = slurp(argv[5]);
  if (argc > 6) load_tokens(argv[6]);
  peers = calloc(total, sizeof *peers);
  waiting_room = calloc(total, sizeof *waiting_room);
  for (int i = 0; i < total; i++) peers[i].last = -1;
  ep = epoll_create1(0);
  fcntl(0, F_SETFL, O_NONBLOCK);
  struct epoll_event in = {.events = EPOLLIN, .data.u32 = UINT32_MAX}, events[1024];
  epoll_ctl(ep, EPOLL_CTL_ADD, 0, &in);
  static char line[16384]; size_t at = 0;
  for (;;) {
    while ((next_peer < total || room_out < room_in) && in_progress < 200) open_next();
    int n = epoll_wait(ep, events, 1024, load.end || flood.end ? 1 : next_peer < total || room_out < room_in ? 5 : 1000);
    for (int i = 0; i < n; i++) {
      if (events[i].data.u32 == UINT32_MAX) {
        for (char c; read(0, &c, 1) == 1;) { if (at < sizeof line - 1) line[at++] = c; if (c == '\n') { line[at] = 0; order(line); at = 0; } }
        if (events[i].events & EPOLLHUP) exit(0);
        continue;
      }
      struct peer *p = &peers[events[i].data.u32];
      if (p->state == CLOSED) continue;
      if (p->state == CONNECTING) {
        struct epoll_event ev = {.events = EPOLLIN, .data.u32 = events[i].data.u32};
        epoll_ctl(ep, EPOLL_CTL_MOD, p->fd, &ev);
        if (events[i].events & (EPOLLERR | EPOLLHUP)) lose(p); else handshake(p);
      } else readable(p);
    }
    pace();
  }
}
