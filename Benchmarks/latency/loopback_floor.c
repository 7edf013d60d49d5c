// The least that a server of this shape can take: `loopback_floor REQUEST_BYTES REPLY_BYTES BUSY_MICROSECONDS`.
//
// An event loop reads a request of a fixed size, wakes a worker, sleeps, is woken by it, and writes a reply of a fixed
// size. The worker reads memory for the given time, as a pass over a model's weights does, so that the kernel's code
// and the sockets are as cold as they are in the real server. It prints its port, serves one connection, and ends.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { WEIGHT_BYTES = 11 << 20, PAGE_BYTES = 4096, LINE_BYTES = 64, MESSAGE_BYTES_MAX = 1 << 16 };

static volatile char weights[WEIGHT_BYTES];
static sem_t work;
static int done;
static int64_t busy_ns;

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void must(int holds, const char *what) {
  if (holds)
    return;
  perror(what);
  exit(1);
}

static void *run_worker(void *unused) {
  (void)unused;
  size_t page = 0;
  for (;;) {
    while (sem_wait(&work) != 0) {
    }
    const int64_t end = now_ns() + busy_ns;
    while (now_ns() < end) {
      for (size_t line = 0; line < PAGE_BYTES; line += LINE_BYTES) (void)weights[page + line];
      page = (page + PAGE_BYTES) % WEIGHT_BYTES;
    }
    must(eventfd_write(done, 1) == 0, "eventfd_write");
  }
  return NULL;
}

static int accept_one(void) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  must(bind(listener, (struct sockaddr *)&address, length) == 0, "bind");
  must(listen(listener, 1) == 0, "listen");
  must(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  const int connection = accept(listener, NULL, NULL);
  must(connection >= 0, "accept");
  const int on = 1;
  must(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
  return connection;
}

static void watch(int poll, int file) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = file};
  must(epoll_ctl(poll, EPOLL_CTL_ADD, file, &event) == 0, "epoll_ctl");
}

int main(int count, char **arguments) {
  if (count != 4)
    return 2;
  const ssize_t request_bytes = atol(arguments[1]), reply_bytes = atol(arguments[2]);
  if (request_bytes < 1 || request_bytes > MESSAGE_BYTES_MAX || reply_bytes < 1 || reply_bytes > MESSAGE_BYTES_MAX)
    return 2;
  busy_ns = atol(arguments[3]) * 1000;
  // Pages that were never written are all the same page of zeros.
  memset((void *)weights, 1, WEIGHT_BYTES);
  done = eventfd(0, EFD_NONBLOCK);
  sem_init(&work, 0, 0);
  pthread_t worker;
  must(pthread_create(&worker, NULL, run_worker, NULL) == 0, "pthread_create");
  const int poll = epoll_create1(0), connection = accept_one();
  watch(poll, connection);
  watch(poll, done);
  static char message[MESSAGE_BYTES_MAX];
  ssize_t received = 0;
  for (;;) {
    struct epoll_event event;
    if (epoll_wait(poll, &event, 1, -1) != 1)
      continue;
    if (event.data.fd == connection) {
      const ssize_t bytes = read(connection, message, sizeof message);
      if (bytes <= 0)
        return 0;
      received += bytes;
      if (received < request_bytes)
        continue;
      received = 0;
      sem_post(&work);
    } else {
      eventfd_t ignored;
      eventfd_read(done, &ignored);
      must(write(connection, message, (size_t)reply_bytes) == reply_bytes, "write");
    }
  }
}
