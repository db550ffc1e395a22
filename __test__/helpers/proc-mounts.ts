import { NOBODY } from './controlled-group.ts'

/** Runs the command after it, as the first process there, once the script has changed what is mounted. */
const after = (script: string) => ['sh', '-c', `${script}; "$@"; exit $?`, 'sh']

/** PID namespaces in which `/proc` is not what it should be, as `inNamespace` takes them. */
export const procMounts = {
  /** The namespace is new, and `/proc` still that of the old one: its numbers are other processes'. */
  foreign: { unshare: ['--pid', '--fork'] },
  absent: { unshare: ['--pid', '--fork', '--mount', ...after('mount -t tmpfs none /proc || exit 1')] },
  /** For another user than that of the first process there. */
  hidden: {
    unshare: ['--pid', '--fork', '--mount', ...after('mount -t proc -o hidepid=2 proc /proc || exit 1')],
    args: [String(NOBODY)],
  },
}
