import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as Binding from '../../binding.d.ts'

const root = new URL('../../', import.meta.url)
const file = readdirSync(root).find((name) => name.endsWith('.node'))!

/** What the package itself calls, as it ships. */
export const native: typeof Binding = createRequire(root)(`./${file}`)
