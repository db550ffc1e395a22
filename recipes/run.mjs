// npm run recipes: runs each recipe of docs/recipes.md against the real programs. `npm run recipes -- bullmq` runs one file.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const modified = (file) => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
const has = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0

if (process.platform !== 'linux') fail('The recipes are tested on Linux: they are looked at by /proc.')
if (!existsSync(join(folder, '../index.js'))) fail('killtarget is not built yet: npm run build')
if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  // `npm ci` refuses the lock file, as an optional package of vite is in no registry that was asked. This takes what is locked, too.
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', process.stderr.fd, 'inherit'] })
  if (status !== 0) fail('npm install failed.')
}
link()
const missing = [!has('redis-server') && 'redis-server', !has('chromium') && 'chromium'].filter(Boolean)
if (missing.length > 0) {
  const { aptInstall } = await import('../scripts/apt.mjs')
  await aptInstall(missing)
}

const wanted = process.argv.slice(2)
const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs'))
const chosen = files.filter((name) => wanted.length === 0 || wanted.includes(name.replace('.test.mjs', '')))
if (chosen.length === 0) fail(`There is no such file. There are: ${files.join(', ')}`)

// By it, nothing outlives this program, however it ends.
const { spawn } = await import('killtarget')
const redis = await startRedis()
const args = ['--test', '--test-reporter=spec', '--test-concurrency=2', ...chosen.map((name) => join(folder, name))]
const tests = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, REDIS_URL: redis.url } })
const [code] = await once(tests, 'exit')
await redis.stop()
process.exitCode = code ?? 1

/** Makes `import 'killtarget'` find this package. */
function link() {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  const file = join(folder, 'node_modules/killtarget')
  if (!existsSync(file)) symlinkSync('../..', file)
}

async function startRedis() {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'recipes-redis-'))
  const settings = ['--port', port, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', settings.map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
  server.on('error', (error) => fail(error.message))
  for await (const line of server.stdout.setEncoding('utf8')) if (line.includes('Ready to accept')) break
  const exit = once(server, 'exit')
  const stop = async () => {
    server.kill()
    await exit
    rmSync(directory, { recursive: true, force: true })
  }
  return { url: `redis://127.0.0.1:${port}`, stop }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
