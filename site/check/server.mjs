// Serves the built site as GitHub Pages does: below a path, and `/api` is the file `api.html`.
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const DIST = fileURLToPath(new URL('../.vitepress/dist/', import.meta.url))
const BASE = '/killtarget/'
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

export async function serve() {
  if (!existsSync(join(DIST, 'index.html'))) throw new Error('The site is not built yet: npm --prefix site run build')
  const server = createServer(({ url }, response) => {
    const file = fileOf(new URL(url, 'http://localhost').pathname)
    const name = file ?? join(DIST, '404.html')
    response.writeHead(file ? 200 : 404, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' })
    response.end(readFileSync(name))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { origin: `http://127.0.0.1:${server.address().port}`, base: BASE, pages: pages(), close }
}

function fileOf(path) {
  if (!path.startsWith(BASE)) return null
  const name = join(DIST, path.slice(BASE.length))
  const found = [name, `${name}.html`, join(name, 'index.html')].find((file) => isFile(file))
  return found?.startsWith(DIST) ? found : null
}

const isFile = (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false

/** The paths of all pages, as links have them. The start page comes first. */
function pages() {
  const names = readdirSync(DIST).filter((file) => file.endsWith('.html') && !['404.html', 'index.html'].includes(file))
  return [BASE, ...names.map((file) => BASE + file.slice(0, -'.html'.length))]
}
