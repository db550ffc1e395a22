import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package as npm publishes it: its manifest, its tarball and what is in that. */
export function pack(source, destination) {
  const options = ['--json', '--ignore-scripts', '--pack-destination', destination]
  const output = execFileSync('npm', ['pack', ...options], { cwd: source })
  const [{ filename, files, integrity, size }] = JSON.parse(output.toString())
  return {
    manifest: JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')),
    filename: join(destination, filename),
    integrity,
    size,
    files: files.map(({ path }) => path),
  }
}
