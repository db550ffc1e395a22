/** The exit code of `boot.mjs` if the kernel ended without the program's. */
export const CRASHED = 86
