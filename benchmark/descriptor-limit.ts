import { spawnSync } from 'node:child_process'

/** File descriptors for everything but targets. */
const OTHER_DESCRIPTORS = 200

/** Raises the limit on file descriptors, if necessary and permitted. Returns how many of the wanted ones it allows. */
export function raiseDescriptorLimit(wanted: number): number {
  if (softLimit() < wanted + OTHER_DESCRIPTORS) {
    spawnSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${wanted + OTHER_DESCRIPTORS}`], { stdio: 'ignore' })
  }
  return Math.min(wanted, softLimit() - OTHER_DESCRIPTORS)
}

function softLimit(): number {
  const { userLimits } = process.report.getReport() as unknown as {
    userLimits: { open_files: { soft: number | string } }
  }
  const { soft } = userLimits.open_files
  return soft === 'unlimited' ? Infinity : Number(soft)
}
