import { stripVTControlCharacters, styleText } from 'node:util'
import type { Containment, Ending } from './contained.ts'
import type { Exit } from './pid-reuse.ts'
import type { Race } from './race.ts'
import type { TaskFacts, TaskProcess } from './task.ts'

// styleText leaves colours out if stdout is no terminal, and heeds NO_COLOR and FORCE_COLOR. In Node 20 it does so only for a
// single format, not for a list of them.
const bold = (text: string) => styleText('bold', text)
const green = (text: string) => styleText('green', text)
const red = (text: string) => styleText('red', text)
const grey = (text: string) => styleText('gray', text)

export function showTitle(): void {
  console.log(`\n${bold('killtarget')} kills exactly the process you mean, with everything that it has started\n`)
}

export function showTask({ processes, target, before, grace, termination, after }: TaskFacts): void {
  const { outcome, ended, survivors, proof, raceFree, elapsed } = termination
  heading(1, 'Cancel a task of three processes')
  for (const each of processes) row([green('●'), ...name(each), describe(each, before.answer)])
  console.log()
  row(call(`KillTarget.fromPid(${target.pid})`, `method '${target.method}', raceFree ${target.raceFree}`))
  row(call('killOnAbort(target, signal)', `ready, with a grace period of ${grace} ms`))
  row(call('controller.abort()', 'SIGTERM to the whole tree, then SIGKILL to what is still alive'))
  console.log()
  processes.forEach((each, index) => {
    const port = each.port === undefined ? '' : `, port ${each.port}: ${after.answer}`
    row([red('○'), ...name(each), `isAlive() ${after.alive[index]}${port}`])
  })
  console.log()
  row(call('the report', `outcome '${outcome}', ended ${ended}, survivors ${survivors.length}`))
  row(call('', `proof '${proof}', raceFree ${raceFree}, elapsed ${Math.round(elapsed)} ms`))
  row(call("target.signal('SIGKILL')", `${after.signal}: the process is gone, nothing was sent`))
  console.log()
}

export function showRace(race: Race): void {
  heading(2, 'Survive a reused pid')
  if ('skipped' in race) {
    row([`Skipped: this system does not allow a PID namespace (${race.skipped}).`])
    console.log()
    return
  }
  const { pid, processKill, target } = race
  row([
    `Our process had pid ${pid}. It has exited, and its pid now belongs to another process. SIGTERM comes too late:`,
  ])
  console.log()
  compare('', bold(`process.kill(${pid}, 'SIGTERM')`), bold("target.signal('SIGTERM')"))
  compare('returned', `${processKill.returned}`, `${target.returned}`)
  compare('the other process', red(describeExit(processKill.reused)), green(describeExit(target.reused)))
  console.log()
}

export function showContainment(facts: Containment): void {
  heading(3, 'Let no daemon escape')
  if ('skipped' in facts) {
    row([`Skipped: ${facts.skipped}`])
    console.log()
    return
  }
  const { terminated, hostKilled } = facts
  row(['A command has started a daemon, in a session of its own. Its parent has exited. Then the command is ended:'])
  console.log()
  compare('started by', bold('child_process.spawn()'), bold("killtarget's spawn()"))
  compare('terminate()', showDaemon(terminated.plain), showDaemon(terminated.contained))
  compare('the report', `proof '${terminated.plain.proof}'`, `proof '${terminated.contained.proof}'`)
  compare('SIGKILL to host', showDaemon(hostKilled.plain), showDaemon(hostKilled.contained))
  console.log()
}

export function showEnd(): void {
  console.log(`${green('✔')} Every line above was checked on real processes. Next: read ${bold('README.md')}.`)
}

function heading(number: number, text: string): void {
  console.log(`${bold(styleText('cyan', `${number}  ${text}`))}\n`)
}

function row(cells: string[]): void {
  console.log(`   ${cells.join('  ')}`)
}

function name({ role, pid }: TaskProcess): string[] {
  return [role.padEnd(6), grey(`pid ${pid}`.padEnd(11))]
}

function describe({ role, port, ppid }: TaskProcess, answer: string): string {
  if (port !== undefined) return `a child of the shell, http://127.0.0.1:${port} answers "${answer}"`
  if (role === 'shell') return 'leads the session, started the other two'
  return `an orphan, reparented to ${ppid}, ignores SIGTERM`
}

function call(code: string, result: string): string[] {
  return [bold(code.padEnd(28)), result]
}

function compare(title: string, left: string, right: string): void {
  // Escape codes take no room on a terminal.
  const padding = ' '.repeat(Math.max(0, 28 - stripVTControlCharacters(left).length))
  row([grey(title.padEnd(17)), left + padding, right])
}

function showDaemon({ daemon, alive }: Ending): string {
  return alive ? red(`daemon ${daemon} runs on`) : green(`daemon ${daemon} has exited`)
}

function describeExit({ code, signal }: Exit): string {
  return signal === null ? `unharmed, exited by itself with code ${code}` : `terminated by ${signal}`
}
