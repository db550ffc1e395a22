import test from 'ava'
import { found } from '../helpers/fixture.ts'

interface Found {
  /** Bytes of the heap: that the first load took, and that each later one added. */
  first: number
  each: number
  /** The listeners after the first load and after the last one. */
  before: Record<string, number>
  after: Record<string, number>
  warnings: string[]
}

const LOADS = 50

for (const [how, title] of [
  ['cache', 'from its file'],
  ['vm', 'in contexts of their own'],
  ['copies', 'from copies of its file'],
]) {
  test.serial(`${LOADS} loads of the package ${title} add no listener and no memory`, async (t) => {
    const { first, each, before, after, warnings } = await found<Found>(t, 'loads.cjs', { args: [how, LOADS] })
    t.deepEqual(warnings, [])
    t.is(before['exit'], 2, 'one of the fixture, one of the package')
    t.deepEqual(after, before)
    t.log(`the first load: ${first} bytes, each later one: ${Math.round(each)}`)
    t.true(each < first / 20, `${each} bytes more for each load, ${first} for the first`)
  })
}
