import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import test from 'ava'
import { descendants, killOnAbort, KillTarget, terminate, terminateSync, waitOrKill } from 'killtarget'
import { ended, line, shell, sleeper } from '../helpers/processes.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

type Anything = Parameters<typeof terminate>[0]

/** Each terminates what it is given, and resolves to the outcome. */
const calls: Record<string, (target: Anything) => Promise<string>> = {
  terminate: async (target) => (await terminate(target)).outcome,
  terminateSync: async (target) => terminateSync(target).outcome,
  waitOrKill: async (target) => (await waitOrKill(target, { timeout: 0 })).termination!.outcome,
  killOnAbort: async (target) => (await killOnAbort(target, AbortSignal.abort()).done)!.outcome,
}

const copies: Record<string, (info: object) => object> = {
  'as it is': (info) => info,
  'a structured clone of it': (info) => structuredClone(info),
  'what JSON keeps of it': (info) => JSON.parse(JSON.stringify(info)) as object,
  'a proxy of it': (info) => new Proxy(info, {}),
  'a copy in an object without a prototype': (info) => Object.assign(Object.create(null), info) as object,
}

for (const [call, terminateBy] of Object.entries(calls)) {
  for (const [what, copy] of Object.entries(copies)) {
    test(`${call} takes what descendants has told of a process: ${what}`, async (t) => {
      const parent = shell(t, 'sleep 600 & echo $!; wait')
      const pid = Number(await line(parent))
      const [info] = descendants(parent)
      t.is(info!.pid, pid)
      t.is(await terminateBy(copy(info!) as Anything), 'exited')
      await ended(parent)
    })
  }
}

test('terminate takes a survivor', async (t) => {
  const child = shell(t, 'trap "" TERM; echo; while :; do sleep 0.01; done')
  await line(child)
  const { survivors } = await terminate(child, { scope: 'process', grace: false, killTimeout: 50 })
  t.is((await terminate(survivors[0]!, { grace: 0 })).outcome, 'killed')
})

test('what was told of an earlier process with the pid is gone', async (t) => {
  const parent = shell(t, 'sleep 600 & echo $!; wait')
  const pid = Number(await line(parent))
  const [info] = descendants(parent)
  for (const difference of [-1000, -50, 50, 1000]) {
    // As by a version without tokens.
    const earlier = { ...info!, token: null, startTime: info!.startTime! + difference }
    t.is((await terminate(earlier)).outcome, 'gone')
    t.deepEqual(descendants(earlier), [])
  }
  t.true(KillTarget.fromPid(pid).isAlive())
})

test('what was told without a start time is not taken for a process that lives', async (t) => {
  const { pid } = sleeper(t)
  const unknown = { code: 'ERR_IDENTITY_UNAVAILABLE', message: /start time is not known/ }
  await t.throwsAsync(terminate({ pid, startTime: null } as Anything), unknown)
  await t.throwsAsync(terminate({ pid, startTime: '1' } as never), { code: 'ERR_INVALID_ARG_TYPE' })
  t.true(KillTarget.fromPid(pid).isAlive())
})

test('a proxy of a target stands for its process', async (t) => {
  const parent = shell(t, 'sleep 600 & echo $!; wait')
  const target = KillTarget.fromPid(Number(await line(parent)))
  t.is((await terminate(new Proxy(target, {}))).outcome, 'exited')
  target.close()
})

test('a target of another copy of the package stands for its process', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const file of ['index.js', 'main.js', 'package.json', 'killtarget.linux-x64-gnu.node']) {
    cpSync(join(root, file), join(folder, file), { recursive: true })
  }
  const other = createRequire(import.meta.url)(join(folder, 'index.js')) as { KillTarget: typeof KillTarget }
  t.not(other.KillTarget, KillTarget)
  const parent = shell(t, 'sleep 600 & echo $!; sleep 600 & echo $!; wait')
  const pids = [Number(await line(parent)), Number(await line(parent))]
  const [first, second] = pids.map((pid) => other.KillTarget.fromPid(pid))
  t.is((await terminate(first!)).outcome, 'exited')
  // The other copy knows by now that the first is gone.
  t.is((await terminate(first!)).outcome, 'gone')
  t.true(second!.isAlive())
  second!.close()
  await t.throwsAsync(terminate(second!), { code: 'ERR_TARGET_CLOSED' })
})

const noProcess: Record<string, { make: () => unknown; hint?: RegExp }> = {
  'an empty object': { make: () => ({}) },
  'a promise': { make: () => Promise.resolve(1), hint: /await the promise/ },
  'an array of children': { make: () => [{ pid: process.pid }], hint: /one element at a time/ },
  'an object that holds a child': { make: () => ({ process: { pid: process.pid } }), hint: /pass its `process`/ },
  'the result of a promisified exec': {
    make: () => Object.assign(Promise.resolve(), { child: {} }),
    hint: /pass its child/,
  },
  'a function': { make: () => () => {} },
  'an object without a prototype': { make: () => Object.create(null) as object },
  'a Map': { make: () => new Map([['pid', process.pid]]) },
  'a Date': { make: () => new Date() },
  'a pid in a string': { make: () => String(process.pid) },
  'a pid in a Number object': { make: () => Object(process.pid) as object },
  'a symbol': { make: () => Symbol('pid') },
  'a bigint': { make: () => BigInt(process.pid) },
}

for (const [what, { make, hint = /./ }] of Object.entries(noProcess)) {
  test(`no process is named by ${what}`, async (t) => {
    const refused = { code: 'ERR_INVALID_ARG_TYPE', instanceOf: TypeError, message: hint }
    for (const terminateBy of Object.values(calls)) {
      await t.throwsAsync(async () => terminateBy(make() as Anything), refused)
    }
    t.throws(() => descendants(make() as Anything), refused)
    t.throws(() => KillTarget.fromChild(make() as never), refused)
  })
}

test('a child that could not be started has no process', async (t) => {
  const child = spawn('/no/such/program')
  child.on('error', () => {})
  t.is((await terminate(child)).outcome, 'gone')
  t.is(KillTarget.fromChild(child), null)
})

test('the class has its name, and a target shows its state', async (t) => {
  t.is(KillTarget.name, 'KillTarget')
  const child = sleeper(t)
  const target = KillTarget.fromChild(child)!
  const shown = (state: string) =>
    new RegExp(`^KillTarget \\{ pid: ${child.pid}, method: '.*', raceFree: .*, state: '${state}' \\}$`)
  t.regex(inspect(target, { breakLength: Infinity }), shown('open'))
  child.kill('SIGKILL')
  await ended(child)
  t.regex(inspect(target, { breakLength: Infinity }), shown('gone'))
  target.close()
  t.regex(inspect(target, { breakLength: Infinity }), shown('closed'))
})

test('await using terminates a target and closes it', async (t) => {
  const child = sleeper(t)
  const target = KillTarget.fromChild(child)!
  await target[Symbol.asyncDispose]()
  t.is((await ended(child)).signal, 'SIGTERM')
  t.throws(() => target.isAlive(), { code: 'ERR_TARGET_CLOSED' })
  await target[Symbol.asyncDispose]()
})
