import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { programs } from '../../../scripts/packages/tools.mjs'
import { findRuntimes } from '../../../scripts/runtimes.mjs'
import { finishes, type Program, TRIALS, ways, writeScript } from '../../helpers/clean-up.ts'

// npm is among the programs of `terminate/clean-up.spec.ts`.

const node = process.execPath
const manager =
  (...command: string[]): Program =>
  (file) =>
    ['env', '--chdir', writeScript(file), ...command, 'start'] as ReturnType<Program>

const managers: Readonly<Record<string, Program>> = {
  'pnpm 9': manager(node, programs.pnpm9, '--silent'),
  'pnpm 10': manager(node, programs.pnpm10, '--silent'),
  'pnpm 12': manager(findRuntimes()['node-24'].path!, programs.pnpm12, '--silent'),
  'yarn 1': manager(node, programs.yarn, '--silent'),
  'yarn 4': (file) => {
    // It runs no script of a project that was not installed.
    const cwd = writeScript(file)
    writeFileSync(join(cwd, 'yarn.lock'), '')
    // On a CI service it writes no lockfile otherwise.
    const env = { ...process.env, YARN_ENABLE_TELEMETRY: '0', YARN_ENABLE_IMMUTABLE_INSTALLS: '0' }
    execFileSync(node, [programs.berry, 'install'], { cwd, env })
    return ['env', '--chdir', cwd, node, programs.berry, 'start']
  },
}

for (const [name, program] of Object.entries(managers)) {
  test(`each way to terminate lets a script under ${name} finish its clean-up`, async (t) => {
    t.timeout(180_000 * TRIALS)
    for (const [way, end] of Object.entries(ways)) await finishes(t, way, program, end)
  })
}
