import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { killtarget, runs } from '../helpers/run-cli.ts'
import { testUnless } from '../helpers/test-unless.ts'

const fixture = fileURLToPath(new URL('../fixtures/completion.py', import.meta.url))

const missing = (program: string) =>
  spawnSync(program, ['--version']).status === 0 ? undefined : `there is no ${program} here`

/** What is typed before the Tab, and the arguments that the shell makes of that: an X is typed after it. */
const LINES: [typed: string, completed: string[]][] = [
  ['tre', ['tree', 'X']],
  ['--gr', ['--grace', 'X']],
  ['--scope gr', ['--scope', 'group', 'X']],
  ['--signal=US', ['--signal=USRX']],
  ['wait --cou', ['wait', '--count', 'X']],
  ['run --iso', ['run', '--isolation=X']],
  ['run --sess', ['run', '--session', 'X']],
  ['run --leftovers=ke', ['run', '--leftovers=keep', 'X']],
  ['run --kill-signal=HU', ['run', '--kill-signal=HUP', 'X']],
  // A value that is not known. There is one file, and this has one pid.
  ['--grace ', ['--grace', 'X']],
  ['-t ', ['-t', 'X']],
  ['run --timeout=', ['run', '--timeout=X']],
  ['run --grace 5s --sess', ['run', '--grace', '5s', '--session', 'X']],
  // The options are of the command.
  ['run ./program --iso', ['run', './program', '--isoX']],
  [
    'run --leftovers=keep -t 5s -- ./program --iso',
    ['run', '--leftovers=keep', '-t', '5s', '--', './program', '--isoX'],
  ],
]

/** Writes the script for a shell beside nothing else. */
async function scriptFor(t: ExecutionContext, shell: string): Promise<[folder: string, script: string]> {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const script = join(folder, 'completion')
  const { stdout, code } = await killtarget(t, 'completion', shell)
  t.is(code, 0)
  writeFileSync(script, stdout)
  return [folder, script]
}

for (const shell of ['bash', 'zsh']) {
  testUnless(missing(shell) ?? missing('python3'), `${shell} completes commands, options and values`, async (t) => {
    const [folder, script] = await scriptFor(t, shell)
    const typed = LINES.map(([line]) => `killtarget ${line}`)
    const python = ['python3', fixture, shell, script, ...typed]
    const { stdout } = await runs(t, ['sh', '-c', 'cd "$0" && "$@"', folder, ...python])
    t.deepEqual(
      JSON.parse(stdout),
      LINES.map(([, completed]) => completed),
    )
  })
}

testUnless(missing('bash'), 'bash completes pids', async (t) => {
  const [, script] = await scriptFor(t, 'bash')
  const complete = `. "$0"; COMP_WORDS=(killtarget wait "$1"); COMP_CWORD=2; _killtarget; echo "\${COMPREPLY[@]}"`
  const pid = String(process.pid)
  const { stdout } = await runs(t, ['bash', '-c', complete, script, pid])
  t.true(stdout.trim().split(' ').includes(pid), stdout)
})

testUnless(missing('fish'), 'fish completes commands, options and values', async (t) => {
  const [, script] = await scriptFor(t, 'fish')
  const candidates = async (line: string) => {
    const { stdout } = await runs(t, [
      'fish',
      '-c',
      'source $argv[1]; complete -C $argv[2]',
      script,
      `killtarget ${line}`,
    ])
    return stdout.split('\n').map((each) => each.split('\t')[0])
  }
  t.true((await candidates('tr')).includes('tree'))
  t.true((await candidates('--scope ')).includes('group'))
  t.true((await candidates('run --leftovers=')).includes('--leftovers=keep'))
  t.true((await candidates('run ec')).includes('echo'))
  t.true((await candidates('run --grace 5s ec')).includes('echo'))
  t.true((await candidates('run --grace 5s --iso')).includes('--isolation'))
  t.deepEqual(await candidates('run ./program --iso'), [''])
  t.deepEqual(await candidates('run -t '), [''])
  t.deepEqual(await candidates('--grace '), [''])
})

test('there is no completion script for another shell', async (t) => {
  t.is((await killtarget(t, 'completion', 'tcsh')).code, 2)
})
