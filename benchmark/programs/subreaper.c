// Runs a command beside idle children.
//
//   subreaper COUNT COMMAND...    starts COUNT children that do nothing for as long as the command runs
//
// It is a child subreaper: orphans of the command are reparented to it and reaped at once, even if it is not pid 1.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(void) {
  pid_t child = fork();
  if (child < 0) {
    perror("fork");
    exit(1);
  }
  return child;
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (int others = atoi(arguments[1]); others > 0; others--) {
    if (start() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
  }
  pid_t command = start();
  if (command == 0) {
    execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    _exit(127);
  }
  int status = 0;
  for (pid_t ended = 0; ended != command;) ended = wait(&status);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
