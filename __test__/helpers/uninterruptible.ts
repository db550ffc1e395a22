import { spawnSync } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { ended, line, start } from './processes.ts'

/** A file. A process that writes its own pid to it enters the uninterruptible state, `D`. */
export interface UninterruptibleFile {
  path: string
  /** Lets all of them continue. */
  release(): Promise<void>
}

/**
 * Each script makes such a file and writes its path. When its input ends, it releases the processes and cleans up: that
 * happens also when the test dies. It ignores the SIGINT of Ctrl-C.
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

/** No other process sees the mounts of the shell, and the kernel removes them when it exits. */
const launcher = ['unshare', '--mount', 'sh', '-c']

const way = Object.values(ways).find((script) => {
  const options = { input: '', timeout: 10_000, stdio: ['pipe', 'ignore', 'ignore'] as ['pipe', 'ignore', 'ignore'] }
  return process.platform === 'linux' && spawnSync(launcher[0]!, [...launcher.slice(1), script], options).status === 0
})

/** Why no process can be made uninterruptible here. `undefined`: one can. */
export const noUninterruptible =
  way === undefined ? 'there is neither the freezer of cgroup v1 nor a file system that may be frozen' : undefined

/** Makes such a file. It is released when the test ends, or before. */
export async function uninterruptibleFile(t: Pick<ExecutionContext, 'teardown'>): Promise<UninterruptibleFile> {
  const keeper = start(t, launcher[0]!, [...launcher.slice(1), way!], { stdio: ['pipe', 'pipe', 'ignore'] })
  const release = async () => {
    keeper.stdin.end()
    await ended(keeper)
  }
  // AVA runs teardowns in reverse order: this one runs before the one that kills all processes of the test.
  t.teardown(release)
  return { path: await line(keeper), release }
}
