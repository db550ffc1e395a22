import { fileURLToPath } from 'node:url'
import { noGuard } from './guard.ts'

/** The script of the command line. */
export const CLI = fileURLToPath(new URL('../../cli.js', import.meta.url))

/** `killtarget run`, before options and a command. */
export const RUN = [process.execPath, CLI, 'run'] as const

/** Why `killtarget run` starts nothing here. */
export const noRun = noGuard
