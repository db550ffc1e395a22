import assert from 'node:assert/strict'
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { gone, isRunning, identify, prepare, until } from './helpers.mjs'

const heading = 'End processes when the host crashes'

for (const end of ['SIGKILL', 'SIGTERM', 'SIGSEGV']) {
  test(`host: ${end} to the host ends all that it has started`, async (t) => {
    const { running, start } = await prepare(t, heading)
    const program = start(['host.mjs'])
    await program.says(/ready/)
    const processes = await until(async () => {
      const found = await running()
      const names = await Promise.all(found.map(({ pid }) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')))
      return names.filter((name) => name === 'sleep\n').length === 4 && found
    })
    program.child.kill(end)
    assert.equal(await program.exit, end)
    await gone(processes)
    await until(async () => (await running()).length === 0)
  })
}

test('host: a child exits after its parent, which got SIGKILL', async (t) => {
  const { directory, start } = await prepare(t, heading)
  const parent = `
    import { spawn } from 'node:child_process'
    const child = spawn(process.execPath, ['child.mjs'], { stdio: 'ignore' })
    console.log('pid', child.pid, '.')`
  await writeFile(join(directory, 'parent.mjs'), parent)
  const program = start(['parent.mjs'])
  const [, pid] = await program.says(/pid (\d+) \./)
  const child = await identify(pid)
  await until(async () => (await isListening(pid)) === true)
  program.child.kill('SIGKILL')
  assert.equal(await program.exit, 'SIGKILL')
  await gone([child])
  assert.equal(await isRunning(child), false)
})

/** Whether a process has a socket that listens: it has then come to the end of its start. */
async function isListening(pid) {
  const table = await readFile(`/proc/${pid}/net/tcp`, 'utf8')
  const sockets = new Set(
    table
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => `socket:[${fields[9]}]`),
  )
  const open = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return links.some((link) => sockets.has(link))
}
