import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'

/** Packs a folder as npm publishes it. */
export function pack(source, destination) {
  const options = ['--json', '--ignore-scripts', '--pack-destination', destination]
  const { stdout } = execaSync('npm', ['pack', ...options], { cwd: source })
  const [{ filename, files, integrity, size }] = JSON.parse(stdout)
  return {
    manifest: JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')),
    filename: join(destination, filename),
    integrity,
    size,
    files: files.map(({ path }) => path),
    modes: Object.fromEntries(files.map(({ path, mode }) => [path, mode])),
  }
}
