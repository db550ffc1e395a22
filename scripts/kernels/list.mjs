/**
 * The kernels that the tests run on. `__test__/helpers/kernel.ts` says what each name stands for.
 *
 * `suite`: a real kernel, user-mode Linux of this Debian suite. Its version begins with the name.
 * `filter`: this machine's kernel. A seccomp filter of the program old-kernel refuses the newer system calls. `like`: the real
 * kernel that has the same calls.
 *
 * Real kernels come first: they take longer.
 */
export const KERNELS = new Map([
  ['5.10', { suite: 'bullseye' }],
  ['6.1', { suite: 'bookworm' }],
  ['6.12', { suite: 'trixie' }],
  ['7', { suite: 'sid' }],
  ['simulated-6.12', { filter: '6.12', like: '6.12' }],
  ['simulated-6.8', { filter: '6.8', like: '6.1' }],
  ['simulated-5.2', { filter: '5.2' }],
  ['simulated-enosys', { filter: 'no-pidfd' }],
  ['simulated-eperm', { filter: 'refused' }],
])
