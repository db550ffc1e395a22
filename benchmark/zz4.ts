import { spawn } from 'killtarget'
for (let i = 0; i < 1500; i++) { const c = spawn('/bin/true', [], { stdio: 'ignore' }); await new Promise((r) => c.once('exit', r)) }
