import { guardProgram } from '../guard-program.js'
import { CommandError } from './command-error.js'

/** `killtarget guard`: prints the path of the guard, for configurations that start it without Node. */
export function guard(args: readonly string[]): void {
  if (args.length > 0) throw new CommandError('Expected no arguments.', 2)
  console.log(guardProgram())
}
