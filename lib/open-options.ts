import { checkBoolean, pickOptions } from './arguments.js'

/** Options for `KillTarget.fromPid` and `KillTarget.fromChild`. */
export interface OpenOptions {
  /**
   * Whether to open the target by its pid alone if the process cannot be distinguished from a later one with its pid. This
   * is the case without pidfds and a usable `/proc`. The target's `method` is then `'pid'`, and a signal may reach another
   * process. Without this option, opening such a target throws `ERR_IDENTITY_UNAVAILABLE`.
   *
   * @default false
   */
  allowUnverified?: boolean | undefined
}

/** Checks the options. Returns `allowUnverified`. */
export function checkOpenOptions(options: OpenOptions | undefined): boolean {
  if (options === undefined) return false
  const { allowUnverified = false } = pickOptions<OpenOptions, 'allowUnverified'>(options, ['allowUnverified'])
  checkBoolean('options.allowUnverified', allowUnverified)
  return allowUnverified
}
