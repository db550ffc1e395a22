#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from './cli/command-error.js'
import { inheritedDescriptors } from './cli/inherited.js'

const HELP = `Usage: killtarget <command>

Commands:
  run [option...] [--] command [argument...]   runs a command that ends with the process that asked for it
  guard                                        prints the path of the program that run becomes

Options:
  --help      prints this, or the options of a command
  --version   prints the version

https://github.com/killtarget/killtarget/blob/main/docs/command.md`

/** The exit code for a command that does not exist. */
const USAGE = 2

/** Each file is loaded for its command only: help needs no binary. */
async function main([command, ...args]: readonly string[]): Promise<void> {
  switch (command) {
    case 'run':
      return runWith(inheritedDescriptors(), args)
    case 'guard':
      return (await import('./cli/guard.js')).guard(args)
    case '--help':
    case '-h':
      return console.log(HELP)
    case '--version':
      return console.log(version())
    case undefined:
      throw new CommandError(`Expected a command.\n\n${HELP}`, USAGE)
    default:
      throw new CommandError(`No such command: ${command}. See \`killtarget --help\`.`, USAGE)
  }
}

/** Before the binary is loaded: it opens descriptors. */
async function runWith(descriptors: readonly number[], args: readonly string[]): Promise<void> {
  const { run } = await import('./cli/run.js')
  run(args, descriptors)
}

function version(): string {
  return (JSON.parse(readFileSync(join(__dirname, 'package.json'), 'utf8')) as { version: string }).version
}

/** What failed before the command of the user could start. */
const FAILED: Record<string, number> = { run: 125, guard: 1 }

main(process.argv.slice(2)).catch((error: unknown) => {
  const command = process.argv[2]!
  const prefix = command in FAILED ? `killtarget ${command}` : 'killtarget'
  console.error(`${prefix}: ${error instanceof Error ? error.message : error}`)
  process.exitCode = error instanceof CommandError ? error.exitCode : (FAILED[command] ?? 1)
})
