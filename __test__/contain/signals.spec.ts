import { constants } from 'node:os'
import type { ExecutionContext } from 'ava'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { commandOf, GUARD, keeperOf, noGuard, witnessOf } from '../helpers/guard.ts'
import { type Child, ended, line, number, program, start, stat, state, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const [SIGKILL, SIGTERM, SIGCONT, SIGSTOP, SIGTTOU, SIGRTMAX] = [9, 15, 18, 19, 22, 64]

/** Those that a process can handle. */
const STOP_SIGNALS = [20, 21, 22]

/** The command exits at the last one. */
const SIGNALS = Array.from({ length: SIGRTMAX }, (_, index) => index + 1).filter(
  (signal) => signal !== SIGKILL && signal !== SIGSTOP,
)

/** A guard keeps SIGTTOU for itself. */
const PASSED_ON = SIGNALS.filter((signal) => signal !== SIGTTOU)

const skip = noGuard ?? noCompiler

/** Starts a guard, with a command that writes the signals that it gets. `ordinary`: those with their default action. */
async function receiver(t: ExecutionContext, detached: boolean, ordinary: number[] = []): Promise<Child> {
  const guard = start(t, GUARD, ['--', compiled('receive'), ...ordinary.map(String)], { detached })
  await readies(guard)
  return guard
}

async function readies(guard: Child): Promise<void> {
  const first = await number(guard)
  if (first !== 0) throw new Error(`the command got signal ${first}`)
}

/** Sends each signal and waits until the command has it. Asserts that the command gets no other, and no signal twice. */
async function getsOnce(t: ExecutionContext, guard: Child, signals: number[], to = guard.pid): Promise<void> {
  const received: number[] = []
  for (const signal of signals) {
    process.kill(to, signal)
    received.push(await number(guard))
  }
  t.deepEqual(received, signals)
}

/** The last signal goes to the guard alone. The guard delivers it after all others. */
async function exitsAtLast(t: ExecutionContext, guard: Child): Promise<void> {
  await getsOnce(t, guard, [SIGRTMAX])
  t.deepEqual(await ended(guard), { code: 7, signal: null })
}

for (const detached of [false, true]) {
  const way = detached ? 'detached' : 'plain'

  testUnless(skip, `a command gets each signal to its ${way} guard exactly once`, async (t) => {
    const guard = await receiver(t, detached)
    await getsOnce(t, guard, PASSED_ON.slice(0, -1))
    await exitsAtLast(t, guard)
  })

  testUnless(skip, `a command gets each real-time signal of a burst to its ${way} guard`, async (t) => {
    const guard = await receiver(t, detached)
    const burst = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 40 : 50))
    for (const signal of burst) process.kill(guard.pid, signal)
    const received: number[] = []
    while (received.length < burst.length) received.push(await number(guard))
    t.deepEqual(received.toSorted(), burst.toSorted())
    await exitsAtLast(t, guard)
  })

  testUnless(skip, `no signal ends or stops a ${way} guard or its keeper`, async (t) => {
    const guard = await receiver(t, detached)
    const keeper = keeperOf(guard.pid)
    await getsOnce(t, guard, PASSED_ON.slice(0, -1))
    process.kill(guard.pid, SIGTTOU)
    // The keeper delivers no signal that it gets itself.
    for (const signal of SIGNALS) process.kill(keeper, signal)
    await getsOnce(t, guard, PASSED_ON.slice(0, -1))
    t.is(keeperOf(guard.pid), keeper)
    t.false([guard.pid, keeper].some((pid) => 'TZ'.includes(state(pid)!)))
    await exitsAtLast(t, guard)
  })

  testUnless(skip, `a ${way} guard and its command stop and continue together`, async (t) => {
    const guard = await receiver(t, detached)
    const command = commandOf(guard.pid)
    // By SIGCONT to the guard, and to the command.
    for (const to of [guard.pid, command, guard.pid]) {
      process.kill(command, SIGSTOP)
      await areStopped(true, guard.pid, command)
      process.kill(to, SIGCONT)
      t.is(await number(guard), SIGCONT)
      await areStopped(false, guard.pid, command)
    }
    await exitsAtLast(t, guard)
  })

  testUnless(skip, `a ${way} guard exits when its stopped command is killed`, async (t) => {
    const guard = await receiver(t, detached)
    const command = commandOf(guard.pid)
    process.kill(command, SIGSTOP)
    await areStopped(true, guard.pid, command)
    process.kill(command, SIGKILL)
    t.deepEqual(await ended(guard), { code: null, signal: 'SIGKILL' })
  })

  testUnless(
    skip,
    `SIGTERM and SIGCONT to a stopped ${way} guard end its command, as a shell's kill does`,
    async (t) => {
      const guard = await receiver(t, detached, [SIGTERM])
      const command = commandOf(guard.pid)
      process.kill(command, SIGSTOP)
      await areStopped(true, guard.pid, command)
      process.kill(guard.pid, SIGTERM)
      process.kill(guard.pid, SIGCONT)
      t.deepEqual(await ended(guard), { code: null, signal: 'SIGTERM' })
    },
  )

  testUnless(skip, `a ${way} guard that alone was stopped exits with its command`, async (t) => {
    const guard = await receiver(t, detached)
    const command = commandOf(guard.pid)
    process.kill(guard.pid, SIGSTOP)
    await until(() => state(guard.pid) === 'T')
    t.not(state(command), 'T')
    process.kill(command, SIGRTMAX)
    t.is(await number(guard), SIGRTMAX)
    t.deepEqual(await ended(guard), { code: 7, signal: null })
  })
}

