import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { execa } from 'execa'
import { aptInstall } from '../apt.mjs'

export const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Returns Debian's name of this system's suite. Unstable has none in the file. */
export const hostSuite = () => /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'sid'

/** Returns the mirror from which apt takes Debian's packages. `undefined`: apt has no such mirror, or there is no apt. */
export async function findMirror() {
  const find = async () => {
    const list = ['indextargets', '--format', '$(LABEL) $(REPO_URI)']
    const { stdout = '' } = await execa('apt-get', list, { reject: false })
    return /^Debian (\S+)$/m.exec(stdout)?.[1]
  }
  const mirror = await find()
  if (mirror !== undefined) return mirror
  // A fresh system has no package lists. apt reads the label from them.
  await aptInstall([])
  return find()
}

/** Downloads packages of a suite into a folder. apt uses lists of its own for that and leaves the system's as they are. */
export async function download(suite, packages, folder) {
  const own = mkdtempSync(`${tmpdir()}/killtarget-apt-`)
  try {
    for (const part of ['lists/partial', 'archives/partial']) mkdirSync(`${own}/${part}`, { recursive: true })
    writeFileSync(`${own}/sources.list`, `deb [signed-by=${KEYRING}] ${await findMirror()} ${suite} main\n`)
    const settings = [
      `Dir::Etc::sourcelist=${own}/sources.list`,
      'Dir::Etc::sourceparts=/dev/null',
      'Dir::Etc::preferencesparts=/dev/null',
      `Dir::State::lists=${own}/lists`,
      // Otherwise apt prefers the versions that are installed here.
      'Dir::State::status=/dev/null',
      `Dir::Cache=${own}`,
      // Another user could not write to these folders.
      'APT::Sandbox::User=root',
    ].flatMap((setting) => ['-o', setting])
    await execa('apt-get', ['update', '-qq', '--error-on=any', ...settings])
    await execa('apt-get', ['download', '-qq', ...settings, ...packages], { cwd: folder })
  } finally {
    rmSync(own, { recursive: true })
  }
}
