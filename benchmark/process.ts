import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs `work` with the pid of an idle process. It exits when its stdin is closed, so it never outlives this process. */
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
