import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contained, KillError, spawn, terminate } from 'killtarget'
import { commandOf, GUARD, noGuard } from '../helpers/guard.ts'
import { type Start } from '../helpers/observed.ts'
import { values } from '../helpers/odd-values.ts'
import { ended, hasExited, line, number, program, sleeper, start, stat, testEnv, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const ours = spawn as unknown as Start

const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

testUnless(noGuard, 'spawn has an IPC channel, as Node has', async (t) => {
  const source = "process.once('message', (value) => { process.send({ got: value }); process.disconnect() })"
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.send({ a: [1, null] })
  const [reply] = (await once(child, 'message')) as [unknown]
  t.deepEqual(reply, { got: { a: [1, null] } })
  t.deepEqual(await ended(child), { code: 0, signal: null })
})

testUnless(noGuard, 'the command reads its input to the end, and child.kill signals it', async (t) => {
  const cat = spawn('cat')
  cat.stdin.end('text')
  cat.stdout.setEncoding('utf8')
  t.deepEqual(await once(cat.stdout, 'data'), ['text'])
  t.deepEqual(await ended(cat), { code: 0, signal: null })
  const trap = spawn('sh', ['-c', 'trap "exit 4" USR1; echo ready; while :; do sleep 0.02; done'])
  await once(trap.stdout, 'data')
  t.true(trap.kill('SIGUSR1'))
  t.deepEqual(await ended(trap), { code: 4, signal: null })
})

testUnless(noGuard, 'target and commandPid are those of the child', async (t) => {
  const child = spawn('sh', ['-c', 'echo ready; read _'])
  await once(child.stdout, 'data')
  t.is(child.target!.pid, child.pid!)
  t.is(child.target!.contained, 'reaper')
  t.is(child.commandPid, commandOf(child.pid!))
  const { commandPid } = child
  child.stdin.end()
  await ended(child)
  t.is(child.commandPid, commandPid)
  t.is((await terminate(child)).outcome, 'gone')
})

testUnless(noGuard, 'a child that was not started has neither', async (t) => {
  const child = spawn('no-such-program')
  await new Promise((resolve) => child.once('error', resolve))
  t.is(child.target, null)
  t.is(child.commandPid, null)
  await child[Symbol.asyncDispose]()
})

testUnless(noGuard, 'the end of a block ends all although the target is closed, and ends it once', async (t) => {
  const child = spawn('sleep', ['600'], { env: testEnv(t) })
  child.target!.close()
  await child[Symbol.asyncDispose]()
  t.is((await ended(child)).signal, 'SIGTERM')
  await t.notThrowsAsync(child[Symbol.asyncDispose]())
})

for (const options of [{ leftovers: 'keep' }, {}] as const) {
  testUnless(
    noGuard,
    `a command runs although its target was closed at once: ${JSON.stringify(options)}`,
    async (t) => {
      const child = spawn('sh', ['-c', 'read _; exit 7'], { ...options, env: testEnv(t) })
      child.target!.close()
      await until(() => child.commandPid !== null)
      child.stdin.end()
      t.is((await ended(child)).code, 7)
    },
  )

  testUnless(
    noGuard,
    `an abort ends a command of which the target was closed: ${JSON.stringify(options)}`,
    async (t) => {
      const controller = new AbortController()
      const child = spawn('sleep', ['600'], { ...options, env: testEnv(t), signal: controller.signal })
      child.target!.close()
      await until(() => child.commandPid !== null)
      const told = once(child, 'error')
      controller.abort()
      t.is(((await told) as [Error])[0].name, 'AbortError')
      t.is((await ended(child)).signal, 'SIGTERM')
    },
  )
}

for (const detached of [false, true]) {
  testUnless(
    noGuard,
    `the end of a block ends all that was started in it${detached ? ', detached' : ''}`,
    async (t) => {
      const child = spawn('sh', ['-c', 'setsid -f sh -c "echo \\$\\$; exec sleep 600"; sleep 600'], {
        detached,
        env: testEnv(t),
      })
      const daemon = Number(String(((await once(child.stdout, 'data')) as [Buffer])[0]))
      t.not(stat(daemon), undefined)
      await child[Symbol.asyncDispose]()
      t.is(stat(daemon), undefined)
      t.is((await ended(child)).signal, 'SIGTERM')
    },
  )
}

testUnless(noGuard, 'an abort escalates to SIGKILL after the grace period', async (t) => {
  const abort = new AbortController()
  const options = { signal: abort.signal, grace: 100, env: testEnv(t) }
  const child = spawn('sh', ['-c', 'trap "echo asked" TERM; echo ready; while :; do sleep 0.02; done'], options)
  child.stdout.setEncoding('utf8')
  await once(child.stdout, 'data')
  const failed = new Promise<Error>((resolve) => child.once('error', resolve))
  abort.abort(new Error('because'))
  const error = await failed
  t.like(error, { name: 'AbortError', code: 'ABORT_ERR' })
  t.is((error.cause as Error).message, 'because')
  t.deepEqual(await once(child.stdout, 'data'), ['asked\n'])
  t.deepEqual(await ended(child), { code: null, signal: 'SIGKILL' })
})

for (const isolation of ['reaper', 'pid-namespace'] as const) {
  testUnless(noGuard, `what is kept after the exit is ended by the target, ${isolation}`, async (t) => {
    const options = { leftovers: 'keep', isolation, stdio: 'ignore', env: testEnv(t) } as const
    for (let tries = 0; tries < 10; tries++) {
      // The command exits as soon as it can.
      const child = spawn('sh', ['-c', 'setsid -f sleep 600; exit 5'], options)
      t.is((await ended(child)).code, 5)
      const report = await child.target!.terminate()
      t.is(report.proof, isolation === 'reaper' ? 'reaper' : 'kernel')
      t.is(report.outcome, 'exited')
      t.is(report.ended, 1)
    }
  })
}

for (const [where, source] of [
  ['the main thread', 'begin()'],
  ['a worker that has ended', 'new Worker(new URL(import.meta.url)).once("exit", () => console.log("ended"))'],
] as const) {
  testUnless(noGuard, `nothing outlives a host that gets SIGKILL, started by ${where}`, async (t) => {
    const host = join(folder, `host-${source.length}.mjs`)
    writeFileSync(
      host,
      `import { createRequire } from 'node:module'
      import { isMainThread, Worker } from 'node:worker_threads'
      const { spawn } = createRequire(${JSON.stringify(join(process.cwd(), 'index.js'))})('./index.js')
      const begin = () => spawn('sh', ['-c', 'setsid -f sh -c "echo $$; exec sleep 600"; sleep 600'], { stdio: ['ignore', 'inherit', 'inherit'] })
      if (isMainThread) { ${source}; setInterval(() => {}, 1000) } else { begin(); setTimeout(() => process.exit(), 200) }`,
    )
    const child = start(t, process.execPath, [host])
    // On a slow machine the worker ends first.
    const [first, second] = [await line(child), source.includes('Worker') ? await line(child) : 'ended']
    t.true([first, second].includes('ended'))
    const daemon = Number(first === 'ended' ? second : first)
    t.not(stat(daemon), undefined)
    child.kill('SIGKILL')
    await until(() => hasExited(daemon))
  })
}

testUnless(noGuard, 'contained gives one line for a shell', async (t) => {
  const words = ['a b', "it's", '$HOME', '', 'x\ny', '*', '"', '\\', '`id`', '--grace=1']
  const text = String(contained('printf', ['%s|', ...words]))
  const child = start(t, 'sh', ['-c', text])
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => (output += more))
  await once(child, 'close')
  t.is(output, words.map((word) => `${word}|`).join(''))
})

