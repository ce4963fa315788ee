/* A process whose memory is known: prints where things lie as a line of JSON, then sleeps. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *volatile known = "https://border.example.org/known-text-at-a-border";

static void *work(void *all) {
  void **blocks = all;
  for (int i = 0; i < 100; i++) memset(blocks[i] = malloc(2000), 'w', 2000);
  for (int i = 0; i < 100; i += 2) free(blocks[i]);
  pause();
  return 0;
}

int main(int argc, char **argv) {
  long page = sysconf(_SC_PAGESIZE);
  char *rwx = mmap(0, 2 * page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(rwx, "\x7f" "ELF\x02\x01\x01");
  /* A mapping of its own, with nothing resident beside it. */
  size_t size = 8 << 20;
  char *around = mmap(0, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *large = mmap(around + page, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  memset(large, '.', size);
  for (size_t at = 1 << 20; at < size; at += 1 << 20) memcpy(large + at - 10, known, strlen(known));
  for (size_t at = (2 << 20) - (16 << 10) - 20; at < (2 << 20) - (16 << 10) + 20; at += 80) memcpy(large + at, known, strlen(known));
  char *sparse = mmap(0, 1ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (sparse != MAP_FAILED) {
    madvise(sparse, 1ul << 40, MADV_NOHUGEPAGE);
    strcpy(sparse + (1ul << 30), "https://sparse.example.org/far");
  }
  char *shared = mmap(0, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  strcpy(shared, "https://shared.example.org/");
  char *hidden = mmap(0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(hidden, "https://hidden.example.org/");
  mprotect(hidden, page, PROT_NONE);
  char *heap = malloc(100);
  memset(heap, 0, 100);
  strcpy(heap, "token AKIAIOSFODNN7EXAMPLE");
  void **blocks = malloc(1000 * sizeof(void *));
  for (int i = 0; i < 1000; i++) memset(blocks[i] = malloc(5000), 'h', 5000);
  for (int i = 0; i < 1000; i += 2) free(blocks[i]);
  /* What a child is told by its parent's test. */
  char *given = malloc(65536);
  size_t length = fread(given, 1, 65535, stdin);
  given[length] = 0;
  pthread_t thread;
  void **others = malloc(100 * sizeof(void *));
  pthread_create(&thread, 0, work, others);
  usleep(200000);
  static char out[4096];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  struct mallinfo2 info = mallinfo2();
  printf("{\"rwx\":\"%p\",\"large\":\"%p\",\"sparse\":\"%p\",\"shared\":\"%p\",\"hidden\":\"%p\",\"heap\":\"%p\",\"given\":\"%p\",\"size\":%zu,\"free\":%zu,\"largest\":%zu}\n",
         (void *)rwx, (void *)large, (void *)sparse, (void *)shared, (void *)hidden, (void *)heap, (void *)given, size, info.ordblks, malloc_usable_size(given));
  fflush(stdout);
  for (;;) pause();
}
