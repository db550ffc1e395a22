// A tree of processes that do nothing. It expires by itself.
//
//   tree wide COUNT     one that is the parent of all others
//   tree chain COUNT    each is the parent of the next, and has run a program since it was forked, as most have
//   tree forks COUNT    the same without: what a fork shares with those before it makes its end slow
//
// Each writes its pid, a line.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Longer than whoever kills it may take.
#define LIFETIME 120

extern char **environ;

static void fail(const char *call) {
  perror(call);
  exit(1);
}

static pid_t start(void) {
  pid_t child = fork();
  if (child < 0) fail("fork");
  return child;
}

static void run(const char *shape, int processes) {
  char count[16];
  snprintf(count, sizeof count, "%d", processes);
  char *arguments[] = {"tree", (char *)shape, count, NULL};
  if (posix_spawn(NULL, "/proc/self/exe", NULL, NULL, arguments, environ) != 0) fail("posix_spawn");
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  const char *shape = arguments[1];
  int others = atoi(arguments[2]) - 1;
  if (strcmp(shape, "chain") == 0) {
    if (others > 0) run(shape, others);
  } else {
    // Who goes on: in one shape the parent, in the other one the child.
    int goes_on = strcmp(shape, "forks") == 0;
    while (others-- > 0 && (start() == 0) == goes_on);
  }
  alarm(LIFETIME); // not inherited
  dprintf(STDOUT_FILENO, "%d\n", getpid());
  for (;;) pause();
}
