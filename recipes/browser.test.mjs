import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { gone, identify, prepare } from './helpers.mjs'

const skip = existsSync('/usr/bin/chromium') ? false : 'there is no /usr/bin/chromium'

/** Runs the recipe to the point at which its page is open, and returns the pids of the browser's processes. */
async function open(t, rest) {
  const recipe = await prepare(t, 'End a browser')
  const file = join(recipe.directory, 'browser.mjs')
  const code = await readFile(file, 'utf8')
  const report = `
    const { descendants } = await import('killtarget')
    console.log('pids', descendants(server.process(), { self: true }).map(({ pid }) => pid).join(' '), '.')\n${rest}`
  const changed = code.replace(/(?<=page\.title\(\).*\n)/, report)
  assert.notEqual(changed, code)
  await writeFile(file, changed)
  const program = recipe.start(['browser.mjs'])
  const [, pids] = await program.says(/pids ([\d ]+) \./)
  const processes = await Promise.all(pids.split(' ').map((pid) => identify(pid).catch(() => null)))
  const alive = processes.filter(Boolean)
  assert.ok(alive.length >= 4, `few processes: ${pids}`)
  return { program, alive, recipe }
}

test('browser: it is ended with all its processes', { skip }, async (t) => {
  const { program, alive } = await open(
    t,
    `process.stdin.resume(); await new Promise((done) => process.stdin.once('end', done))`,
  )
  program.child.stdin.end()
  assert.equal(await program.exit, 0)
  const output = await program.done
  assert.match(output, /^hello\n/)
  assert.match(output, /\n\[\]\n$/)
  await gone(alive)
})

test('browser: it is ended when the host gets SIGKILL', { skip }, async (t) => {
  const { program, alive, recipe } = await open(t, 'await new Promise((done) => setTimeout(done, 600_000))')
  recipe.note(alive)
  program.child.kill('SIGKILL')
  assert.equal(await program.exit, 'SIGKILL')
  await gone(alive)
})
