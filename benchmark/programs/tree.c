// Starts a tree of processes that do nothing. They exit by themselves after LIFETIME.
//
//   tree wide COUNT     one process is the parent of all others
//   tree chain COUNT    each process is the parent of the next, and runs a program (exec) after the fork, as most do
//   tree forks COUNT    the same without exec: the memory that forks share makes their exit slow
//
// Each process prints its pid as a line.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Seconds. Longer than any package takes to kill it.
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
    // The parent continues to fork for one shape, the child for the other.
    int child_continues = strcmp(shape, "forks") == 0;
    while (others-- > 0 && (start() == 0) == child_continues);
  }
  alarm(LIFETIME); // not inherited
  dprintf(STDOUT_FILENO, "%d\n", getpid());
  for (;;) pause();
}
