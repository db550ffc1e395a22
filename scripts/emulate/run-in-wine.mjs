// node run-in-wine.mjs PROGRAM ARGUMENT...: runs a program for Windows.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// In wine Node can write to a file, but not to a pipe.
const folder = mkdtempSync(join(tmpdir(), 'killtarget-wine-'))
const path = join(folder, 'output')
const file = openSync(path, 'w')
const options = { stdio: ['ignore', file, file], timeout: 900_000, killSignal: 'SIGKILL' }
const { status, error } = spawnSync('wine', process.argv.slice(2), options)
closeSync(file)
// wine leaves programs of this prefix running in the background.
spawnSync('wineserver', ['--kill'], { stdio: 'ignore' })
process.stdout.write(readFileSync(path))
rmSync(folder, { recursive: true })
if (error) console.error(`wine: ${error.message}`)
process.exitCode = status ?? 1
