import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { KillError, Termination } from 'killtarget'
import { compiled, noCompiler } from './compile.ts'
import { NOBODY } from './controlled-group.ts'
import { json, program } from './processes.ts'
import { notRoot } from './test-unless.ts'

/** Why no processes of other users can be started. */
export const noUsers = noCompiler || notRoot

/** Terminates a tree as an unprivileged user. Resolves to the report or the error. */
export async function terminatedByUnprivileged(
  t: ExecutionContext,
  pid: number,
  grace = 60_000,
): Promise<Termination & Partial<KillError>> {
  const source = `
    import { terminate } from 'killtarget'
    process.setuid(${NOBODY})
    const [pid, grace] = process.argv.slice(1).map(Number)
    console.log(JSON.stringify(await terminate(pid, { grace, killTimeout: 60_000 }).catch((error) => error)))
  `
  return json(program(t, source, [pid, grace]))
}

/** Returns the survivors of a report. */
export const named = ({ survivors }: Termination) => survivors.map(({ pid, name, reason }) => [pid, name, reason])

/** Makes a set-uid program of root: `tree.c`. */
export function setUidTree(): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  const path = join(folder, 'tree')
  copyFileSync(compiled('tree'), path)
  chmodSync(folder, 0o755)
  chmodSync(path, 0o4755)
  return { path, remove: () => rmSync(folder, { recursive: true }) }
}

/** Why a set-uid program has no effect here: a mount option, or a process that may not gain rights. */
export function noSetUid(): string | undefined {
  const { path, remove } = setUidTree()
  const { status } = spawnSync(path, ['zr:root'], { uid: NOBODY, stdio: 'ignore' })
  remove()
  return status === 0 ? undefined : 'a set-uid program has no effect here'
}
