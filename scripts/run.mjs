import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Programs of the dev dependencies come first, as in an npm script. */
const settings = { cwd: root, preferLocal: true, localDir: root, stdin: 'inherit', stderr: 'inherit' }

/** Runs a program with its output passed through. If it fails, this process ends with its exit code. */
export function run(program, args, options) {
  return check(program, args, { stdout: 'inherit', ...options })
}

/** Runs a program whose output is not a result: it goes to standard error. */
export function prepareBy(program, args, options) {
  return check(program, args, { stdout: process.stderr, ...options })
}

async function check(program, args, options) {
  const { failed, exitCode, shortMessage } = await execa(program, args, { ...settings, ...options, reject: false })
  if (failed) fail(shortMessage, exitCode)
}

/** Starts a program whose standard output is read line by line and passed through. It never throws. */
export function start(program, args, options) {
  return execa(program, args, { ...settings, stdout: ['inherit', 'pipe'], ...options, buffer: false, reject: false })
}

/** @returns {never} */
export function fail(message, exitCode = 1) {
  console.error(message)
  process.exit(exitCode)
}
