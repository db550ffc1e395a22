import { spawnSync } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { ended, line, start } from './processes.ts'

/** A place where whoever writes his own pid is kept by the kernel, uninterruptibly. */
export interface UninterruptibleFile {
  path: string
  /** Whoever is in it goes on. */
  release(): Promise<void>
}

/**
 * Each makes a trap, writes where it is, and opens it and clears up once its input ends: so that is done, too, when the test
 * dies, by a shell that is not in the way of a Ctrl-C.
 */
const ways = {
  freezer: `
    trap '' INT TERM
    folder=/sys/fs/cgroup/freezer/killtarget-$$
    mkdir "$folder" && echo FROZEN >"$folder/freezer.state" || exit 1
    echo "$folder/cgroup.procs"
    read _
    echo THAWED >"$folder/freezer.state"
    until rmdir "$folder"; do
      for pid in $(cat "$folder/cgroup.procs"); do echo "$pid" >"$folder/../cgroup.procs"; done
      sleep 0.01
    done`,
  'frozen file system': `
    trap '' INT TERM
    folder=$(mktemp -d) || exit 1
    truncate -s 8M "$folder/image" && mkfs.ext4 -q "$folder/image" && mkdir "$folder/mount" &&
      mount -o loop "$folder/image" "$folder/mount" && fsfreeze --freeze "$folder/mount" || exit 1
    echo "/proc/$$/root$folder/mount/file"
    read _
    fsfreeze --unfreeze "$folder/mount"
    umount --lazy "$folder/mount"
    rm -r "$folder"`,
}

/** What no other process sees, and what ends with the shell: its mounts. */
const launcher = ['unshare', '--mount', 'sh', '-c']

const way = Object.values(ways).find((script) => {
  const options = { input: '', timeout: 10_000, stdio: ['pipe', 'ignore', 'ignore'] as ['pipe', 'ignore', 'ignore'] }
  return process.platform === 'linux' && spawnSync(launcher[0]!, [...launcher.slice(1), script], options).status === 0
})

/** Why nobody can be kept. */
export const noUninterruptible =
  way === undefined ? 'there is neither a freezer of cgroup v1 nor a file system that may be frozen' : undefined

/** Sets a trap, which is opened with the test at the latest. */
export async function uninterruptibleFile(t: Pick<ExecutionContext, 'teardown'>): Promise<UninterruptibleFile> {
  const keeper = start(t, launcher[0]!, [...launcher.slice(1), way!], { stdio: ['pipe', 'pipe', 'ignore'] })
  const release = async () => {
    keeper.stdin.end()
    await ended(keeper)
  }
  // Before what kills all that the test has started.
  t.teardown(release)
  return { path: await line(keeper), release }
}
