import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { hasExited, json, sleeper, start } from '../helpers/processes.ts'
import { environmentOf, runtimes } from '../helpers/runtimes.ts'
import { testUnless } from '../helpers/test-unless.ts'

interface Seen {
  result?: unknown
  code?: string
  message?: string
}

const fixture = fileURLToPath(new URL('../fixtures/deno-permissions.mjs', import.meta.url))
const deno = runtimes.find(({ kind }) => kind === 'deno')
const reason = deno === undefined ? 'there is no Deno here' : deno.reason

function seen(t: ExecutionContext, flags: readonly string[], ...args: unknown[]): Promise<Seen> {
  const command = ['run', '--quiet', '--no-prompt', '--no-lock', '--allow-ffi', ...flags, fixture, ...args.map(String)]
  return json<Seen>(start(t, deno!.path!, command, { env: environmentOf(deno!) }))
}

testUnless(reason ?? noGuard, 'killOnExit throws in Deno if it may start no program', async (t) => {
  const { pid } = sleeper(t)
  const { code, message } = await seen(
    t,
    ['--allow-read', '--allow-write', '--allow-env', '--allow-sys'],
    'killOnExit',
    pid,
  )
  t.is(code, 'EACCES')
  t.regex(message!, /^Cannot watch this process: .*--allow-run/)
  t.false(hasExited(pid))
})

testUnless(reason ?? noGuard, 'capabilities says that Deno may start no program', async (t) => {
  const { result } = await seen(t, ['--allow-read', '--allow-env', '--allow-sys'], 'isolation')
  t.like(result, { reaper: false, pidNamespace: false })
  t.regex((result as { reason: string }).reason, /^reaper: no program was started.*--allow-run/)
})

for (const [permission, flags] of [
  ['read', ['--allow-read', `--deny-read=${GUARD}`, '--allow-sys', '--allow-env']],
  ['sys', ['--allow-read', '--allow-env']],
] as const) {
  testUnless(reason ?? noGuard, `contained names the permission that Deno lacks: ${permission}`, async (t) => {
    const { code, message } = await seen(t, flags, 'contained')
    t.is(code, 'ERR_GUARD_NOT_FOUND')
    t.regex(message!, new RegExp(`^The program for contained launch cannot be executed: Requires ${permission} access`))
  })
}

testUnless(reason, 'waitOrKill with drain leaves an output of Deno alone that is not piped', async (t) => {
  const { result } = await seen(t, ['--allow-read', '--allow-run'], 'drain')
  t.like(result, { known: true, code: 0 })
})
