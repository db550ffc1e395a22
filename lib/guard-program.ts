import { accessSync, chmodSync, constants } from 'node:fs'
import { KillError } from './errors.js'
import { native } from './native.js'

/** What is known of a program that neither runs nor tells an error. */
export const NOT_STARTED = 'no program was started. Deno needs --allow-run for that'

/**
 * Returns the path of the program for contained launch, which comes with the binary.
 *
 * @throws `ERR_GUARD_NOT_FOUND`
 */
export function guardProgram(): string {
  const program = native.guardProgram()
  if (program === null) throw notFound(MISSING)
  const refusal = refusalOf(program)
  if (refusal !== null) throw notFound(`The program for contained launch cannot be executed: ${refusal}`)
  return program
}

const MISSING =
  'There is no program for contained launch beside the binary of this package. A bundler that copies the binary has to copy ' +
  "the package's folder, or leave the package out of the bundle."

/** Returns why the program cannot be executed. Some stores of files lose the mode. */
function refusalOf(program: string): string | null {
  if (accessError(program) === null) return null
  try {
    chmodSync(program, 0o755)
  } catch {
    // What access(2) says tells more.
  }
  return accessError(program)
}

/** The message names the program, and what Deno has not been allowed to do. */
function accessError(program: string): string | null {
  try {
    accessSync(program, constants.X_OK)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function notFound(message: string): KillError {
  return new KillError({ code: 'ERR_GUARD_NOT_FOUND', message, pid: process.pid })
}
