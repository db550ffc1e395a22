import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { type ContainOptions, contained, type ProcessInfo, terminate } from 'killtarget'
import { ways } from '../helpers/clean-up.ts'
import { noCompiler } from '../helpers/compile.ts'
import { GUARD, keeperOf, noGuard, queue, REQUESTS } from '../helpers/guard.ts'
import { listed } from '../helpers/listed.ts'
import { type Child, ended, hasExited, line, start, state, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** Makes the command line of a tree whose command is a shell with this script. */
type Make = (shell: string, options: ContainOptions) => { file: string; args: string[] }

// A program that is asked to exit twice may take that for a demand to exit at once. What it starts after the first time may be
// its clean-up.

/** The scope 'group' takes a guard for any process. */
const VERBS = Object.entries(ways).filter(([name]) => !name.includes('group'))

/** Waits in a shell for a signal that it traps. */
const WAIT = 'sleep 600 & wait $!'

/** A shell that exits 0.1 s after SIGTERM, and leaves its child. */
const COMMAND = (child: string) => `trap 'sleep 0.1; exit' TERM; setsid sh -c '${child}' & while :; do ${WAIT}; done`

/** Starts another program at SIGTERM, which writes `done`. */
const CLEANER = `trap "sleep 0.6 && echo done >$FILE; exit" TERM; echo ready; while :; do ${WAIT}; done`

const CLEANING = COMMAND(CLEANER)

/** Writes each SIGTERM to a file, and exits 0.6 s after the first. */
const COUNTING = COMMAND(
  `trap "echo TERM >>$FILE; asked=1" TERM; echo ready; until [ $asked ]; do ${WAIT}; done; for i in 1 2 3 4 5 6; do sleep 0.1; done`,
)

const CONTAINED: Make = (shell, options) => contained('sh', ['-c', shell], options)

/** A shell that is no guard, exits at once at SIGTERM, and whose child is a guard. It is the host. */
const NESTED: Make = (shell, options) => {
  const guard = contained('sh', ['-c', shell], options)
  const args = guard.args.filter((argument) => !argument.startsWith('--parent='))
  return { file: 'sh', args: ['-c', '"$@" & wait', 'sh', guard.file, ...args] }
}

const TREES = Object.entries({ 'a contained tree': CONTAINED, 'a tree with a guard in it': NESTED })

const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

function temporaryFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-asked-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return join(folder, 'file')
}

/** Starts a tree that writes to a file. */
async function begin(t: ExecutionContext, make: Make, shell: string, options: ContainOptions = {}) {
  const path = temporaryFile(t)
  const { file, args } = make(shell, options)
  const child = start(t, file, args, { env: { ...process.env, FILE: path }, stdio: ['pipe', 'pipe', 'ignore'] })
  t.is(await line(child), 'ready')
  return { child, path }
}

/** Resolves with the pid of a descendant, which may be listed late on a busy machine. */
async function pidBelow(child: Child, isMeant: (info: ProcessInfo) => boolean): Promise<number> {
  let found: ProcessInfo | undefined
  await until(() => (found = listed(child).find(isMeant)) !== undefined)
  return found!.pid
}

for (const [tree, make] of TREES) {
  for (const [verb, end] of VERBS) {
    testUnless(
      noGuard,
      `each process of ${tree} is asked once to exit by ${verb}, although its parent exits`,
      async (t) => {
        const { child, path } = await begin(t, make, COUNTING)
        let all: ProcessInfo[] = []
        await until(() => (all = listed(child)).length > 1)
        await end(child, path)
        await until(() => all.every(({ pid }) => hasExited(pid)))
        t.is(read(path), 'TERM\n')
      },
    )

    testUnless(
      noGuard,
      `a clean-up in ${tree} finishes although the command exits before it, at ${verb}`,
      async (t) => {
        const { child, path } = await begin(t, make, CLEANING)
        await end(child, path)
        await until(() => existsSync(path))
        t.is(read(path), 'done\n')
      },
    )
  }

  testUnless(noGuard, `what lives on in ${tree} is asked by the guard if it was not asked before`, async (t) => {
    const { child, path } = await begin(t, make, COUNTING)
    const command = await pidBelow(child, ({ name, pid }) => name === 'sh' && pid !== child.pid)
    // To the command alone.
    process.kill(command, 'SIGTERM')
    await ended(child)
    t.is(read(path), 'TERM\n')
  })
}

interface Cause {
  options?: string[]
  shell?: string
  /** `host`: the parent of the guard, whose standard input is the guard's. */
  begin?: (host: Child, guard: number) => unknown
}

/** What makes a guard ask its command's processes to exit, after one of them has written `ready`. */
const CAUSES: Record<string, Cause> = {
  'its host has exited': { begin: (host) => host.kill('SIGKILL') },
  'another process has requested that': { begin: (_, guard) => queue(guard, REQUESTS.terminate) },
  'its command has exited': { shell: `sh -c '${CLEANER}' & read _; exit 0`, begin: (host) => host.stdin.write('\n') },
  'its time is over': { options: ['--timeout=4000'] },
  'its input has ended': { options: ['--until-stdin-ends'], begin: (host) => host.stdin.end() },
}

