import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { capabilities, KillTarget } from 'killtarget'
import { noPidNamespace } from '../helpers/namespace.ts'
import { json, sleeper, start } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const noNamespace = noPidNamespace ?? undefined

const noTimeNamespace =
  noNamespace ?? (existsSync('/proc/self/ns/time') ? undefined : 'this kernel has no time namespaces')

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const root = fileURLToPath(new URL('../../', import.meta.url))

/** What a program sees of a token that was made here: its method, or the code of the error; and of a token of its own. */
const SOURCE = `
  import { KillTarget } from 'killtarget'
  const attempt = (call) => { try { return call() } catch ({ code }) { return code } }
  const found = attempt(() => KillTarget.fromToken(process.argv[1]).method)
  const own = attempt(() => KillTarget.fromToken(KillTarget.fromPid(process.pid).token()).isAlive())
  console.log(JSON.stringify({ found, own }))
`

/** Runs the program in namespaces of its own, after a script that changes what it finds there. */
async function seen(t: ExecutionContext, namespaces: string[], script = ':'): Promise<{ found: string; own: unknown }> {
  const { pid } = sleeper(t)
  const target = KillTarget.fromPid(pid)
  t.teardown(() => target.close())
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'id'), 'b2c7f1f4-0f6b-4d1e-9d58-2f0a3f6f5f11\n')
  writeFileSync(join(folder, 'empty'), '')
  const node = [process.execPath, '--no-warnings', '--input-type=module', '--eval', SOURCE, target.token()!]
  const command = ['sh', '-c', `${script} || exit 99; shift; exec "$@"`, 'sh', folder, ...node]
  const result = await json<{ found: string; own: unknown }>(
    start(t, 'unshare', [...namespaces, ...command], { cwd: root }),
  )
  t.true(target.isAlive())
  return result
}

const cover = (file: string) => `mount --bind "$1/${file}" ${BOOT_ID}`

testUnless(noNamespace, 'a token of another boot is of a process that is gone', async (t) => {
  t.deepEqual(await seen(t, ['--mount'], cover('id')), { found: 'gone', own: true })
})

testUnless(noNamespace, 'a token is valid in another mount namespace', async (t) => {
  t.deepEqual(await seen(t, ['--mount']), { found: KillTarget.fromPid(process.pid).method, own: true })
})

for (const [what, script] of Object.entries({
  'is empty': cover('empty'),
  'is a FIFO': `mkfifo "$1/fifo" && ${cover('fifo')}`,
  'is a device': `mount --bind /dev/zero ${BOOT_ID}`,
  'is missing': 'mount -t tmpfs none /proc/sys/kernel/random',
})) {
  testUnless(noNamespace, `a token is not verified if the id of the boot ${what}`, async (t) => {
    const unknown = 'ERR_IDENTITY_UNAVAILABLE'
    t.deepEqual(await seen(t, ['--mount'], script), { found: unknown, own: unknown })
  })
}

testUnless(noNamespace, 'a token of another PID namespace is not verified', async (t) => {
  const expected = { found: 'ERR_IDENTITY_UNAVAILABLE', own: true }
  t.deepEqual(await seen(t, ['--pid', '--fork', '--mount-proc']), expected)
})

testUnless(noTimeNamespace, 'a token of another time namespace is verified by the inode of a pidfd only', async (t) => {
  const found = capabilities().groupSignal ? 'pidfd' : 'ERR_IDENTITY_UNAVAILABLE'
  t.deepEqual(await seen(t, ['--time', '--boottime', '100000', '--fork']), { found, own: true })
})

test('a token names the boot and the namespaces', (t) => {
  const target = KillTarget.fromPid(process.pid)
  t.regex(target.token()!, /^kt1(\.[\da-f]*){11}$/)
  target.close()
})
