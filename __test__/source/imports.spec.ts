import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The layers of the TypeScript API, the lowest first. A file imports only from layers below its own. */
const LAYERS = [
  // Plain TypeScript: needs neither the binding nor another file.
  [
    'lib/available-isolations.ts',
    'lib/errors.ts',
    'lib/command-line.ts',
    'lib/bundled.ts',
    'lib/load-error.ts',
    'lib/printable.ts',
    'lib/scope.ts',
    'lib/shared.ts',
    'lib/similar-names.ts',
    'lib/timer.ts',
    'lib/turn.ts',
    'lib/windows-start-error.ts',
  ],
  ['lib/arguments.ts', 'lib/native.ts'],
  // Checks that need no binding.
  ['lib/abort.ts', 'lib/isolation.ts', 'lib/open-options.ts', 'lib/start-error.ts', 'lib/start-failing.ts'],
  // What the binding takes and returns.
  ['lib/exit-hook.ts', 'lib/handle.ts', 'lib/process-info.ts', 'lib/signal.ts', 'lib/spawned.ts'],
  [
    'lib/child.ts',
    'lib/exit-status.ts',
    'lib/contain-options.ts',
    'lib/finalizer.ts',
    'lib/finisher.ts',
    'lib/format-tree.ts',
    'lib/guard-program.ts',
    'lib/host-token.ts',
    'lib/listeners.ts',
    'lib/method.ts',
    'lib/poll-exits.ts',
    'lib/token.ts',
  ],
  [
    'lib/contained.ts',
    'lib/hosts.ts',
    'lib/host-watch.ts',
    'lib/isolation-capabilities.ts',
    'lib/kept-guard.ts',
    'lib/pending.ts',
    'lib/process-identity.ts',
  ],
  ['lib/capabilities.ts'],
  ['lib/child-exit-status.ts', 'lib/drain.ts', 'lib/opened.ts', 'lib/signal-tree.ts', 'lib/termination.ts'],
  ['lib/target-like.ts', 'lib/wait.ts'],
  ['lib/leftovers.ts', 'lib/parent-watch.ts'],
  ['lib/terminate-options.ts'],
  ['lib/progress.ts'],
  ['lib/run-termination.ts'],
  // Functions that open a process, act on it and close it.
  [
    'lib/descendants.ts',
    'lib/exited.ts',
    'lib/kill-on-abort.ts',
    'lib/kill-on-exit.ts',
    'lib/on-parent-exit.ts',
    'lib/suspend.ts',
    'lib/terminate.ts',
    'lib/wait-or-kill.ts',
  ],
  // The same as methods.
  ['lib/target.ts', 'lib/terminate-later.ts'],
  ['lib/spawn.ts'],
  // What users import.
  ['index.ts', 'tree-kill.ts'],
  // The command line.
  [
    'lib/cli/command-error.ts',
    'lib/cli/commands.ts',
    'lib/cli/exit-code.ts',
    'lib/cli/help.ts',
    'lib/cli/inherited.ts',
    'lib/cli/output.ts',
    'lib/cli/replace.ts',
    'lib/cli/run-options.ts',
  ],
  ['lib/cli/usage.ts'],
  [
    'lib/cli/become.ts',
    'lib/cli/command-line.ts',
    'lib/cli/demo.ts',
    'lib/cli/duration.ts',
    'lib/cli/guard.ts',
    'lib/cli/hosts.ts',
    'lib/cli/progress.ts',
    'lib/cli/reporter.ts',
    'lib/cli/signal.ts',
  ],
  ['lib/cli/completion.ts', 'lib/cli/targets.ts'],
  ['lib/cli/kill.ts', 'lib/cli/run.ts', 'lib/cli/tree.ts', 'lib/cli/wait.ts'],
  ['lib/cli.ts'],
]

/** The TypeScript sources of a folder, by their paths from the root. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .toSorted()
}

/** The files that a file imports by a relative path: by `import`, `export ... from`, `import()` and `require()`. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const specifiers = text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'(\.[^']*)'/g)
  return Array.from(specifiers, ([, specifier]) => posix.join(posix.dirname(file), specifier!.replace(/\.js$/, '.ts')))
}

/** The graph of the imports between these files. */
function graphOf(files: readonly string[]): Map<string, string[]> {
  return new Map(files.map((file) => [file, importsOf(file).filter((imported) => files.includes(imported))]))
}

/** Returns a circle of imports as its files in order, the first one again at the end. Returns `null` if there is none. */
function findCircle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    path.push(file)
    for (const imported of graph.get(file)!) {
      const circle = visit(imported)
      if (circle !== null) return circle
    }
    path.pop()
    done.add(file)
    return null
  }
  for (const file of graph.keys()) {
    const circle = visit(file)
    if (circle !== null) return circle
  }
  return null
}

const api = ['index.ts', 'tree-kill.ts', ...sources('lib')]

test('the table of layers lists each file of the API once', (t) => {
  t.deepEqual(LAYERS.flat().toSorted(), api.toSorted())
})

test('a file of the API imports only from the layers below its own', (t) => {
  const layerOf = (file: string) => LAYERS.findIndex((files) => files.includes(file))
  const upward = Array.from(graphOf(api), ([file, imports]) =>
    imports.filter((imported) => layerOf(imported) >= layerOf(file)).map((imported) => `${file} imports ${imported}`),
  )
  t.deepEqual(upward.flat(), [])
})

for (const folder of ['lib', 'benchmark', 'demo', '__test__/helpers']) {
  test(`${folder} has no circle of imports`, (t) => {
    t.is(findCircle(graphOf(sources(folder))), null)
  })
}

test('a circle of imports is found', (t) => {
  const graph = new Map([
    ['top.ts', ['a.ts', 'leaf.ts']],
    ['a.ts', ['leaf.ts', 'b.ts']],
    ['b.ts', ['a.ts']],
    ['leaf.ts', []],
  ])
  t.deepEqual(findCircle(graph), ['a.ts', 'b.ts', 'a.ts'])
})

test('index.ts only exports', (t) => {
  const statements = readFileSync(join(root, 'index.ts'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('//'))
  t.deepEqual(
    statements.filter((line) => !/^export \{ .* \} from '\.\/lib\/[a-z-]+\.js'$/.test(line)),
    [],
  )
})
