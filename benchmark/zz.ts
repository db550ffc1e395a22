import { spawn as plain } from 'node:child_process'
import { spawn, contained } from 'killtarget'
const G = contained('true').file
const fixed = contained('/bin/true', [], { stdio: 'ignore' })
const way: Record<string, () => any> = {
  plain: () => plain('/bin/true', [], { stdio: 'ignore' }),
  sh: () => plain('/bin/sh', ['-c', 'true; true'], { stdio: 'ignore' }),
  guard: () => plain(G, ['--', '/bin/true'], { stdio: 'ignore' }),
  guardArgs: () => plain(fixed.file, fixed.args, { stdio: 'ignore' }),
  contained: () => { const c = contained('/bin/true', [], { stdio: 'ignore' }); return plain(c.file, c.args, c.options as any) },
  spawn: () => spawn('/bin/true', [], { stdio: 'ignore' }),
}
const t: Record<string, number[]> = {}
const call: Record<string, number[]> = {}
for (let i = 0; i < 600; i++) for (const [name, f] of Object.entries(way)) {
  const s = performance.now(); const c = f(); const e = performance.now()
  await new Promise((r) => c.once('exit', r))
  ;(t[name] ??= []).push(performance.now() - s); (call[name] ??= []).push(e - s)
}
const med = (a: number[]) => a.sort((x, y) => x - y)[a.length >> 1]!
for (const n in t) console.log(n, med(t[n]!).toFixed(3), '+' + (med(t[n]!) - med(t['plain']!)).toFixed(3), 'call', med(call[n]!).toFixed(3))
