import { release } from 'node:os'

/** Returns whether this kernel has at least that version. */
export function atLeast(major: number, minor: number): boolean {
  const [ours = 0, oursMinor = 0] = release().split('.').map(Number)
  return ours > major || (ours === major && oursMinor >= minor)
}
