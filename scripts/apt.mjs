import { execa } from 'execa'

/** Installs Debian packages. It does not fail: the caller checks for what it needs. */
export async function aptInstall(packages) {
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300']
  const settings = { stdin: 'ignore', stdout: process.stderr, stderr: 'inherit', reject: false }
  await execa('apt-get', ['update', ...options], settings)
  await execa('apt-get', ['install', ...options, '-y', '--no-install-recommends', ...packages], settings)
}
