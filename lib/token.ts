import { wrongValue } from './arguments.js'
import { type Handle, isFailure, unwrap } from './handle.js'
import { native } from './native.js'

/** The pid comes first, in hexadecimal digits. util-linux writes `PID:INODE`. */
const [OURS, PAIR] = [/^kt1\.([\da-f]+)\./, /^(\d+):/]

/**
 * Opens the process of a token, or else the session or group that it has left behind.
 *
 * @throws `ERR_IDENTITY_UNAVAILABLE`; `ERR_INVALID_ARG_VALUE` for another text
 */
export function openByToken(name: string, token: string): { pid: number; handle: Handle } {
  const handle = native.openToken(token)
  const pid = parseInt(OURS.exec(token)?.[1] ?? '', 16) || parseInt(PAIR.exec(token)?.[1] ?? '', 10)
  if (isFailure(handle) && handle.code === 'ERR_INVALID_ARG_VALUE') {
    const hint = token.trim() === token ? '' : ', without white space around it'
    throw wrongValue(name, `a token, whole and as \`token()\` has returned it${hint}`, token)
  }
  return { pid, handle: unwrap(handle, pid) }
}