async function areStopped(expected: boolean, ...pids: number[]): Promise<void> {
  await until(() => pids.every((pid) => (state(pid) === 'T') === expected), `all to ${expected ? 'stop' : 'continue'}`)
}

const ROUNDS = 20

/** SIGCONT may come twice: whether the group got it cannot be asked of a process that it continues. */
const TO_GROUP = SIGNALS.slice(0, -1).filter((signal) => signal !== SIGCONT && !STOP_SIGNALS.includes(signal))

testUnless(skip, "a command gets each signal to its guard's group exactly once", async (t) => {
  const guard = await receiver(t, true)
  await getsOnce(t, guard, TO_GROUP, -guard.pid)
  await exitsAtLast(t, guard)
})

// As with a package runner that leads the group, whose script has the guard.
testUnless(skip, 'a command gets each signal to a group that its guard does not lead exactly once', async (t) => {
  const names = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGTERM', 'SIGIO', 'SIGPWR'] as const
  const source = `
    import { spawn } from 'node:child_process'
    const [guard, command, ...names] = process.argv.slice(1)
    for (const name of names) process.on(name, () => {})
    const child = spawn(guard, ['--', command], { stdio: 'inherit' })
    console.log(child.pid)
    child.on('exit', (code) => process.exit(code))`
  const leader = program(t, source, [GUARD, compiled('receive'), ...names], { detached: true })
  // The command's 0 may come first.
  const guard = Math.max(await number(leader), await number(leader))
  const signals = names.map((name) => constants.signals[name])
  await getsOnce(t, leader, signals, -leader.pid)
  await getsOnce(t, leader, signals, guard)
  await getsOnce(t, leader, [SIGRTMAX], guard)
  t.deepEqual(await ended(leader), { code: 7, signal: null })
})

// The guard sends SIGCONT to its witness before it asks. The kernel discards pending stop signals at that.
testUnless(skip, "a command gets each stop signal to its guard's group exactly once", async (t) => {
  const guard = await receiver(t, true)
  // The second one comes too early at times, and is not seen.
  for (let round = 0; round < ROUNDS; round++) await getsOnce(t, guard, STOP_SIGNALS, -guard.pid)
  await exitsAtLast(t, guard)
})

testUnless(skip, "a command gets each real-time signal of a burst to its guard's group exactly once", async (t) => {
  const guard = await receiver(t, true)
  const burst = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 40 : 50))
  for (const signal of burst) process.kill(-guard.pid, signal)
  const received: number[] = []
  while (received.length < burst.length) received.push(await number(guard))
  t.deepEqual(received.toSorted(), burst.toSorted())
  await exitsAtLast(t, guard)
})

