// A task for the task runner. Its argument says how it behaves.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

const behaviour = process.argv[2]

/** Starts a helper in the task's process group. It keeps the task's pipes open and inherits descriptor 3. */
async function startHelper() {
  const file = fileURLToPath(new URL('helper.mjs', import.meta.url))
  const helper = fork(file, ['ignore-sigterm'], { stdio: ['ignore', 'inherit', 'inherit', 3, 'ipc'] })
  await once(helper, 'message')
  return helper
}

switch (behaviour) {
  case 'build':
    console.log('3 files built')
    break
  case 'lint':
    console.error('1 error')
    process.exitCode = 2
    break
  // Runs for ever, as does its helper, and both ignore SIGTERM.
  case 'hang':
    process.on('SIGTERM', () => {})
    // Only for this example: descriptor 3 is a pipe from the runner. It closes when the runner exits, however that happens.
    new Socket({ fd: 3 }).resume().on('close', () => process.exit())
    await startHelper()
    console.log('waiting')
    break
  // Exits with code 0 and leaves its helper running.
  case 'watch': {
    const helper = await startHelper()
    console.log('watching')
    helper.disconnect()
    helper.unref()
  }
}
