// The host of a command: starts it, and runs until it is killed.
import { type Launch, startCommand } from './command.ts'

startCommand(process.argv[2] as Launch, { stdio: ['ignore', 'inherit', 'inherit', 3] })
