import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

/**
 * A registry of this machine's that has these packages and no others, so that they are found by name, as once published.
 *
 * @param {{ manifest: object, filename: string, integrity: string }[]} packages
 */
export async function serve(packages) {
  const server = createServer((request, response) => {
    const [name, what] = request.url.slice(1).split('/')
    const found = packages.find(({ manifest }) => manifest.name === name)
    if (found === undefined) response.writeHead(404).end()
    else if (what === 'tarball') response.end(readFileSync(found.filename))
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(packument(found, url)))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${server.address().port}/`
  return { url, close: () => server.close() }
}

/** What a registry says of a package: its only version, and where that is. */
function packument({ manifest, integrity }, url) {
  const { name, version } = manifest
  const dist = { tarball: `${url}${name}/tarball`, integrity }
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
}
