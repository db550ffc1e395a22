import { NOBODY } from './controlled-group.ts'

/** Runs the script, which changes the mounts, and then the command after it. Both run in pid 1 of the namespace. */
const after = (script: string) => ['sh', '-c', `${script}; "$@"; exit $?`, 'sh']

/** PID namespaces with a wrong `/proc`, as options of `inNamespace`. */
export const procMounts = {
  /** `/proc` is still that of the outer namespace: its pids belong to other processes. */
  foreign: { unshare: ['--pid', '--fork'] },
  absent: { unshare: ['--pid', '--fork', '--mount', ...after('mount -t tmpfs none /proc || exit 1')] },
  /** `/proc` hides the processes of other users. The fixture becomes another user than pid 1. */
  hidden: {
    unshare: ['--pid', '--fork', '--mount', ...after('mount -t proc -o hidepid=2 proc /proc || exit 1')],
    args: [String(NOBODY)],
  },
}