/** The guard is the parent of the shell, or there is another guard between them. */
const BELOW = { '': [], ', below another guard': ['sh', '-c', '"$@" & wait', 'sh', GUARD, '--'] }

for (const [title, { options = [], shell = CLEANER, begin: cause }] of Object.entries(CAUSES)) {
  for (const [below, launcher] of Object.entries(BELOW)) {
    // The end of the input, and the exit of the command, are not those of the other guard.
    if (launcher.length > 0 && shell !== CLEANER) continue
    const name = `a clean-up finishes that a guard has asked for as ${title}${below}`
    testUnless(noGuard ?? noCompiler ?? undefined, name, async (t) => {
      const path = temporaryFile(t)
      const script = 'exec 3<&0; "$@" <&3 3<&- & echo $!; exec 3<&-; wait'
      const args = ['-c', script, 'sh', GUARD, ...options, '--', ...launcher, 'sh', '-c', shell]
      const host = start(t, 'sh', args, { env: { ...process.env, FILE: path }, stdio: ['pipe', 'pipe', 'ignore'] })
      // In any order.
      const [pid, ready] = [await line(host), await line(host)].toSorted()
      t.is(ready, 'ready')
      const guard = Number(pid)
      await cause?.(host, guard)
      await until(() => hasExited(guard))
      t.is(read(path), 'done\n')
    })
  }
}

testUnless(
  noGuard,
  'the grace period of terminate holds for what outlives the command, although that of the guard is shorter',
  async (t) => {
    const { child, path } = await begin(t, CONTAINED, CLEANING, { grace: 100 })
    t.like(await terminate(child, { grace: 60_000 }), { outcome: 'exited' })
    t.is(read(path), 'done\n')
  },
)

testUnless(
  noGuard,
  'a process that terminate leaves alone is asked by the guard once the command has exited',
  async (t) => {
    for (const [, make] of TREES) {
      const { child, path } = await begin(t, make, COUNTING)
      const left = await pidBelow(child, ({ pid, sid, name }) => name === 'sh' && sid === pid)
      await terminate(child, { except: [left] })
      await until(() => hasExited(left))
      t.is(read(path), 'TERM\n')
    }
  },
)

testUnless(noGuard, 'a guard and its keeper that are stopped are continued, and exit with the others', async (t) => {
  for (const [, make] of TREES) {
    const { child } = await begin(t, make, 'echo ready; exec sleep 600')
    const guard = make === CONTAINED ? child.pid : await pidBelow(child, ({ ppid }) => ppid === child.pid)
    const guards = [guard, keeperOf(guard)]
    for (const pid of guards) process.kill(pid, 'SIGSTOP')
    await until(() => guards.every((pid) => state(pid) === 'T'))
    t.like(await terminate(child, { grace: 60_000 }), { outcome: 'exited', survivors: [] })
    t.true(guards.every(hasExited))
  }
})

testUnless(noGuard, 'the command of a guard that is starting is asked once', async (t) => {
  for (let tries = 0; tries < 30; tries++) {
    const path = temporaryFile(t)
    const counting = 'trap "echo TERM >>$FILE; asked=1" TERM; until [ $asked ]; do sleep 0.01; done; sleep 0.05'
    const { file, args } = NESTED(counting, {})
    const child = start(t, file, args, { env: { ...process.env, FILE: path }, stdio: ['pipe', 'pipe', 'ignore'] })
    await new Promise((resolve) => setTimeout(resolve, tries % 6))
    const report = await terminate(child, { grace: 1000 })
    t.deepEqual(report.survivors, [])
    // A shell that has no trap yet exits at once.
    t.true([undefined, 'TERM\n'].includes(read(path)), `try ${tries}: ${read(path)}`)
  }
})

testUnless(noGuard, 'a guard asks processes that lose their parent while it asks', async (t) => {
  // Each shell exits at once at SIGTERM, and its child is reparented.
  const child = `sh -c "trap 'echo asked; exit' TERM; echo ready; while :; do ${WAIT}; done" & wait`
  const PARENTS = 20
  for (let tries = 0; tries < 5; tries++) {
    const script = `for i in $(seq ${PARENTS}); do sh -c '${child.replaceAll("'", `'\\''`)}' & done; read _`
    const guard = start(t, GUARD, ['--grace=60000', '--', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'ignore'] })
    for (let shells = 0; shells < PARENTS; shells++) t.is(await line(guard), 'ready')
    queue(guard.pid, REQUESTS.terminate)
    for (let shells = 0; shells < PARENTS; shells++) t.is(await line(guard), 'asked')
    await ended(guard)
  }
})
