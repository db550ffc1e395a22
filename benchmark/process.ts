import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Gives the work a process that does nothing and ends when its stdin does, and so never outlives this one. */
export async function withProcess<T>(work: (pid: number) => Promise<T>): Promise<T> {
  const child = await startProcess()
  try {
    return await work(child.pid!)
  } finally {
    child.stdin!.end()
  }
}

export async function startProcess(): Promise<ChildProcess> {
  const program = "process.stdin.resume(); console.log('ready')"
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}
