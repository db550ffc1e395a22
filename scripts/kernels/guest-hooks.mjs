// Takes the place of scripts/typescript/hooks.mjs on real kernels, where the tests are JavaScript in files named *.ts.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  return { format: 'module', shortCircuit: true, source: readFileSync(fileURLToPath(url)) }
}
