import { stripVTControlCharacters, styleText } from 'node:util'
import type { Ended } from './inside.ts'
import type { Race } from './race.ts'
import type { Part, TaskFacts } from './task.ts'

// Colour goes where stdout is a terminal that has it: styleText heeds that, NO_COLOR and FORCE_COLOR. Given a list of
// formats, Node 20's heeds none of them: so one at a time.
const strong = (text: string) => styleText('bold', text)
const good = (text: string) => styleText('green', text)
const bad = (text: string) => styleText('red', text)
const faint = (text: string) => styleText('gray', text)

export function showTitle(): void {
  console.log(`\n${strong('killtarget')}: kills exactly the process you meant, all of it, and nothing else\n`)
}

export function showTask({ parts, target, before, grace, termination, after }: TaskFacts): void {
  const { outcome, ended, survivors, proof, raceFree, elapsed } = termination
  heading(1, "An agent's task is cancelled, by an AbortSignal")
  for (const part of parts) row([good('●'), ...who(part), job(part, before.answer)])
  console.log()
  row(call(`KillTarget.fromPid(${target.pid})`, `method '${target.method}', raceFree ${target.raceFree}`))
  row(call('killOnAbort(target, signal)', `armed, with a grace of ${grace} ms`))
  row(call('controller.abort()', 'SIGTERM to its tree, and SIGKILL to who is left'))
  console.log()
  parts.forEach((part, index) => {
    row([bad('○'), ...who(part), `isAlive() ${after.alive[index]}${part.port ? `, its port: ${after.answer}` : ''}`])
  })
  console.log()
  row(call('the report', `outcome '${outcome}', ended ${ended}, survivors ${survivors.length}`))
  row(call('', `proof '${proof}', raceFree ${raceFree}, elapsed ${Math.round(elapsed)} ms`))
  row(call("target.signal('SIGKILL')", `${after.signal}: it is gone, and nothing was sent`))
  console.log()
}

export function showRace(race: Race): void {
  heading(2, 'The race: a number is given to another process')
  if ('skipped' in race) {
    row([`Not shown: it takes a PID namespace, which can't be made here (${race.skipped}).`])
    console.log()
    return
  }
  const { pid, processKill, target } = race
  row([`Process ${pid} was ours. It ended, and strangers were given its number, one after the other.`])
  console.log()
  compare('', strong(`process.kill(${pid}, 'SIGTERM')`), strong("target.signal('SIGTERM')"))
  compare('returned', `${processKill.returned}`, `${target.returned}`)
  compare('the stranger', bad(fate(processKill.stranger)), good(fate(target.stranger)))
  console.log()
}

export function showEnd(): void {
  console.log(`All that was shown was checked, and held. Where to go next: ${strong('README.md')}`)
}

function heading(number: number, text: string): void {
  console.log(`${strong(styleText('cyan', `${number}  ${text}`))}\n`)
}

function row(cells: string[]): void {
  console.log(`   ${cells.join('  ')}`)
}

function who({ role, pid }: Part): string[] {
  return [role.padEnd(6), faint(`pid ${pid}`.padEnd(11))]
}

function job({ role, port, ppid }: Part, answer: string): string {
  if (port !== undefined) return `a child of the shell: http://127.0.0.1:${port} says ${answer}`
  if (role === 'shell') return 'started the other two, leads their session'
  return `an orphan, by now a child of ${ppid}: works, and ignores SIGTERM`
}

function call(code: string, result: string): string[] {
  return [strong(code.padEnd(28)), result]
}

function compare(name: string, left: string, right: string): void {
  // Escape codes take no room.
  const room = ' '.repeat(Math.max(0, 28 - stripVTControlCharacters(left).length))
  row([faint(name.padEnd(12)), left + room, right])
}

function fate({ code, signal }: Ended): string {
  return signal === null ? `lived, and ended by itself with ${code}` : `died of ${signal}`
}
