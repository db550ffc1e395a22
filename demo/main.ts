// npm start: shows what the package does, on real processes. `npm start -- --json` prints the same facts for programs.
import { contain, type Containment } from './contain.ts'
import { type Race, runRace } from './race.ts'
import { showContainment, showEnd, showRace, showTask, showTitle } from './show.ts'
import { cancelTask, type TaskFacts } from './task.ts'

const json = process.argv.includes('--json')
const facts: { ok: boolean; task?: TaskFacts; race?: Race; containment?: Containment; failure?: string } = { ok: false }

try {
  if (!json) showTitle()
  facts.task = await cancelTask()
  if (!json) showTask(facts.task)
  facts.race = await runRace()
  if (!json) showRace(facts.race)
  facts.containment = await contain()
  if (!json) showContainment(facts.containment)
  facts.ok = true
  if (!json) showEnd()
} catch (error) {
  facts.failure = String(error)
  process.exitCode = 1
  console.error('The demonstration failed:', error)
}
if (json) console.log(JSON.stringify(facts, null, 2))