testUnless(skip, 'a command gets signals to its guard and to the group, in turns, exactly once each', async (t) => {
  const guard = await receiver(t, true)
  for (const signal of TO_GROUP) {
    await getsOnce(t, guard, [signal])
    await getsOnce(t, guard, [signal], -guard.pid)
  }
  await exitsAtLast(t, guard)
})

testUnless(skip, "a command gets SIGCONT to its guard's group", async (t) => {
  const guard = await receiver(t, true)
  process.kill(-guard.pid, SIGCONT)
  t.is(await number(guard), SIGCONT)
  process.kill(guard.pid, SIGRTMAX)
  const rest = [await number(guard)]
  if (rest[0] === SIGCONT) rest.push(await number(guard))
  t.is(rest.at(-1), SIGRTMAX)
})

testUnless(skip, 'a group that was stopped and continued many times runs on', async (t) => {
  const guard = await receiver(t, true)
  const witness = await witnessOf(guard.pid)
  const all = [guard.pid, commandOf(guard.pid), witness]
  for (let round = 0; round < ROUNDS; round++) {
    process.kill(-guard.pid, SIGSTOP)
    await areStopped(true, ...all)
    process.kill(-guard.pid, SIGCONT)
    await areStopped(false, ...all)
    await answers(guard)
  }
  await exitsAtLast(t, guard)
})

testUnless(skip, 'a group that was stopped and continued at once, many times, runs on', async (t) => {
  const guard = await receiver(t, true)
  for (let round = 0; round < ROUNDS; round++) {
    process.kill(-guard.pid, SIGSTOP)
    process.kill(-guard.pid, SIGCONT)
    if (round % 2 === 0) await answers(guard)
  }
  await answers(guard)
  await areStopped(false, guard.pid, commandOf(guard.pid))
  await exitsAtLast(t, guard)
})

/** Waits until the command gets a signal that only the guard delivers. It has got all earlier ones then. */
async function answers(guard: Child): Promise<void> {
  process.kill(guard.pid, 40)
  for (let signal = await number(guard); signal !== 40; signal = await number(guard)) {
    if (signal !== SIGCONT) throw new Error(`the command got signal ${signal}`)
  }
}

/** A shell that writes its pid and stops itself. */
const STOPS_ITSELF = ['sh', '-c', 'echo $$; kill -$1 $$; exec sleep 600', 'sh']

for (const way of ['plain', 'group', 'detached']) {
  testUnless(skip, `the parent of a ${way} guard sees by waitpid that the command stops and continues`, async (t) => {
    // The kernel lets only SIGSTOP stop a process of an orphaned group.
    const signals = way === 'group' ? [19, 20, 21, 22] : [SIGSTOP]
    const parent = start(t, compiled('statuses'), [way, GUARD, '--', ...STOPS_ITSELF])
    for (const signal of signals) {
      parent.stdin.write(`${signal}\n`)
      const command = await number(parent)
      const guard = stat(stat(command)!.ppid)!.ppid
      t.is(stat(guard)!.ppid, parent.pid)
      t.is(await line(parent), `stopped ${SIGSTOP}`)
      t.is(state(command), 'T')
      process.kill(guard, SIGCONT)
      t.is(await line(parent), 'continued')
      process.kill(command, SIGKILL)
      t.is(await line(parent), 'ended-by 9')
    }
    parent.stdin.end()
    t.deepEqual(await ended(parent), { code: 0, signal: null })
  })
}

testUnless(skip, 'a signal that is pending for the caller reaches the command exactly once', async (t) => {
  const pending = [10, 12, 34]
  const settings = pending.map((signal) => `pending=${signal}`)
  const guard = start(t, compiled('odd-caller'), [...settings, '--', GUARD, '--', compiled('receive')])
  await readies(guard)
  const received: number[] = []
  while (received.length < pending.length) received.push(await number(guard))
  t.deepEqual(received, pending)
  await exitsAtLast(t, guard)
})
