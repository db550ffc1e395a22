import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Programs of the dev dependencies come first, as in an npm script. */
const env = { ...process.env, PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH}` }

/**
 * Runs a program to its end, its output passed through. Where it fails this process ends with its exit code, unless
 * `check` is false: then that is what it resolves to, or the signal that ended it. With `log` its output is no result but talk, and goes to standard error.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ check?: boolean, log?: boolean, onLine?: (line: string) => void, env?: Record<string, string> }} [options]
 */
export async function run(program, args, { check = true, log = false, onLine, env: extra } = {}) {
  const stdout = onLine ? 'pipe' : log ? process.stderr : 'inherit'
  const stdio = ['inherit', stdout, 'inherit']
  // What npm installs as a program is a script on Windows.
  const shell = process.platform === 'win32' && !isAbsolute(program)
  const child = spawn(program, args, { cwd: root, stdio, shell, env: { ...env, ...extra } })
  child.on('error', (error) => fail(`${program}: ${error.message}`))
  if (onLine) passLines(child.stdout, onLine)
  const [code, signal] = await once(child, 'close')
  if (signal) console.error(`${program} was ended by ${signal}`)
  if (check && code !== 0) process.exit(code ?? 1)
  return code ?? signal
}

/** @returns {never} */
export function fail(message) {
  console.error(message)
  process.exit(1)
}

function passLines(stream, onLine) {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text) => {
    process.stdout.write(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    lines.forEach(onLine)
  })
  stream.on('end', () => onLine(rest))
}
