import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { isUserModeLinux, kernel } from './kernel.ts'
import { atLeast } from './kernel-version.ts'

const PID_MAX = '/proc/sys/kernel/pid_max'

/** The pids of the tests that assign all of them. */
const LIMIT = 2000

/** The pids below this are assigned once only. */
const RESERVED = 300

/** Returns whether the number of pids can be limited without harm to others: since Linux 6.14 each PID namespace has its own. */
export function canLimitPids(): boolean {
  return isUserModeLinux || (kernel !== 'win32' && kernel !== 'darwin' && atLeast(6, 14))
}

/**
 * Limits the pids of this PID namespace, or of the whole machine if that is a guest of the tests, until this process exits.
 * Uses up the reserved ones.
 */
export function limitPids(): void {
  if (!canLimitPids()) throw new Error('The limit would hold for the whole machine')
  const before = readFileSync(PID_MAX, 'utf8')
  process.once('exit', () => writeFileSync(PID_MAX, before))
  writeFileSync(PID_MAX, String(LIMIT))
  while (spawnSync('true').pid < RESERVED);
}
