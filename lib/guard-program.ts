import { accessSync, chmodSync, constants } from 'node:fs'
import { KillError } from './errors.js'
import { native } from './native.js'

/**
 * Returns the path of the program for contained launch, which comes with the binary.
 *
 * @throws `ERR_GUARD_NOT_FOUND`
 */
export function guardProgram(): string {
  const program = native.guardProgram()
  if (program === null) throw notFound(MISSING)
  if (!isExecutable(program)) throw notFound(`The program for contained launch cannot be executed: ${program}`)
  return program
}

const MISSING =
  'There is no program for contained launch beside the binary of this package. A bundler that copies the binary has to copy ' +
  "the package's folder, or leave the package out of the bundle."

/** Some stores of files lose the mode. */
function isExecutable(program: string): boolean {
  if (canExecute(program)) return true
  try {
    chmodSync(program, 0o755)
  } catch {
    return false
  }
  return canExecute(program)
}

function canExecute(program: string): boolean {
  try {
    accessSync(program, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function notFound(message: string): KillError {
  return new KillError({ code: 'ERR_GUARD_NOT_FOUND', message, pid: process.pid })
}
