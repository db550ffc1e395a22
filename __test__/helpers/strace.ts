import { type Child, ended, line, start } from './processes.ts'
import { refusalOf } from './refusal.ts'

/** Why no call can be made to fail here. `undefined`: it can. */
export const noStrace = refusalOf(['strace', '-o', '/dev/null', '-e', 'inject=getpid:error=EINTR'])

/** Lets one of the next calls by which a process opens files fail, by its number from 1 on. The result writes a line for each call. */
export async function failToOpen(t: Parameters<typeof start>[0], pid: number, number: number): Promise<Child> {
  const calls = '?open,openat,?openat2'
  const fault = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=ENOMEM:when=${number}`]
  const strace = start(t, 'sh', ['-c', 'exec strace "$@" 2>&1', 'sh', ...fault, '-p', `${pid}`])
  // `strace: Process 4711 attached`
  await line(strace)
  return strace
}

/** Lets the process go on without faults. */
export async function detach(strace: Child): Promise<void> {
  strace.kill('SIGTERM')
  await ended(strace)
}

/** Runs a program in which a look at all processes takes 0.4 milliseconds longer for each of them. */
export const slowLooks = [
  'strace',
  '-qq',
  '-o',
  '/dev/null',
  '-e',
  'trace=getsid',
  '-e',
  'inject=getsid:delay_enter=400',
]
