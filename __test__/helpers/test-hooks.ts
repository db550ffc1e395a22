import { existsSync } from 'node:fs'

const hooks = new URL('../../target/test-hooks.node', import.meta.url)

/** Why the binding with hooks for tests cannot be used. `undefined`: it can. */
export const noTestHooks = existsSync(hooks) ? undefined : 'npm test builds target/test-hooks.node'
