import type { ExecutionContext } from 'ava'
import { KillTarget } from 'killtarget'
import { type Runtime, runIn, runtimes } from '../helpers/runtimes.ts'
import { testUnless } from '../helpers/test-unless.ts'

// What the permissions of a runtime let the package do.

type Loaded = { method: string } | { name: string; code: string; lines: string[] }

/** Loads the package with these options of a runtime. */
async function load(t: ExecutionContext, runtime: Runtime, ...args: string[]): Promise<Loaded> {
  return (await runIn<Loaded>(t, { ...runtime, args }, 'load')).result
}

const { method } = KillTarget.fromPid(process.pid)

/** Asserts that the package was not loaded, and that the last line of the error says what to do. */
function isRefused(t: ExecutionContext, loaded: Loaded, cause: RegExp, remedy: string): void {
  if (!('lines' in loaded)) return t.fail('it was loaded')
  t.like(loaded, { name: 'Error', code: 'ERR_BINDING_NOT_LOADED' })
  t.regex(loaded.lines[1]!, cause)
  t.is(loaded.lines.at(-1), remedy)
}

const NODE =
  'Node may not load addons. Start it without `--no-addons`, and beside `--permission` pass `--allow-addons`; the ' +
  'binary also needs `--allow-fs-read`.'
const DENO = 'Deno may not load the binary. Run it with `--allow-ffi` and `--allow-read`.'

for (const runtime of runtimes.filter(({ kind }) => kind === 'node')) {
  const { name, reason } = runtime
  testUnless(reason, `${name} with --no-addons gives an error that says to leave it out`, async (t) => {
    isRefused(t, await load(t, runtime, '--no-addons'), /loading addons is disabled/, NODE)
  })

  // Before Node 23.5 the permissions are an experiment, which had no `--allow-addons` before Node 21.6.
  const hasPermissions = ['node-24', 'node-26'].includes(name)
  if (!hasPermissions) continue
  testUnless(reason, `${name} with --permission gives an error that says to allow addons`, async (t) => {
    const loaded = await load(t, runtime, '--permission', '--allow-fs-read=*')
    isRefused(t, loaded, /loading addons is disabled/, NODE)
  })

  testUnless(reason, `${name} with --permission and --allow-addons loads the package`, async (t) => {
    const loaded = await load(t, runtime, '--no-warnings', '--permission', '--allow-fs-read=*', '--allow-addons')
    t.deepEqual(loaded, { method })
  })
}

for (const runtime of runtimes.filter(({ kind }) => kind === 'deno')) {
  const flags = ['run', '--quiet', '--no-lock', '--no-prompt']
  testUnless(runtime.reason, 'deno without --allow-ffi gives an error that says to allow it', async (t) => {
    isRefused(t, await load(t, runtime, ...flags, '--allow-read', '--allow-env'), /Requires ffi access/, DENO)
  })

  testUnless(runtime.reason, 'deno loads the package with --allow-read and --allow-ffi', async (t) => {
    t.deepEqual(await load(t, runtime, ...flags, '--allow-read', '--allow-ffi'), { method })
  })
}
