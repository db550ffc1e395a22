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

const LOADS = Number(process.env['KILLTARGET_TEST_LOADS'] ?? 50)

/** Bytes that a load may add to what a module of the same size adds: with few loads, what V8 counts differs by that much. */
const TOLERANCE = 8192

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
    const plain = await found<Found>(t, 'loads.cjs', { args: [how, LOADS, 'plain'] })
    t.log(
      `the first load: ${first} bytes, each later one: ${Math.round(each)}, a plain module: ${Math.round(plain.each)}`,
    )
    t.true(
      each < Math.max(plain.each, 0) + TOLERANCE,
      `${each} bytes more for each load, ${plain.each} of a plain module`,
    )
    t.true(each < first / 20, `${each} bytes more for each load, ${first} for the first`)
  })
}
