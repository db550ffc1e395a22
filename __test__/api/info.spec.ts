import { readFileSync } from 'node:fs'
import test from 'ava'
import { descendants, KillError, KillTarget, type ProcessInfo } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { ended, json, line, number, program, shell, sleeper, start, stat, state, until } from '../helpers/processes.ts'
import { procMounts } from '../helpers/proc-mounts.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'
import { held } from '../helpers/target.ts'

/** Returns what is known of a process. */
function infoOf(pid: number): ProcessInfo | null {
  const target = KillTarget.fromPid(pid)
  try {
    return target.info()
  } finally {
    target.close()
  }
}

test('info returns the facts about a process', async (t) => {
  const child = program(t, 'console.log(1); setTimeout(() => {}, 600_000)', ['two words', '', 'über\nline'])
  await line(child)
  const { token, startTime, state: letter, ...facts } = infoOf(child.pid)!
  const { pgid, sid } = stat(process.pid)!
  t.deepEqual(facts, {
    pid: child.pid,
    ppid: process.pid,
    pgid,
    sid,
    name: 'node',
    command: child.spawnargs,
    user: process.getuid!(),
  })
  t.is(KillTarget.fromToken(token!).pid, child.pid)
  t.true(Math.abs(startTime! - Date.now()) < 60_000)
  t.regex(letter!, /^[SR]$/)
})

/** Waits for the command of a process. A slow disk keeps it in an uninterruptible wait, in which the command is not read. */
async function commandOf(process: number | KillTarget): Promise<string[]> {
  let command: string[] | null = null
  const read = () => (typeof process === 'number' ? infoOf(process) : process.info())!.command
  await until(() => (command ??= read()) !== null)
  return command!
}

test('info returns the command of a process that was just started', async (t) => {
  for (let round = 0; round < 20; round++) {
    t.deepEqual(await commandOf(sleeper(t).pid), ['sleep', '600'])
  }
})

test('info returns the command of the program that a process runs now', async (t) => {
  const child = shell(t, 'echo; read line; exec sleep 600')
  const target = held(t, KillTarget.fromChild(child), child.pid)
  await line(child)
  t.deepEqual(await commandOf(target), child.spawnargs)
  child.stdin.write('\n')
  await until(() => target.info()!.name === 'sleep')
  t.deepEqual(await commandOf(target), ['sleep', '600'])
})

test('info returns a title without its padding', async (t) => {
  const child = program(t, 'process.title = "a title"; console.log(1); setTimeout(() => {}, 600_000)', ['x'.repeat(99)])
  await line(child)
  t.deepEqual(await commandOf(child.pid), ['a title'])
})

test('info returns null once the process has been reaped', async (t) => {
  const child = sleeper(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  child.kill('SIGKILL')
  await ended(child)
  t.is(target.info(), null)
  target.close()
  t.throws(() => target.info(), { instanceOf: KillError, code: 'ERR_TARGET_CLOSED' })
})

test('info of a zombie has no command', async (t) => {
  const child = shell(t, 'exec 3<&0; (read line <&3) & echo $!; exec sleep 600')
  const zombie = await number(child)
  // The second program reaps nothing.
  await until(() => infoOf(child.pid)!.name === 'sleep')
  child.stdin.write('\n')
  await until(() => state(zombie) === 'Z')
  const { command, state: letter, ppid, user } = infoOf(zombie)!
  t.deepEqual([command, letter, ppid, user], [null, 'Z', child.pid, process.getuid!()])
})

testUnless(noCompiler, 'the command of a process that waits uninterruptibly is not read', async (t) => {
  const child = start(t, compiled('vfork'))
  const words = [await line(child), await line(child)].map((each) => Number(each.split(' ')[1]))
  await until(() => state(words[0]!) === 'D')
  // The reader would wait for the memory of a process that waits for a server with its memory locked.
  t.is(infoOf(words[0]!)!.command, null)
  t.deepEqual(await commandOf(words[1]!), child.spawnargs)
})

testUnless(noCompiler, 'a command line of any length is cut', async (t) => {
  const child = start(t, compiled('long-title'))
  if ((await line(child)) === 'refused') return t.pass('this kernel lets no process do that')
  t.deepEqual(await commandOf(child.pid), ['x'.repeat(65_536)])
})

testUnless(notRoot, 'info returns the effective user of a process', async (t) => {
  const child = start(t, 'sleep', ['600'], { uid: NOBODY })
  t.is(infoOf(child.pid)!.user, NOBODY)
  const source = `
    process.seteuid(${NOBODY})
    console.log(1)
    setTimeout(() => {}, 600_000)
  `
  const changed = program(t, source)
  await line(changed)
  t.is(infoOf(changed.pid)!.user, NOBODY)
})

testUnless(notRoot, 'an unprivileged user gets the facts about the processes of others', async (t) => {
  const child = sleeper(t)
  const asker = program(
    t,
    `
    import { KillTarget } from 'killtarget'
    process.setuid(${NOBODY})
    console.log(JSON.stringify(KillTarget.fromPid(${child.pid}).info()))
  `,
  )
  const { command, user, ppid } = await json<ProcessInfo>(asker)
  t.deepEqual([command, user, ppid], [['sleep', '600'], 0, process.pid])
})

testUnless(noPidNamespace ?? undefined, 'without /proc, nothing is known but the pid', async (t) => {
  const found = await inNamespace('info-without-proc.ts', procMounts.absent)
  t.deepEqual(found, { facts: ['pid'], afterExit: null, listeners: 'ENOSYS' })
})

test('descendants has the process itself first with self', async (t) => {
  const child = shell(t, 'sleep 600 & echo $!; wait')
  const below = await number(child)
  const pids = (self: boolean) => descendants(child, { self }).map(({ pid }) => pid)
  t.deepEqual(pids(true), [child.pid, below])
  t.deepEqual(pids(false), [below])
})

test('descendants leaves out a process itself that has exited', async (t) => {
  // The second program reaps nothing.
  const script = 'exec 3<&0; setsid sh -c "sleep 600 & echo \\$\\$ \\$!; read line <&3" & exec sleep 600'
  const child = shell(t, script)
  const [root, orphan] = (await line(child)).split(' ').map(Number)
  const target = held(t, KillTarget.fromPid(root!), root!)
  await until(() => infoOf(child.pid)!.name === 'sleep')
  child.stdin.write('\n')
  await until(() => state(root!) === 'Z')
  t.deepEqual(
    target.descendants({ self: true }).map(({ pid }) => pid),
    [orphan],
  )
})

test('an option of descendants that does not exist is refused', (t) => {
  const options = { itself: true } as object
  t.throws(() => descendants(process.pid, options), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: /^There is no option `options\.itself`\. The options are `self`/,
  })
  t.throws(() => descendants(process.pid, { self: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' })
})

test('the command of this process is that of /proc', async (t) => {
  const known = readFileSync('/proc/self/cmdline', 'utf8').replace(/\0+$/, '')
  t.deepEqual(await commandOf(process.pid), known.split('\0'))
})
