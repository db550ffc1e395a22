import test, { type ExecutionContext } from 'ava'
import {
  capabilities,
  descendants,
  exited,
  killOnAbort,
  killOnExit,
  KillTarget,
  resume,
  suspend,
  terminate,
  terminateSync,
  waitOrKill,
} from 'killtarget'
import { NOBODY } from '../helpers/controlled-group.ts'
import {
  type Child,
  ended,
  grandchild,
  hasExited,
  json,
  line,
  program,
  read,
  shell,
  sleeper,
  start,
  state,
  until,
} from '../helpers/processes.ts'
import { noUsers } from '../helpers/other-users.ts'
import { refusalOf } from '../helpers/refusal.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** Returns the token of a child. */
function tokenOf({ pid }: Child): string {
  const target = KillTarget.fromPid(pid)
  const token = target.token()
  target.close()
  return token!
}

const calls: Record<string, (token: string) => Promise<unknown>> = {
  terminate: async (token) => (await terminate(token)).outcome,
  terminateSync: async (token) => terminateSync(token).outcome,
  waitOrKill: async (token) => (await waitOrKill(token, { timeout: 0 })).termination!.outcome,
  killOnAbort: async (token) => (await killOnAbort(token, AbortSignal.abort()).done)!.outcome,
  'KillTarget.fromToken': async (token) => {
    const target = KillTarget.fromToken(token)
    const { outcome } = await target.terminate()
    target.close()
    return outcome
  },
}

for (const [call, terminateBy] of Object.entries(calls)) {
  test(`${call} terminates the process of a token`, async (t) => {
    const child = sleeper(t)
    t.is(await terminateBy(tokenOf(child)), 'exited')
    t.deepEqual(await ended(child), { code: null, signal: 'SIGTERM' })
  })
}

test('exited, descendants, suspend and resume take a token', async (t) => {
  const parent = shell(t, 'sleep 600 & echo $!; wait; exit 7')
  const pid = Number(await line(parent))
  const token = tokenOf(parent)
  t.deepEqual(
    descendants(token).map((info) => info.pid),
    [pid],
  )
  t.deepEqual(await suspend(token), [])
  t.is(state(pid), 'T')
  t.deepEqual(await resume(token), [])
  const exit = exited(token)
  process.kill(pid)
  const { code, known } = await exit
  t.is(code, known ? 7 : null)
})

test('a termination leaves the process of a token alone', async (t) => {
  const parent = shell(t, 'sleep 600 & echo $!; wait')
  const pid = Number(await line(parent))
  const [info] = descendants(parent)
  t.is((await terminate(parent, { except: [info!.token!] })).outcome, 'exited')
  const target = KillTarget.fromPid(pid)
  t.true(target.isAlive())
  target.signal('SIGKILL')
})

test('what descendants tells has the token of each process', async (t) => {
  const parent = shell(t, 'sleep 600 & sleep 600 & echo; wait')
  await line(parent)
  for (const { pid, token } of descendants(parent)) {
    const target = KillTarget.fromToken(token!)
    t.deepEqual([target.pid, target.isAlive()], [pid, true])
    t.true(target.signal('SIGKILL'))
    target.close()
  }
})

test('another program terminates the process of a token, which this one has saved', async (t) => {
  const child = sleeper(t)
  const source = `
    import { terminate } from 'killtarget'
    const { outcome, survivors } = await terminate(JSON.parse(process.argv[1]), { grace: 0 })
    console.log(JSON.stringify({ outcome, survivors }))
  `
  const target = KillTarget.fromPid(child.pid)
  for (const saved of [target, target.token()]) {
    t.teardown(() => target.close())
    const expected = saved === target ? { outcome: 'killed', survivors: [] } : { outcome: 'gone', survivors: [] }
    t.deepEqual(await json(program(t, source, [JSON.stringify(saved)])), expected)
    await ended(child)
    if (saved === target) t.is(target.token(), null)
  }
})

test('a token stays valid when the process calls execve', async (t) => {
  const child = shell(t, 'echo; read _; exec sleep 600')
  await line(child)
  const token = tokenOf(child)
  child.stdin.write('\n')
  await until(() => read(child.pid, 'comm') === 'sleep\n', 'the program to be replaced')
  const target = KillTarget.fromToken(token)
  t.true(target.signal('SIGKILL'))
  target.close()
  t.deepEqual(await ended(child), { code: null, signal: 'SIGKILL' })
})

test('a token of a process that is over opens a target that is gone', async (t) => {
  const child = sleeper(t)
  const token = tokenOf(child)
  child.kill('SIGKILL')
  await ended(child)
  assertGone(t, token, child.pid)
})

test('a zombie has a token until it is reaped', async (t) => {
  const child = await grandchild(t)
  await child.becomeZombie()
  const target = KillTarget.fromPid(child.pid)
  const token = target.token()!
  const found = KillTarget.fromToken(token)
  t.false(found.isAlive())
  t.true(found.signal(0))
  await child.reaped()
  t.is(target.token(), null)
  assertGone(t, token, child.pid)
  for (const each of [target, found]) each.close()
})

test('the JSON of a target that was gone names no process, also if there is one with that pid', async (t) => {
  const child = sleeper(t)
  t.like(await terminate({ pid: child.pid, token: null }), { outcome: 'gone' })
  t.false(hasExited(child.pid))
  // This may be any process: what verifies it could not be read.
  await t.throwsAsync(terminate({ pid: child.pid, token: null, startTime: null } as never), {
    code: 'ERR_IDENTITY_UNAVAILABLE',
  })
})

test('the message about a text that is no token names the parameter', (t) => {
  t.throws(() => killOnExit('x'), { code: 'ERR_INVALID_ARG_VALUE', message: /`target`/ })
  t.throws(() => KillTarget.fromToken('x'), { code: 'ERR_INVALID_ARG_VALUE', message: /`token`/ })
})

