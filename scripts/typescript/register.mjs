// Lets any supported Node run TypeScript: `node --import ./scripts/typescript/register.mjs FILE.ts`
import module from 'node:module'
import { isMainThread } from 'node:worker_threads'

// Worker threads inherit Node's options, but all of them run JavaScript. They start faster without the hook.
if (isMainThread) {
  // Node 22.15 and later run hooks in the same thread. Node 20 has only hooks that run in a thread of their own.
  if (module.registerHooks) module.registerHooks(await import('./hooks.mjs'))
  else module.register('./hooks.mjs', import.meta.url)
}
