import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Group {
  /** A shell. It reaps the others, and ends when the last of them has ended. */
  leader: ChildProcess
  /** The pids of the others. */
  members: number[]
}

/** A process group of a shell and so many others. All of them end at SIGTERM, and when the shell's stdin does. */
export async function startGroup(others: number): Promise<Group> {
  // Only once all are there, as they would otherwise inherit the trap for a moment. It interrupts the first `wait`.
  const script = `
    exec 3<&0
    i=0
    while [ $i -lt ${others} ]; do cat <&3 >/dev/null & echo $!; i=$((i + 1)); done
    trap : TERM
    echo ready
    wait
    wait`
  const leader = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const members: number[] = []
  for await (const line of createInterface(leader.stdout)) {
    if (line === 'ready') break
    members.push(Number(line))
  }
  leader.stdout.resume() // to its end, so that it is closed
  return { leader, members }
}

/** A process that is a group by itself, and ends likewise. */
export async function startGroupOfOne(): Promise<Group> {
  const leader = spawn('cat', { detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  leader.stdin.write('ready')
  await once(leader.stdout, 'data')
  return { leader, members: [] }
}
