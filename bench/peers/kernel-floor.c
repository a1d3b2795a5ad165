// The floor below every server: one thread that reads requests and writes an answer made beforehand,
// and does nothing else. Its CPU time is the kernel's own part of a request; no server that uses
// epoll, read and write can be cheaper.
//
//   kernel-floor PORT FILE     answers every request on 127.0.0.1:PORT with the bytes of FILE

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, REQUEST_BYTES_MAX = 16384, HEAD_BYTES_MAX = 256 };

static char *answer;
static size_t answer_bytes;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void read_answer(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path);
  fseek(file, 0, SEEK_END);
  long body_bytes = ftell(file);
  rewind(file);
  answer = malloc(HEAD_BYTES_MAX + (size_t)body_bytes);
  if (answer == NULL) fail("malloc");
  int head_bytes = snprintf(answer, HEAD_BYTES_MAX,
                            "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                            "Content-Length: %ld\r\n\r\n",
                            body_bytes);
  if (fread(answer + head_bytes, 1, (size_t)body_bytes, file) != (size_t)body_bytes) fail(path);
  answer_bytes = (size_t)head_bytes + (size_t)body_bytes;
  fclose(file);
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  return listener;
}

// The clients of a benchmark send a whole request at once and wait for its answer.
static void answer_request(int connection) {
  char request[REQUEST_BYTES_MAX];
  ssize_t bytes = read(connection, request, sizeof request);
  size_t sent = 0;
  while (bytes > 0 && sent < answer_bytes) {
    ssize_t written = write(connection, answer + sent, answer_bytes - sent);
    if (written < 0) break;
    sent += (size_t)written;
  }
  if (bytes <= 0 || sent < answer_bytes) close(connection);
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: kernel-floor PORT FILE\n");
    return 2;
  }
  read_answer(arguments[2]);
  int listener = listen_on(atoi(arguments[1]));
  int poll = epoll_create1(0);
  struct epoll_event listening = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &listening);
  for (;;) {
    struct epoll_event events[EVENTS_MAX];
    int event_count = epoll_wait(poll, events, EVENTS_MAX, -1);
    for (int index = 0; index < event_count; index++) {
      if (events[index].data.fd != listener) {
        answer_request(events[index].data.fd);
        continue;
      }
      int connection = accept(listener, NULL, NULL);
      if (connection < 0) continue;
      int on = 1;
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      struct epoll_event reading = {.events = EPOLLIN, .data.fd = connection};
      epoll_ctl(poll, EPOLL_CTL_ADD, connection, &reading);
    }
  }
}