testUnless(noGuard, 'contained names the guard, and leaves the other options', (t) => {
  const {
    file: guard,
    args,
    options,
  } = contained('prog', ['-x'], { cwd: '/', grace: 7, argv0: 'a', killSignal: 'SIGINT' })
  t.is(guard, GUARD)
  t.deepEqual(args.slice(-3), ['--', 'prog', '-x'])
  for (const expected of ['--grace=7', '--argv0=a', '--kill-signal=2']) t.true(args.includes(expected), expected)
  t.deepEqual(options as unknown, { cwd: '/', killSignal: 'SIGINT' })
})

/** Wrong arguments, with the code of the error. */
const WRONG: [args: unknown[], code: string][] = [
  [[], 'ERR_INVALID_ARG_TYPE'],
  [[7], 'ERR_INVALID_ARG_TYPE'],
  [[''], 'ERR_INVALID_ARG_VALUE'],
  [['a\0b'], 'ERR_INVALID_ARG_VALUE'],
  [['a', 'b'], 'ERR_INVALID_ARG_TYPE'],
  [['a', [1]], 'ERR_INVALID_ARG_TYPE'],
  [['a', ['b\0']], 'ERR_INVALID_ARG_VALUE'],
  [['a', [], 7], 'ERR_INVALID_ARG_TYPE'],
  [['a', [], { isolation: 'none' }], 'ERR_INVALID_ARG_VALUE'],
  [['a', [], { leftovers: true }], 'ERR_INVALID_ARG_TYPE'],
  [['a', [], { orphaned: 'keep' }], 'ERR_INVALID_ARG_VALUE'],
  [['a', [], { grace: -1 }], 'ERR_OUT_OF_RANGE'],
  [['a', [], { grace: Infinity }], 'ERR_OUT_OF_RANGE'],
  [['a', [], { killSignal: 'SIGNOPE' }], 'ERR_UNKNOWN_SIGNAL'],
  [['a', [], { killSignal: 0 }], 'ERR_OUT_OF_RANGE'],
  [['a', [], { session: 1 }], 'ERR_INVALID_ARG_TYPE'],
  [['a', [], { untilStdinEnds: 'yes' }], 'ERR_INVALID_ARG_TYPE'],
  [['a', [], { isolation: 'pid-namespace', leftovers: 'leave' }], 'ERR_INVALID_ARG_VALUE'],
]

