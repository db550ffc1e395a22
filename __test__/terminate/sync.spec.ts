import test from 'ava'
import { KillTarget, terminateSync } from 'killtarget'
import { kernel, truth } from '../helpers/kernel.ts'
import { ended, group, hasExited, line, number, program, sleeper, stat, state } from '../helpers/processes.ts'
import { endedBy, rightOrUnknown } from '../helpers/status.ts'
import { groupEndingAtSigterm, ignoresSigterm, membersIgnoringSigterm } from '../helpers/ignores-sigterm.ts'
import { held, open } from '../helpers/target.ts'

test('terminateSync returns when all processes have exited, and Node still reports the exit of its child', async (t) => {
  const child = sleeper(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  const { elapsed: _, ...termination } = target.terminateSync()
  t.deepEqual(termination, {
    outcome: 'exited',
    status: endedBy('SIGTERM'),
    ended: 1,
    survivors: [],
    raceFree: truth.raceFree,
    proof: 'descendants',
  })
  t.is(state(child.pid), 'Z')
  t.deepEqual(await ended(child), { code: null, signal: 'SIGTERM' })
})

test('terminateSync escalates to SIGKILL', async (t) => {
  const child = await ignoresSigterm(t)
  const { outcome, elapsed } = open(t, child.pid).terminateSync({ grace: 150 })
  t.is(outcome, 'killed')
  t.true(elapsed >= 150)
  t.is((await ended(child)).signal, 'SIGKILL')
})

test('terminateSync names the survivors', async (t) => {
  const child = await ignoresSigterm(t)
  const { outcome, survivors, status: exit } = terminateSync(child, { grace: false, killTimeout: 50 })
  t.deepEqual(
    [outcome, survivors.map(({ pid, reason }) => [pid, reason]), exit],
    ['survived', [[child.pid, 'timeout']], null],
  )
})

test('terminateSync ends groups, even if their leaders exit first', async (t) => {
  for (const leader of [await groupEndingAtSigterm(t, 3), await membersIgnoringSigterm(t, 3)]) {
    const { survivors, proof } = terminateSync(leader, { grace: 100 })
    t.deepEqual([survivors, proof], [[], 'session'])
    t.deepEqual(
      group(leader.pid).filter((pid) => !hasExited(pid)),
      [],
    )
  }
})

test('terminateSync makes no thread', async (t) => {
  const source = `
    import { readdirSync } from 'node:fs'
    import { spawn } from 'node:child_process'
    import { terminateSync } from 'killtarget'
    const count = () => readdirSync('/proc/self/task').length
    const child = spawn('sh', ['-c', 'sleep 600 & wait'], { detached: true, stdio: 'ignore' })
    const before = count()
    const { outcome } = terminateSync(child)
    console.log(outcome, count() - before)
  `
  t.is(await line(program(t, source)), 'exited 0')
})

test('terminateSync works in the exit event of a process', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import { KillTarget, terminateSync } from 'killtarget'
    const children = [1, 2].map(() => spawn('sh', ['-c', 'trap "" TERM; echo $$; while :; do sleep 0.1; done'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    }))
    const target = KillTarget.fromChild(children[0])
    process.on('exit', () => {
      const outcomes = [target.terminateSync({ grace: 100 }), terminateSync(children[1], { grace: 0 })]
      for (const { outcome } of outcomes) console.log(outcome)
    })
    let left = children.length
    for (const child of children) {
      child.stdout.once('data', (pid) => {
        process.stdout.write(pid)
        if (--left === 0) process.exit(0)
      })
    }
  `
  const child = program(t, source)
  const pids = [await number(child), await number(child)]
  t.deepEqual([await line(child), await line(child)], ['killed', 'killed'])
  t.is((await ended(child)).code, 0)
  for (const pid of pids) t.true([undefined, 'Z'].includes(stat(pid)?.state), `${kernel}: ${pid}`)
})

test('terminateSync reports a real-time signal, or an unknown status', async (t) => {
  const child = sleeper(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  const { status: exit } = target.terminateSync({ killSignal: 'SIGRTMIN' })
  rightOrUnknown(t, exit!, endedBy('SIGRTMIN'))
})
