import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Packed } from '../../../scripts/packages/pack.mjs'

/** A registry on this machine. Installers find packages in it by name, as they do once these are published. */
export interface Registry {
  url: string
  close(): void
}

/** Serves these packages, and no others. */
export async function serve(packages: readonly Packed[]): Promise<Registry> {
  const server = createServer((request, response) => {
    const [name, what] = request.url!.slice(1).split('/')
    const found = packages.find(({ manifest }) => manifest.name === name)
    if (found === undefined) response.writeHead(404).end()
    else if (what === 'tarball') response.end(readFileSync(found.filename))
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(packument(found, url)))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { url, close: () => server.close() }
}

/** What a registry says about a package: its only version, and where the tarball is. */
function packument({ manifest, integrity }: Packed, url: string): object {
  const { name, version } = manifest
  const dist = { tarball: `${url}${name}/tarball`, integrity }
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
}
