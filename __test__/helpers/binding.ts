import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as Binding from '../../binding.d.ts'

const root = new URL('../../', import.meta.url)
const file = readdirSync(root).find((name) => name.endsWith('.node'))!

/** The binding, as the package loads it. */
export const native: typeof Binding = createRequire(root)(`./${file}`)
