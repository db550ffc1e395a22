// Runs the code of docs/recipes.md, and looks at real processes by /proc: by pid and start time.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import assert from 'node:assert/strict'
import { KillTarget } from 'killtarget'

const folder = fileURLToPath(new URL('.', import.meta.url))
const DEADLINE = 90_000
/** Marks all processes that a recipe starts: they inherit it. */
const MARK = 'KILLTARGET_RECIPE'

/** Writes the code of a section of docs/recipes.md to files in a new folder. The first line of each block names its file. */
async function writeRecipe(heading) {
  const text = await readFile(join(folder, '../docs/recipes.md'), 'utf8')
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`))
  assert.ok(section, `docs/recipes.md has no section "${heading}"`)
  const directory = await mkdtemp(join(tmpdir(), 'recipe-'))
  await symlink(join(folder, 'node_modules'), join(directory, 'node_modules'))
  const code = {}
  for (const [block, name] of section.matchAll(/(?<=^```js\n)\/\/ (\S+)\n.*?(?=^```$)/gms)) {
    assert.ok(block.split('\n').length <= 26, `${name} has more than 25 lines`)
    await writeFile(join(directory, name), block)
    code[name] = block
  }
  const json = /(?<=^```json\n).*?(?=^```$)/ms.exec(section)?.[0]
  return { directory, code, json: json && JSON.parse(json) }
}

/** Sets a recipe up for a test. When the test ends, all that it has started is ended, and two bystanders must be alive. */
export async function prepare(t, heading) {
  const recipe = await writeRecipe(heading)
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const mark = randomUUID()
  const env = { ...inherited, [MARK]: mark }
  const bystanders = [false, true].map((detached) => spawn('sleep', ['600'], { detached, stdio: 'ignore' }))
  const others = await Promise.all(bystanders.map(({ pid }) => identify(pid)))
  const seen = []

  t.after(async () => {
    for (const each of [...seen, ...(await marked(mark))]) await end(each)
    const alive = await Promise.all(others.map(isRunning))
    for (const each of bystanders) each.kill('SIGKILL')
    await rm(recipe.directory, { recursive: true, force: true, maxRetries: 5 })
    assert.deepEqual(alive, [true, true], 'a process was ended that has nothing to do with the recipe')
  })

  return {
    ...recipe,
    mark: { [MARK]: mark },
    /** The processes of the recipe that run. */
    running: () => marked(mark),
    /** Runs a file of the recipe, or `node` with other arguments. */
    start: (args, options) => start(process.execPath, args, { cwd: recipe.directory, env, ...options }),
    /** Records processes that do not inherit the mark, so that they are ended in any case. */
    note(processes) {
      seen.push(...processes)
      return processes
    },
  }
}

/** Starts a program. `says(text)` waits for its output, `exit` is its code, or its signal. */
function start(file, args, options) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options })
  const program = { child, output: '', exit: once(child, 'exit').then(([code, signal]) => signal ?? code) }
  program.done = once(child, 'close').then(() => program.output)
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (d) => (program.output += d))
  program.says = (pattern) =>
    until(
      () => {
        const found = program.output.match(pattern)
        if (!found && (child.exitCode ?? child.signalCode) !== null)
          throw new Error(`exited, after:\n${program.output}`)
        return found
      },
      () => `${pattern} in the output:\n${program.output}`,
    )
  return program
}

/** Waits until `get` returns something. */
export async function until(get, what = () => String(get)) {
  const deadline = performance.now() + DEADLINE
  while (performance.now() < deadline) {
    const value = await get()
    if (value) return value
    await delay(20)
  }
  throw new Error(`In vain: ${what()}`)
}

async function stat(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], start: fields[19] }
}

export async function identify(pid) {
  const found = await stat(pid)
  assert.ok(found, `there is no process ${pid}`)
  return { pid: Number(pid), start: found.start }
}

/** Whether the same process runs. A zombie does not. */
export async function isRunning({ pid, start: started }) {
  const found = await stat(pid)
  return found !== null && found.start === started && !'ZX'.includes(found.state)
}

/** Waits until all of these have exited. */
export async function gone(processes) {
  assert.ok(processes.length > 0, 'there was no process')
  const left = async () => (await Promise.all(processes.map(isRunning))).filter(Boolean).length
  await until(
    async () => (await left()) === 0,
    () => `exits of ${JSON.stringify(processes)}`,
  )
}

async function marked(mark) {
  const found = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    const facts = environment.includes(`${MARK}=${mark}`) ? await stat(pid) : null
    if (facts && !'ZX'.includes(facts.state)) found.push({ pid: Number(pid), start: facts.start })
  }
  return found
}

/** Ends one process, if it is still the same. */
async function end(each) {
  const target = KillTarget.fromPid(each.pid)
  if (await isRunning(each)) target.signal('SIGKILL')
  target.close()
}
