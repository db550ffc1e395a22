import { fileURLToPath } from 'node:url'
import { noGuard } from './guard.ts'
import { refusalOf } from './refusal.ts'

/** The script of the command line. */
export const CLI = fileURLToPath(new URL('../../cli.js', import.meta.url))

/** `killtarget run`, before options and a command. */
export const RUN = [process.execPath, CLI, 'run'] as const

/** Why `killtarget run` starts nothing here. */
export const noRun = noGuard

/** Why npm starts nothing here. Some machines have Node alone. */
export const noNpm = noRun ?? refusalOf(['sh', '-c'], ['command -v npm npx'])
