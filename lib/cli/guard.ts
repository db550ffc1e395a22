import { guardProgram } from '../guard-program.js'
import { usage } from './usage.js'

/** `killtarget guard`: prints the path of the guard, for configurations that start it without Node. */
export function guard(args: readonly string[]): void {
  if (args.length > 0) throw usage('Expected no arguments. See `killtarget guard --help`.')
  console.log(guardProgram())
}
