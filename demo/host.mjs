// A host: starts a program that runs for a minute, by Node's `spawn` or by that of this package, and writes the program's pid.
import { spawn as nodeSpawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { spawn } from 'killtarget'

const start = process.argv[2] === 'contained' ? spawn : nodeSpawn
const child = start('sleep', ['60'], { stdio: 'ignore' })
while (child.commandPid === null) await setTimeout(1)
console.log(child.commandPid ?? child.pid)
