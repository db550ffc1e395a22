import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noGuard } from '../helpers/guard.ts'
import { json, program } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const FILES = [
  'main.js',
  'package.json',
  'killtarget-guard',
  ...readdirSync(root).filter((file) => file.endsWith('.node')),
]

/** Changes the guard's file after a start, and terminates what was started: main.js WAY VALUE. */
const SOURCE = `
  import { copyFileSync, renameSync, rmSync } from 'node:fs'
  import { once } from 'node:events'
  import { createRequire } from 'node:module'
  const [folder, way, value] = process.argv.slice(1)
  const { spawn, terminate } = createRequire(import.meta.url)(folder + '/main.js')
  const guard = folder + '/killtarget-guard'
  const child = spawn('sh', ['-c', 'setsid -f sleep 600; echo ready; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  if (way === 'removed') rmSync(guard)
  else {
    copyFileSync(guard, guard + '.new')
    renameSync(guard + '.new', guard)
  }
  const { outcome, proof, ended } = await terminate(value === 'target' ? child.target : child.pid, { grace: 0 })
  console.log(JSON.stringify({ outcome, proof, ended }))
`

for (const way of ['replaced', 'removed']) {
  for (const value of ['target', 'pid']) {
    testUnless(noGuard, `a ${value} is known to be a guard after the guard's file was ${way}`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'killtarget-replaced-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      for (const file of FILES) copyFileSync(join(root, file), join(folder, file))
      const report = await json(program(t, SOURCE, [folder, way, value]))
      t.deepEqual(report, { outcome: 'killed', proof: 'reaper', ended: 2 })
    })
  }
}
