import { execa } from 'execa'
import { fail, root } from '../run.mjs'

const COMMAND = [
  'test',
  '--no-run',
  '--quiet',
  '--package',
  'killtarget',
  '--message-format',
  'json-render-diagnostics',
]

/** It reads the source, which is the same on every kernel. */
const NOT_RUN = 'source'

/** Builds Rust's tests. Returns the paths of the test programs, and of the one that simulates older kernels. */
export async function buildRustPrograms() {
  const options = { cwd: root, lines: true, stderr: 'inherit', reject: false }
  const { stdout, failed, exitCode } = await execa('cargo', COMMAND, options)
  if (failed) fail('The tests cannot be built.', exitCode)
  const built = stdout.map((line) => JSON.parse(line)).filter(({ executable }) => executable)
  return {
    tests: built
      .filter(({ profile, target }) => profile.test && target.name !== NOT_RUN)
      .map(({ executable }) => executable),
    oldKernel: built.find(({ target }) => target.name === 'old-kernel').executable,
  }
}
