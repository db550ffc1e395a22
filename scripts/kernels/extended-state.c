// A library to preload into user-mode Linux.
//
// To switch processes, user-mode Linux sets the extended registers of its stub process. Before 6.13 its buffer holds 2,696
// bytes. On a processor with AMX the registers take 11,008, and the host's kernel accepts a set of them as a whole only
// (PTRACE_SETREGSET: EFAULT). So this puts what user-mode Linux sets over the registers as they are.
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PEEK_TEXT 1
#define PEEK_USER 3
#define GET_REGISTER_SET 0x4204
#define SET_REGISTER_SET 0x4205
#define EXTENDED_STATE ((void *)0x202)

static long system_ptrace(long request, long pid, void *address, void *data) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

static long set_extended_state(long pid, const struct iovec *state) {
  // Zeros mean registers that are not in use. No program uses those of AMX without asking this machine's kernel first.
  static char registers[1 << 16] __attribute__((aligned(64)));
  static struct iovec whole = {registers, 0};
  if (whole.iov_len == 0) {
    static char current[sizeof registers];
    struct iovec size = {current, sizeof current};
    if (system_ptrace(GET_REGISTER_SET, pid, EXTENDED_STATE, &size) < 0) return -1;
    whole.iov_len = size.iov_len;
  }
  memcpy(registers, state->iov_base, state->iov_len < whole.iov_len ? state->iov_len : whole.iov_len);
  return system_ptrace(SET_REGISTER_SET, pid, EXTENDED_STATE, &whole);
}

long ptrace(int request, ...) {
  va_list arguments;
  va_start(arguments, request);
  long pid = va_arg(arguments, int);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);

  if (request == SET_REGISTER_SET && address == EXTENDED_STATE) return set_extended_state(pid, data);
  if (request < PEEK_TEXT || request > PEEK_USER) return system_ptrace(request, pid, address, data);
  // The C library returns the word that the system call stores.
  long word;
  if (system_ptrace(request, pid, address, &word) < 0) return -1;
  errno = 0;
  return word;
}
