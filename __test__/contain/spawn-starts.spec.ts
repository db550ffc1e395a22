import { type ChildProcess, spawn as nodeSpawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { spawn, terminate } from 'killtarget'
import { commandOf, noGuard } from '../helpers/guard.ts'
import { observed, type Start } from '../helpers/observed.ts'
import { ended, hasExited, line, program, start, stat, testEnv, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const ours = spawn as unknown as Start

const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)

function makeScript(name: string, text: string): string {
  writeFileSync(at(name), text)
  chmodSync(at(name), 0o755)
  return at(name)
}

writeFileSync(at('text'), 'x')
makeScript('script', '#!/bin/sh\necho $0 "$@"\n')
mkdirSync(at('folders/name'), { recursive: true })
symlinkSync('loop', at('loop'))
symlinkSync('/no/such/file', at('dangling'))
symlinkSync('/bin/sh', at('shé'))
makeScript('name', '#!/bin/sh\necho name "$@"\n')
mkdirSync(at('real/sub'), { recursive: true })
symlinkSync('real/sub', at('link'))
makeScript('real/tool', '#!/bin/sh\necho tool\n')
makeScript('interpreter-0', '#!/bin/sh\n')
for (let depth = 1; depth < 7; depth++) {
  makeScript(`interpreter-${depth}`, `#!${at(`interpreter-${depth - 1}`)}\n`)
}

/** A program that is found by a search path only. */
const LOCAL =
  readdirSync('/usr/local/bin').find((name) => !name.includes('.') && !existsSync(join('/usr/bin', name))) ??
  'no-such-program'

type Given = [file: string, args?: string[], options?: SpawnOptions, use?: (child: ChildProcess) => unknown]

const search = (...folders: string[]): SpawnOptions => ({ env: { PATH: folders.join(':') } })

function aborting(
  file: string,
  use: (child: ChildProcess, abort: AbortController) => void,
  more?: SpawnOptions,
): Given {
  const abort = new AbortController()
  return [file, file === 'sleep' ? ['60'] : [], { signal: abort.signal, ...more }, (child) => use(child, abort)]
}

/** What is started, in ways that Node and a guard treat alike. */
const STARTS: Record<string, () => Given> = {
  'an exit code': () => ['sh', ['-c', 'echo out; echo err >&2; exit 7']],
  'a signal': () => ['sh', ['-c', 'kill -9 $$']],
  'a script by its path': () => [at('script'), ['a b', '']],
  'a name that is not found': () => ['no-such-program', ['x']],
  'a path that is not found': () => ['./no/such/program'],
  'a file that is not executable': () => [at('text')],
  'a folder': () => [folder],
  'a script without its interpreter': () => [makeScript('orphan', '#!/no/such/shell\n')],
  'a working directory': () => ['pwd', [], { cwd: folder }],
  'a working directory as a URL': () => ['pwd', [], { cwd: pathToFileURL(folder) }],
  'a working directory that is not found': () => ['true', [], { cwd: '/no/such/folder' }],
  'a path from the working directory': () => ['./script', [], { cwd: folder }],
  'an environment': () => ['env', [], { env: { A: 'b c', PATH: process.env['PATH'] } }],
  'another search path': () => ['script', [], search('/none', folder)],
  'a search path without the program': () => ['env', [], search('/none')],
  'another name': () => ['sh', ['-c', 'echo $0'], { argv0: 'name' }],
  'a shell': () => ['echo $0 $1; exit 3 #', ['a', 'b'], { shell: true }],
  'a shell by its path': () => ['echo "$BASH"', [], { shell: '/bin/bash' }],
  'streams that are left out': () => ['echo', ['x'], { stdio: ['ignore', 'pipe', 'ignore'] }],
  'another user': () => ['id', ['-u'], { uid: 65_534, gid: 65_534 }],
  'a time limit': () => ['sleep', ['600'], { timeout: 100 }],
  'a time limit with SIGKILL': () => ['sleep', ['600'], { timeout: 100, killSignal: 'SIGKILL' }],
  'a time limit that is not reached': () => ['true', [], { timeout: 60_000 }],
  'an abort': () => ['sleep', ['600'], { signal: AbortSignal.timeout(100) }],
  'a signal that is aborted': () => ['sleep', ['600'], { signal: AbortSignal.abort(new Error('x')) }],
  'a signal that is never aborted': () => ['true', [], { signal: new AbortController().signal }],
  'a path below a file': () => ['/etc/passwd/name'],
  'a path that is a loop of links': () => [at('loop')],
  'a link to nothing': () => [at('dangling')],
  'a name that is too long': () => ['x'.repeat(300)],
  'a script without a first line for it': () => [makeScript('no-line', 'echo "$0" "$@"\n'), ['a b']],
  'an empty file': () => [makeScript('empty', '')],
  'a file for another machine': () => [makeScript('binary', '\u007fELF\u0001\u0002\u0003')],
  'a script with lines of Windows': () => [makeScript('windows', '#!/bin/sh\r\necho\r\n')],
  'a script with a relative interpreter that is missing': () => [makeScript('relative', '#!sh\n')],
  'a script with a relative interpreter': () => [makeScript('in-folder', '#!./name -x\n'), ['y'], { cwd: folder }],
  'a script with an interpreter whose name is not ASCII': () => [makeScript('accent', `#!${at('shé')}\necho x\n`)],
  'a script with a folder as its interpreter': () => [makeScript('folder', '#!/tmp\n')],
  'a script with an argument for its interpreter': () => [makeScript('argument', '#! \t/bin/sh  -e\necho "$-"\n')],
  'a script that is its own interpreter': () => [makeScript('itself', `#!${at('itself')}\n`)],
  'a script with five interpreters': () => [at('interpreter-4')],
  'a script with six interpreters': () => [at('interpreter-5')],
  'a script with seven interpreters': () => [at('interpreter-6')],
  'a script with an interpreter whose name is too long': () => [makeScript('long', `#!/${'x'.repeat(300)}\n`)],
  'a search path with a folder of that name': () => ['name', ['z'], search(at('folders'), folder)],
  'a search path with nothing but a folder of that name': () => ['name', [], search(at('folders'))],
  'a search path with a file': () => ['name', [], search('/etc/passwd', folder)],
  'a search path that ends with a file': () => ['name', [], search('/none', '/etc/passwd')],
  'a search path with a loop': () => ['loop', [], search('/none', folder)],
  'an empty search path': () => ['name', [], { ...search(''), cwd: folder }],
  'an empty element of the search path': () => ['name', [], { ...search('/none', '', '/none'), cwd: folder }],
  'a relative search path': () => ['name', [], { ...search('folders', '.'), cwd: folder }],
  'an environment without a search path': () => ['sh', ['-c', 'exit 3'], { env: {} }],
  'an environment without the search path of a program': () => [LOCAL, ['--version'], { env: {} }],
  'no environment': () => ['sh', ['-c', 'echo ${PATH:+set}'], { env: null as unknown as NodeJS.ProcessEnv }],
  'a path out of a working directory that is a link': () => ['../tool', [], { cwd: at('link') }],
  'a path through a link and out of it': () => [`${at('link')}/../tool`],
  'a path through a link and out of it, to nothing': () => [`${at('link')}/../script`],
  'a search path through a link and out of it': () => ['tool', [], search(`${at('link')}/..`)],
  'an interpreter out of a working directory that is a link': () => {
    return [makeScript('out', '#!../tool\n'), [], { cwd: at('link') }]
  },
  'a file with a slash behind it': () => ['/bin/sh/'],
  'a path below a file and out of it': () => ['/etc/passwd/../../bin/sh'],
  'a search path with a folder that is too long': () => ['script', [], search(`/${'x/'.repeat(3000)}`, folder)],
  'a working directory that is a file': () => ['true', [], { cwd: '/etc/passwd' }],
  'a working directory below a file': () => ['no-such-program', [], { cwd: '/etc/passwd/name' }],
  'a working directory that is a loop of links': () => ['true', [], { cwd: at('loop') }],
  'an argument that is too long': () => ['true', ['x'.repeat(200_000)]],
  'files and extra descriptors': () => {
    const stdio: SpawnOptions['stdio'] = ['ignore', openSync(at('output'), 'a'), 'pipe', 'pipe', 'ignore', 'pipe']
    return ['sh', ['-c', 'echo 1; echo 2 >&2; echo 3 >&3; cat <&5'], { stdio }, (child) => void endInput(child, 5)]
  },
  'no streams': () => ['sh', ['-c', 'exit 4'], { stdio: 'ignore' }],
  'the streams of this process': () => ['sh', ['-c', 'exit 4'], { stdio: 'inherit' }],
  'a group of its own': () => ['sh', ['-c', 'echo x; exit 3'], { detached: true }],
  'an IPC channel that the command closes': () => {
    const source = "process.once('message', (value) => { console.log([...value]); process.disconnect() })"
    const stdio: SpawnOptions['stdio'] = ['ignore', 'pipe', 'inherit', 'ipc']
    return [process.execPath, ['-e', source], { stdio, serialization: 'advanced' }, sendMap]
  },
  'a signal by child.kill': () => ['sleep', ['600'], {}, (child) => child.kill()],
  'a signal by its number': () => ['sleep', ['600'], {}, (child) => child.kill(9)],
  'a probe': () => ['cat', [], {}, probeAndEnd],
  'a polite signal by its number': () => ['sleep', ['600'], { timeout: 50, killSignal: 2 }],
  'a polite signal by its name': () => ['sleep', ['600'], { timeout: 50, killSignal: 'SIGHUP' }],
  'no polite signal': () => ['true', [], { killSignal: null as unknown as undefined }],
  'no time limit': () => ['true', [], { timeout: null as unknown as undefined }],
  'a time limit of 0': () => ['true', [], { timeout: 0 }],
  'an abort at once': () => aborting('sleep', (_, abort) => abort.abort(new Error('x'))),
  'an abort after the start': () => aborting('sleep', (child, abort) => child.once('spawn', () => abort.abort())),
  'an abort with another signal': () => aborting('sleep', (_, abort) => abort.abort(), { killSignal: 'SIGINT' }),
  'an abort after the exit': () => aborting('true', (child, abort) => child.once('exit', () => abort.abort())),
  'an abort after a failed start': () =>
    aborting('no-such-program', (child, abort) => child.once('error', () => abort.abort())),
  'options that do not exist': () => ['true', [], { foo: 1, encoding: 'utf8', windowsHide: true } as SpawnOptions],
  'no shell': () => ['echo', ['$HOME'], { shell: '' }],
  'a shell that is not found': () => ['echo x', [], { shell: '/no/such/shell' }],
  'an empty name': () => ['sh', ['-c', 'exit 5'], { argv0: '' }],
  'no name': () => ['sh', ['-c', 'echo $0'], { argv0: null as unknown as undefined }],
  'input that is ended': () => ['cat', [], {}, (child) => void child.stdin?.end('abc')],
  'streams that the command closes': () => ['sh', ['-c', 'exec >&- 2>&-; exit 6']],
  'a stream that does not exist': () => ['true', [], { stdio: 'none' as 'ignore' }],
  'a working directory of a wrong type': () => ['true', [], { cwd: 5 as unknown as string }],
  'a user of a wrong type': () => ['true', [], { uid: 'x' as unknown as number }],
}

function endInput(child: ChildProcess, descriptor: number): void {
  const stream = child.stdio[descriptor as 3]
  if (stream && 'end' in stream) stream.end('5\n')
}

function probeAndEnd(child: ChildProcess): boolean {
  const isAlive = child.kill(0)
  child.stdin?.end()
  return isAlive
}

function sendMap(child: ChildProcess): void {
  child.send(new Map([[1, 2]]) as unknown as object)
}

const notRoot = process.getuid?.() === 0 ? undefined : 'only root can'

for (const [title, given] of Object.entries(STARTS)) {
  testUnless(
    noGuard ?? (title === 'another user' ? notRoot : undefined),
    `spawn does what Node's spawn does: ${title}`,
    async (t) => {
      const run = (begin: Start) => {
        const [file, args = [], options = {}, use] = given()
        return observed(begin, file, args, options, use)
      }
      const expected = await run(nodeSpawn)
      t.deepEqual(await run(ours), expected)
    },
  )
}

testUnless(noGuard, 'what leftovers leaves is no longer contained, and the exit does not wait for it', async (t) => {
  const child = spawn('sh', ['-c', 'setsid -f sh -c "echo \\$\\$; exec sleep 600"; read _; exit 5'], {
    leftovers: 'leave',
    env: testEnv(t),
  })
  const daemon = Number(String(((await once(child.stdout, 'data')) as [Buffer])[0]))
  child.stdin.end()
  t.is((await ended(child)).code, 5)
  t.not(stat(daemon), undefined)
  t.is((await terminate(daemon)).outcome, 'exited')
  await until(() => hasExited(daemon))
})

testUnless(noGuard, 'the command is signalled by its own pid', async (t) => {
  const child = spawn('sh', ['-c', 'trap "exit 4" USR1; echo ready; while :; do sleep 0.02; done'], { env: testEnv(t) })
  await once(child.stdout, 'data')
  t.is(child.commandPid, commandOf(child.pid!))
  process.kill(child.commandPid!, 'SIGUSR1')
  t.deepEqual(await ended(child), { code: 4, signal: null })
})

testUnless(noGuard, 'a child does not keep this process running after unref, and ends with it', async (t) => {
  const host = program(
    t,
    `import { spawn } from 'killtarget'
    const child = spawn('sh', ['-c', 'setsid -f sh -c "echo $$; exec sleep 600"; sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.once('data', (pid) => {
      console.log(String(pid).trim())
      child.stdout.destroy()
      child.unref()
    })`,
  )
  const daemon = Number(await line(host))
  t.is((await ended(host)).code, 0)
  await until(() => hasExited(daemon))
})

testUnless(noGuard, 'a child that was not started takes no signal', async (t) => {
  const host = program(
    t,
    `import { spawn } from 'killtarget'
    const taken = []
    for (let tries = 0; tries < 50; tries++) {
      const child = spawn('no-such-program').on('error', () => {})
      // Node's own child would signal the group of this process in some of these.
      taken.push(child.kill(0), child.kill('SIGTERM'), child.killed)
      await new Promise((resolve) => child.once('close', resolve))
    }
    console.log(taken.filter(Boolean).length)`,
    [],
    { detached: true },
  )
  t.is(await line(host), '0')
  t.deepEqual(await ended(host), { code: 0, signal: null })
})

testUnless(
  noGuard,
  'a command whose leftovers are kept begins although the worker that has started it ends at once',
  async (t) => {
    const fixture = fileURLToPath(new URL('../fixtures/keep-in-worker.mjs', import.meta.url))
    t.is(await line(start(t, process.execPath, [fixture])), 'begun')
  },
)

/** Starts programs by relative paths, and writes what each `spawn` has come to. */
const RELATIVE = `
  const { spawn: plain } = require('node:child_process')
  const { rmdirSync } = require('node:fs')
  const [root, gone] = process.argv.slice(1)
  const { spawn } = require(root)
  if (gone !== undefined) {
    process.chdir(gone)
    rmdirSync(gone)
  }
  const run = async () => {
    for (const start of [plain, spawn]) {
      for (const [file, PATH] of [['./tool', '/bin'], ['tool', ''], ['no-tool', '.']]) {
        const child = start(file, [], { env: { PATH }, stdio: 'ignore' })
        console.log(await new Promise((resolve) => {
          child.on('error', ({ code }) => resolve(code)).on('exit', resolve)
        }))
      }
    }
  }
  run()
`

for (const [what, { script, gone }] of Object.entries({
  'whose name is no text': { script: `d="$(printf 'f\\377')" && mkdir "$d" && cp real/tool "$d" && cd "$d"`, gone: [] },
  'that was deleted': { script: 'mkdir gone', gone: [at('gone')] },
})) {
  testUnless(noGuard, `spawn starts the same as Node's in a folder ${what}`, async (t) => {
    const node = [process.execPath, '-e', RELATIVE, '--', fileURLToPath(new URL('../../', import.meta.url)), ...gone]
    const child = start(t, 'sh', ['-c', `${script} && exec "$@"`, 'sh', ...node], { cwd: folder })
    const lines: string[] = []
    for (let number = 0; number < 6; number++) lines.push(await line(child))
    t.deepEqual(lines.slice(3), lines.slice(0, 3))
    t.is(lines[2], 'ENOENT')
  })
}
