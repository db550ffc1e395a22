import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import type { Result } from '../fixtures/fork-bombs.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { until } from '../helpers/processes.ts'
import { type Runtime, runtimes } from '../helpers/runtimes.ts'
import { notRoot, serialUnless } from '../helpers/test-unless.ts'

const reason = notRoot ?? noPidNamespace ?? noCompiler

/** Threads of the runtime included. */
const LIMIT = 150

/** Where the pids controller is: in cgroup v1, or in v2. */
const controller = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find(
  (folder) => existsSync(`${folder}/tasks`) || contains(`${folder}/cgroup.subtree_control`, 'pids'),
)
const noCgroup = reason ?? refusal()

const killed = { outcome: 'killed', survivors: 0, isInTime: true, left: 0 }
const expected = {
  terminate: killed,
  terminateSync: killed,
  killOnAbort: killed,
  waitOrKill: killed,
  lateWaitOrKill: killed,
  exited: { ...killed, outcome: 'SIGKILL' },
  suspend: killed,
  treeKill: { ...killed, outcome: 'sent' },
  exit: { ...killed, outcome: 'exit' },
}

/** Bun aborts if the system refuses it a thread of its own, as for the garbage collector. */
const withoutOwnThreads = {
  BUN_JSC_useConcurrentGC: '0',
  BUN_JSC_useConcurrentJIT: '0',
  BUN_JSC_numberOfGCMarkers: '1',
}

// The versions of Node do not differ in this.
for (const runtime of runtimes.filter(({ name, kind }) => name === 'node' || kind !== 'node')) {
  serialUnless(
    runtime.reason ?? reason,
    `each function ends a fork bomb at RLIMIT_NPROC in ${runtime.name}`,
    async (t) => t.deepEqual(await bombs(t, runtime, ''), expected),
  )

  serialUnless(
    runtime.reason ?? noCgroup,
    `each function ends a fork bomb at pids.max in ${runtime.name}`,
    async (t) => {
      const cgroup = `${controller}/killtarget-${randomUUID()}`
      mkdirSync(cgroup)
      t.teardown(() => until(() => removed(cgroup), 'the cgroup to be empty'))
      writeFileSync(`${cgroup}/pids.max`, String(LIMIT))
      t.deepEqual(await bombs(t, runtime, cgroup), expected)
    },
  )
}

function bombs(
  t: ExecutionContext,
  { kind, path, args }: Runtime,
  cgroup: string,
): Promise<Record<string, Result | string>> {
  t.timeout(180_000)
  return inNamespace('fork-bombs.ts', {
    args: [JSON.stringify({ kind, path, args }), compiled('fork-bomb'), cgroup],
    env: withoutOwnThreads,
    timeout: 170_000,
  })
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

function contains(file: string, word: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').includes(word)
}

function refusal(): string | undefined {
  if (controller === undefined) return 'there is no pids controller'
  const folder = `${controller}/killtarget-${randomUUID()}`
  try {
    mkdirSync(folder)
    rmdirSync(folder)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
