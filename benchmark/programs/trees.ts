// Kills trees of all kinds by all packages. Prints how long that took, as JSON.
import { type Figures, cases, measure } from '../tree-cases.ts'

const measured: Record<string, Figures> = {}
for (const each of cases) measured[each.what] = await measure(each)
console.log(JSON.stringify(measured))
