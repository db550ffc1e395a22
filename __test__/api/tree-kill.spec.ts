import test from 'ava'
import treeKill from 'killtarget/tree-kill'
import treeKill122 from 'tree-kill'
import { controlledGroup, NOBODY, OURS } from '../helpers/controlled-group.ts'
import {
  ended,
  grandchild,
  hasExited,
  json,
  line,
  program,
  shell,
  sleeper,
  state,
  until,
} from '../helpers/processes.ts'
import { callbackArguments, tree, type TreeKill } from '../helpers/tree-kill.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

// What tree-kill does, by its README, its tests and its source. Both packages must do it.
const both: [string, TreeKill][] = [
  ['tree-kill', treeKill122],
  ['killtarget/tree-kill', treeKill],
]

for (const [name, kill] of both) {
  /** Starts a program that imports the package as `kill`. */
  const start = (t: Parameters<typeof program>[0], source: string, ...args: unknown[]) =>
    program(t, `import kill from '${name}'\n${source}`, args)

  test(`${name} terminates a process and its descendants by SIGTERM`, async (t) => {
    const { root, pids } = await tree(t)
    kill(root.pid)
    t.is((await ended(root)).signal, 'SIGTERM')
    await until(() => pids.every(hasExited))
  })

  test(`${name} calls back after it sent the signal, and does not wait for the processes to exit`, async (t) => {
    const { root, pids } = await tree(t)
    t.deepEqual(await callbackArguments(kill, root.pid, 'SIGSTOP'), [])
    await until(() => pids.every((pid) => state(pid) === 'T'))
    t.deepEqual(await callbackArguments(kill, root.pid, 'SIGTERM'), [])
    t.deepEqual(pids.map(state), ['T', 'T', 'T'])
    t.deepEqual(await callbackArguments(kill, root.pid, 'SIGCONT'), [])
    t.is((await ended(root)).signal, 'SIGTERM')
  })

  test(`${name} accepts the callback in place of the signal`, async (t) => {
    const child = sleeper(t)
    await new Promise<void>((resolve) => kill(child.pid, () => resolve()))
    t.is((await ended(child)).signal, 'SIGTERM')
  })

  for (const [signal, expected] of [
    [undefined, 'SIGTERM'],
    [null, 'SIGTERM'],
    ['', 'SIGTERM'],
    ['SIGKILL', 'SIGKILL'],
    ['SIGUSR1', 'SIGUSR1'],
    [9, 'SIGKILL'],
  ] as const) {
    test(`${name} sends ${expected} if the signal is ${JSON.stringify(signal)}`, async (t) => {
      const { root, pids } = await tree(t)
      t.deepEqual(await callbackArguments(kill, root.pid, signal), [])
      t.is((await ended(root)).signal, expected)
      await until(() => pids.every(hasExited))
    })
  }

  test(`${name} sends signal 0, which has no effect`, async (t) => {
    const { root, pids } = await tree(t)
    t.deepEqual(await callbackArguments(kill, root.pid, 0), [])
    t.false(pids.some(hasExited))
  })

  test(`${name} parses a pid from a string as parseInt does`, async (t) => {
    for (const text of [String, (pid: number) => ` ${pid}\n`, (pid: number) => `0x${pid.toString(16)}`]) {
      const child = sleeper(t)
      t.deepEqual(await callbackArguments(kill, text(child.pid)), [])
      t.is((await ended(child)).signal, 'SIGTERM')
    }
  })

  test(`${name} reports at once that a pid must be a number, by the callback or by throwing`, (t) => {
    for (const pid of [undefined, null, NaN, 'abc', '', {}, Infinity]) {
      const errors: unknown[] = []
      kill(pid as number, 'SIGKILL', (error) => errors.push(error))
      kill(pid as number, (error) => errors.push(error))
      for (const error of errors) t.deepEqual(error, new Error('pid must be a number'))
      t.is(errors.length, 2)
      t.throws(() => kill(pid as number), { instanceOf: Error, message: 'pid must be a number' })
    }
  })

  test(`${name} reports no error for a process that is gone`, async (t) => {
    const { pid, becomeZombie, reaped } = await grandchild(t)
    await becomeZombie()
    t.deepEqual(await callbackArguments(kill, pid, 'SIGKILL'), [])
    await reaped()
    t.deepEqual(await callbackArguments(kill, pid, 'SIGKILL'), [])
  })

  test(`${name} reports an unknown signal later, by the callback`, async (t) => {
    const child = sleeper(t)
    for (const signal of ['SIGFOO', 'sigterm', '9', 1.5]) {
      let isLater = false
      const called = callbackArguments(
        (...args) => {
          kill(...(args as Parameters<TreeKill>))
          isLater = true
        },
        child.pid,
        signal,
      )
      const [error] = await called
      t.like(error, { code: 'ERR_UNKNOWN_SIGNAL', name: 'TypeError' })
      t.true(error instanceof TypeError && isLater)
    }
    t.false(hasExited(child.pid))
  })

  testUnless(notRoot, `${name} reports the error of process.kill if a process may not be signalled`, async (t) => {
    const source = `
      const [, parent, other] = process.argv.map(Number)
      process.setuid(${NOBODY})
      const plain = ({ name, message, ...others }) => ({ name, message, ...others })
      const errors = []
      for (const pid of [parent, other]) await new Promise((resolve) => kill(pid, 'SIGKILL', (error) => {
        errors.push(plain(error))
        resolve()
      }))
      try {
        process.kill(other)
      } catch (error) {
        errors.push(plain(error))
      }
      console.log(JSON.stringify(errors))
    `
    const { parent, members } = await controlledGroup(t, [NOBODY, OURS])
    const [ofTree, ofOne, ofNode] = await json<object[]>(start(t, source, parent.pid, members[1]))
    t.like(ofNode, { code: 'EPERM', syscall: 'kill' })
    t.deepEqual(ofTree, ofNode)
    t.deepEqual(ofOne, ofNode)
    t.deepEqual([parent.pid, ...members].map(hasExited), [false, true, false])
  })

  test(`${name} turns an error without a callback, and an error of the callback, into uncaught exceptions`, async (t) => {
    const source = `
      process.on('uncaughtException', ({ message, code }, origin) => console.log(JSON.stringify([code ?? message, origin])))
      kill(process.pid, 'SIGFOO')
      kill(process.pid, 0, () => { throw new Error('mine') })
      kill(process.pid, 'SIGBAR', (error) => { throw error })
    `
    const child = start(t, source)
    const caught = [await json<string[]>(child), await json<string[]>(child), await json<string[]>(child)]
    const unknown = ['ERR_UNKNOWN_SIGNAL', 'uncaughtException']
    t.deepEqual(caught.sort(), [unknown, unknown, ['mine', 'uncaughtException']])
    t.is((await ended(child)).code, 0)
  })

  test(`${name} keeps the event loop alive until it has called back, and not longer`, async (t) => {
    const child = start(t, `kill(Number(process.argv[1]), () => console.log('called back'))`, sleeper(t).pid)
    t.is(await line(child), 'called back')
    t.deepEqual(await ended(child), { code: 0, signal: null })
  })

  test(`${name} terminates its own process with its descendants`, async (t) => {
    const source = `
      import { spawn } from 'node:child_process'
      console.log(spawn('sleep', ['600']).pid)
      setTimeout(() => {}, 60_000)
      kill(process.pid)
    `
    const child = start(t, source)
    const pid = Number(await line(child))
    t.is((await ended(child)).signal, 'SIGTERM')
    await until(() => hasExited(pid))
  })

  test(`${name} leaves processes outside of the tree alone`, async (t) => {
    const child = shell(t, 'sleep 600 & echo $!; sleep 600 & echo $!; wait')
    const [first, second] = [Number(await line(child)), Number(await line(child))]
    t.deepEqual(await callbackArguments(kill, first, 'SIGKILL'), [])
    await until(() => hasExited(first))
    t.false(hasExited(second))
    t.false(hasExited(child.pid))
  })
}
