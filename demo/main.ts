// npm start: shows what the package does, on real processes. `npm start -- --json` prints the same facts for programs.
import { type Containment, endDaemons } from './contained.ts'
import { type Race, runRace } from './race.ts'
import { showContainment, showEnd, showRace, showTask, showTitle } from './show.ts'
import { cancelTask, type TaskFacts } from './task.ts'

const json = process.argv.includes('--json')
const facts: { ok: boolean; task?: TaskFacts; race?: Race; contained?: Containment; failure?: string } = { ok: false }

try {
  if (!json) showTitle()
  facts.task = await cancelTask()
  if (!json) showTask(facts.task)
  facts.race = await runRace()
  if (!json) showRace(facts.race)
  facts.contained = await endDaemons()
  if (!json) showContainment(facts.contained)
  facts.ok = true
  if (!json) showEnd()
} catch (error) {
  facts.failure = String(error)
  process.exitCode = 1
  console.error('The demonstration failed:', error)
}
if (json) console.log(JSON.stringify(facts, null, 2))
