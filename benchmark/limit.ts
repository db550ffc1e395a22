import { spawnSync } from 'node:child_process'

/** File descriptors for all else. */
const OTHERS = 200

/** How many file descriptors this process may have beside those for all else: as many as wanted, if that can be had. */
export function limit(wanted: number): number {
  if (softLimit() < wanted + OTHERS) {
    spawnSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${wanted + OTHERS}`], { stdio: 'ignore' })
  }
  return Math.min(wanted, softLimit() - OTHERS)
}

function softLimit(): number {
  const { userLimits } = process.report.getReport() as unknown as {
    userLimits: { open_files: { soft: number | string } }
  }
  const { soft } = userLimits.open_files
  return soft === 'unlimited' ? Infinity : Number(soft)
}
