import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Group {
  /** A shell. It reaps the other members, and exits after the last of them. */
  leader: ChildProcess
  /** The pids of the other members. */
  members: number[]
}

/** Starts a process group of a shell and other members. All exit on SIGTERM, and when the shell's stdin is closed. */
export async function startGroup(others: number): Promise<Group> {
  // The trap is set last, because new members would inherit it for a moment. It interrupts the first `wait`.
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
  leader.stdout.resume() // so that it reaches its end and closes
  return { leader, members }
}

/** Starts a process group of one process, which exits likewise. */
export async function startGroupOfOne(): Promise<Group> {
  const leader = spawn('cat', { detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  leader.stdin.write('ready')
  await once(leader.stdout, 'data')
  return { leader, members: [] }
}
