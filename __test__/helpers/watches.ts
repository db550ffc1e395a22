import { pids, read } from './processes.ts'

/** Returns the watches that wait for the exit of a process. */
export function watchesOf(pid: number): number[] {
  return pids().filter((each) => {
    const words = read(each, 'cmdline')
    return words.includes('\0--watch\0') && words.includes(`\0--parent=${pid}:`)
  })
}
