#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from './cli/command-error.js'
import { COMMANDS } from './cli/commands.js'
import { EXIT, exitCodeOfError } from './cli/exit-code.js'
import { HELP, HELPS } from './cli/help.js'
import { inheritedDescriptors } from './cli/inherited.js'
import { surviveLostOutput } from './cli/output.js'

/** Each file is loaded for its command only: help needs no binary. */
async function main([command, ...args]: readonly string[]): Promise<number | void> {
  // The command of the user has the output of `run`.
  if (command !== 'run') surviveLostOutput()
  switch (command) {
    case '--help':
    case '-h':
      return console.log(HELP)
    case '--version':
    case '-V':
      return console.log(version())
    case undefined:
      throw new CommandError(`Expected a pid, a token, a port such as :3000, or a command.\n\n${HELP}`, EXIT.usage)
    case 'run':
      return runWith(inheritedDescriptors(), args)
    default:
      return act(command, args)
  }
}

/** The commands that stay in this program. */
async function act(command: string, args: readonly string[]): Promise<number | void> {
  const end = args.indexOf('--')
  // After `--` there is none.
  const options = command === '--' ? [] : end === -1 ? args : args.slice(0, end)
  const has = (...names: string[]) => options.some((argument) => names.includes(argument))
  if (has('--help', '-h')) return console.log(HELPS[command] ?? HELP)
  switch (command) {
    case 'tree':
      return (await import('./cli/tree.js')).tree(args)
    case 'wait':
      return (await import('./cli/wait.js')).wait(args)
    case 'guard':
      return (await import('./cli/guard.js')).guard(args)
    case 'demo':
      return (await import('./cli/demo.js')).demo(args)
    case 'completion':
      return (await import('./cli/completion.js')).completion(args)
  }
  if (/^[a-z]/i.test(command) && !command.startsWith('kt1.')) {
    const message = `No such command: ${command}. A process is named by its pid, a token or a port.`
    throw new CommandError(`${message} See \`killtarget --help\`.`, EXIT.usage)
  }
  if (has('--version', '-V')) return console.log(version())
  return (await import('./cli/kill.js')).kill([command, ...args])
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

async function start(args: readonly string[]): Promise<void> {
  try {
    const exitCode = await main(args)
    if (exitCode !== undefined) process.exitCode = exitCode
  } catch (error) {
    const [command = ''] = args
    const isNamed = COMMANDS.includes(command)
    console.error(`killtarget${isNamed ? ` ${command}` : ''}: ${error instanceof Error ? error.message : error}`)
    process.exitCode = error instanceof CommandError ? error.exitCode : (FAILED[command] ?? exitCodeOfError(error))
  }
}

void start(process.argv.slice(2))
