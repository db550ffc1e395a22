import { execa } from 'execa'

/** Installs packages of Debian's. If that fails, whoever needs them says so. */
export async function aptInstall(packages) {
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300']
  const settings = { stdin: 'ignore', stdout: process.stderr, stderr: 'inherit', reject: false }
  await execa('apt-get', ['update', ...options], settings)
  await execa('apt-get', ['install', ...options, '-y', '--no-install-recommends', ...packages], settings)
}
