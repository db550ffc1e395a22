import { CommandError } from './command-error.js'
import { EXIT } from './exit-code.js'

/** Makes the error for a wrong command line. */
export function usage(message: string): CommandError {
  return new CommandError(message, EXIT.usage)
}