function assertGone(t: ExecutionContext, token: string, pid: number): void {
  const target = KillTarget.fromToken(token)
  t.like(target, { pid, method: 'gone', raceFree: true })
  t.deepEqual([target.isAlive(), target.signal('SIGKILL'), target.token()], [false, false, null])
  t.deepEqual(target.toJSON(), { pid, token: null })
  target.close()
}

for (const saved of ['before', 'after'] as const) {
  test(`the token of a shell that is over ends what it has left: saved ${saved} that was started`, async (t) => {
    const leader = shell(t, 'read _; sleep 600 & echo $!; read _', { detached: true })
    const early = tokenOf(leader)
    leader.stdin.write('\n')
    const left = Number(await line(leader))
    const token = saved === 'before' ? early : tokenOf(leader)
    leader.stdin.end()
    await ended(leader)
    const server = KillTarget.fromPid(left)
    t.teardown(() => {
      server.signal('SIGKILL')
      server.close()
    })
    const target = KillTarget.fromToken(token)
    t.is(target.method, 'gone')
    t.true(server.isAlive())
    const { outcome, survivors } = await target.terminate()
    target.close()
    t.deepEqual([outcome, survivors], ['exited', []])
    t.false(server.isAlive())
    t.is((await terminate(token)).outcome, 'gone')
  })
}

test('token throws once the target is closed', (t) => {
  const target = KillTarget.fromPid(process.pid)
  target.close()
  t.throws(() => target.token(), { code: 'ERR_TARGET_CLOSED' })
  t.throws(() => JSON.stringify(target), { code: 'ERR_TARGET_CLOSED' })
})

test('a token that was cut, changed or made up is refused, and no signal is sent', async (t) => {
  const child = sleeper(t)
  const token = tokenOf(child)
  const cut = Array.from(token, (_, length) => token.slice(0, length))
  const changed = Array.from(
    token,
    (letter, at) => token.slice(0, at) + (letter === '1' ? '2' : '1') + token.slice(at + 1),
  )
  const madeUp = [
    '',
    ' ',
    String(child.pid),
    `kt1.${child.pid}`,
    `${token}\n`,
    ` ${token}`,
    token.toUpperCase(),
    `${token}\0`,
  ]
  const pairs = [':', `${child.pid}:`, `:${child.pid}`, '0:1', '-1:1', '1.5:1', `${child.pid}:1e3`, '4294967296:1']
  const refused = { instanceOf: TypeError, code: 'ERR_INVALID_ARG_VALUE' }
  for (const text of [...cut, ...changed, ...madeUp, ...pairs]) {
    t.throws(() => KillTarget.fromToken(text), refused, text)
    // A pid in a text is the wrong type for a target.
    if (text !== String(child.pid)) await t.throwsAsync(terminate(text), refused, text)
  }
  for (const value of [undefined, null, 1, {}, [token], Symbol('token'), new String(token)]) {
    t.throws(() => KillTarget.fromToken(value as never), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' })
  }
  t.true(KillTarget.fromPid(child.pid).isAlive())
})

test('a description with the token of another process is refused', async (t) => {
  const [one, other] = [sleeper(t), sleeper(t)]
  const wrong = { pid: one.pid, token: tokenOf(other) }
  await t.throwsAsync(terminate(wrong), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_VALUE' })
  await t.throwsAsync(terminate({ pid: one.pid, token: 1 } as never), { code: 'ERR_INVALID_ARG_TYPE' })
  t.true(KillTarget.fromPid(one.pid).isAlive() && KillTarget.fromPid(other.pid).isAlive())
})

/** Since Linux 6.9 a pidfd has an inode of its own, which util-linux prints. */
const noPython = refusalOf(['python3'], ['--version'])
const noInode = capabilities().groupSignal ? undefined : 'this kernel has no file system of pidfds'

testUnless(noInode ?? noPython, 'a pid with the inode of a pidfd names a process, as in util-linux', async (t) => {
  const [one, other] = [sleeper(t), sleeper(t)]
  const source = 'import os, sys; print(os.fstat(os.pidfd_open(int(sys.argv[1]))).st_ino)'
  const inode = async (pid: number) => line(start(t, 'python3', ['-c', source, String(pid)]))
  const wrong = `${one.pid}:${await inode(other.pid)}`
  t.is(KillTarget.fromToken(wrong).method, 'gone')
  t.is((await terminate(`${one.pid}:${await inode(one.pid)}`)).outcome, 'exited')
  t.true(KillTarget.fromPid(other.pid).isAlive())
})

testUnless(
  noInode === undefined ? 'this kernel tells inodes' : undefined,
  'a pid with the inode of a pidfd is not verified where the kernel tells none',
  async (t) => {
    const { pid } = sleeper(t)
    await t.throwsAsync(terminate(`${pid}:12345`), { code: 'ERR_IDENTITY_UNAVAILABLE' })
    t.true(KillTarget.fromPid(pid).isAlive())
  },
)

testUnless(noUsers, 'another user opens the process of a token, and may not signal it', async (t) => {
  const child = sleeper(t)
  const source = `
    import { KillTarget } from 'killtarget'
    process.setuid(${NOBODY})
    const target = KillTarget.fromToken(process.argv[1])
    const attempt = () => { try { return target.signal('SIGKILL') } catch ({ code }) { return code } }
    console.log(JSON.stringify([target.isAlive(), attempt(), typeof target.token()]))
  `
  t.deepEqual(await json(program(t, source, [tokenOf(child)])), [true, 'EPERM', 'string'])
  t.true(KillTarget.fromPid(child.pid).isAlive())
})
