import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { KillTarget, terminate, waitOrKill } from 'killtarget'

const ROUNDS = 100

/** Each waits for the exit of a process. */
const waits = {
  waitOrKill: (child: ChildProcess) => waitOrKill(child),
  exited: (child: ChildProcess) => KillTarget.fromChild(child)!.exited(),
}

const programs: Record<string, { command: string[]; length: number }> = {
  'a line': { command: ['echo', 'hi'], length: 3 },
  // More than a pipe holds.
  'much output': { command: ['seq', '1', '20000'], length: 108_894 },
}

for (const [verb, wait] of Object.entries(waits)) {
  for (const [what, { command, length }] of Object.entries(programs)) {
    test(`${verb} resolves after ${what} of the process was read`, async (t) => {
      const lost: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const child = spawn(command[0]!, command.slice(1))
        let read = 0
        child.stdout.on('data', (chunk: Buffer) => (read += chunk.length))
        await wait(child)
        if (read !== length) lost.push(read)
      }
      t.deepEqual(lost, [])
    })
  }
}

test('terminate resolves after the last words of the process were read', async (t) => {
  for (let round = 0; round < 20; round++) {
    const child = spawn('sh', ['-c', 'trap "echo bye; exit" TERM; echo ready; while :; do sleep 0.01; done'])
    const read: string[] = []
    child.stdout.on('data', (chunk: Buffer) => read.push(String(chunk)))
    await once(child.stdout, 'data')
    await terminate(child)
    t.is(read.join(''), 'ready\nbye\n')
  }
})