testUnless(noGuard, 'wrong arguments are refused before anything is started', (t) => {
  for (const [args, code] of WRONG) {
    for (const call of [spawn, contained] as unknown as ((...args: unknown[]) => unknown)[]) {
      t.throws(() => call(...args), { code }, JSON.stringify(args))
    }
  }
  const refused = (options: unknown) => () => (spawn as (...args: unknown[]) => unknown)('true', [], options)
  t.throws(refused({ signal: 7 }), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(refused({ timeout: 'x' }), { code: 'ERR_INVALID_ARG_TYPE' })
  // Node takes these.
  t.throws(refused({ killSignal: 'sigterm' }), { code: 'ERR_UNKNOWN_SIGNAL' })
  t.throws(() => contained('a', [1] as never), { code: 'ERR_INVALID_ARG_TYPE' })
})

testUnless(noGuard, 'a time limit of spawn may be a fraction of a millisecond, or Infinity', async (t) => {
  const env = testEnv(t)
  t.is((await ended(spawn('sleep', ['600'], { timeout: 50.5, env }))).signal, 'SIGTERM')
  t.is((await ended(spawn('true', [], { timeout: Infinity, env }))).code, 0)
})

testUnless(
  noGuard === undefined ? 'there is a guard for this platform' : undefined,
  'without a guard, nothing is started',
  (t) => {
    const error = t.throws(() => contained('true'), { code: 'ERR_GUARD_NOT_FOUND' })
    t.true(error instanceof KillError)
  },
)

testUnless(noGuard, 'children that have exited leave no descriptor behind', async (t) => {
  const child = program(
    t,
    `import { spawn } from 'killtarget'
    import { once } from 'node:events'
    import { readdirSync } from 'node:fs'
    const count = () => readdirSync('/proc/self/fd').length
    const run = async () => { for (let n = 0; n < 100; n++) await once(spawn('true', [], { stdio: 'ignore' }), 'exit') }
    await run()
    global.gc()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const before = count()
    await run()
    for (let n = 0; n < 100 && count() > before; n++) { global.gc(); await new Promise((resolve) => setTimeout(resolve, 20)) }
    console.log(count() - before)`,
    [],
    { env: { ...process.env, NODE_OPTIONS: '--expose-gc' } },
  )
  t.true((await number(child)) <= 0)
})

testUnless(noGuard, 'members that other code has put into Object.prototype are no options', async (t) => {
  const child = program(
    t,
    `import { contained, spawn } from 'killtarget'
    import { once } from 'node:events'
    const begin = () => JSON.stringify(contained('sh', ['-c', 'exit 7'], {}).args)
    const clean = begin()
    void console.error // made at its first use
    const members = { isolation: 'x', leftovers: 'leave', orphaned: 'leave', session: true, untilStdinEnds: true, argv0: 'x',
      shell: true, grace: -1, killSignal: 'SIGKILL', timeout: 1, cwd: '/none', env: { PATH: '/none' } }
    const { prototype } = Object
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(prototype, name, { value, configurable: true, writable: true })
    }
    const polluted = begin()
    const [code] = await once(spawn('sh', ['-c', 'sleep 0.2; exit 7']), 'exit')
    for (const name of Object.keys(members)) delete prototype[name]
    console.log(JSON.stringify({ same: clean === polluted, code }))`,
  )
  t.is(await line(child), '{"same":true,"code":7}')
})

/** The codes of wrong arguments. */
const CODES = new Set(['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE', 'ERR_UNKNOWN_SIGNAL'])
const OPTIONS = 'isolation leftovers orphaned killSignal grace untilStdinEnds session argv0 shell'.split(' ')

testUnless(noGuard, 'odd values are refused with an error of Node, or taken as they are meant', async (t) => {
  const child = sleeper(t)
  const startWith = (options: object) => ours('/no/such/program', [], options).on('error', () => {})
  let refused = 0
  for (const [name, make] of Object.entries(values)) {
    const value = make(child) as never
    const calls: Record<string, () => unknown> = {
      file: () => contained(value),
      args: () => contained('a', value),
      argument: () => contained('a', [value]),
      options: () => contained('a', [], value),
      signal: () => startWith({ signal: value }),
      timeout: () => startWith({ timeout: value }),
      ...Object.fromEntries(OPTIONS.map((option) => [option, () => contained('a', [], { [option]: value })])),
    }
    for (const [where, call] of Object.entries(calls)) {
      try {
        call()
      } catch (error) {
        refused++
        t.true(CODES.has((error as NodeJS.ErrnoException).code!), `${where}: ${name}: ${String(error)}`)
      }
    }
  }
  t.true(refused > 500)
})
