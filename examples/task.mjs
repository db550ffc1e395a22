// What the task runner runs. The argument says how it behaves.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

const behaviour = process.argv[2]

/** It stays in the process group of the task, holds the task's pipes open, and is given descriptor 3. */
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
  // Does not end, nor does its helper, and both ignore SIGTERM.
  case 'hang':
    process.on('SIGTERM', () => {})
    // Descriptor 3 comes from the example, and is closed when that is over: however it ends, this does not outlive it.
    new Socket({ fd: 3 }).resume().on('close', () => process.exit())
    await startHelper()
    console.log('waiting')
    break
  // Ends well, and leaves its helper behind.
  case 'watch': {
    const helper = await startHelper()
    console.log('watching')
    helper.disconnect()
    helper.unref()
  }
}
