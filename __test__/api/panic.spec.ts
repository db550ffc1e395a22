import { existsSync } from 'node:fs'
import test from 'ava'
import { native } from '../helpers/binding.ts'
import { found } from '../helpers/fixture.ts'

const hooks = new URL('../../target/test-hooks.node', import.meta.url)
const title = 'a panic in the core becomes an exception in JavaScript, prints nothing, and leaves the process running'

const panics = (...messages: string[]) => messages.map((message) => ({ isError: true, message }))

if (existsSync(hooks)) {
  test(title, async (t) => {
    const seen = { panics: panics('all is lost', 'two\nlines', 'ünïcödé ☠', ''), works: [true, true, true] }
    t.deepEqual(await found(t, 'panic.mjs'), { main: seen, thread: seen })
  })
} else {
  test.skip(`${title} (skipped: npm test builds target/test-hooks.node)`, () => {})
}

test('the shipped binary has no function that panics', (t) => {
  t.deepEqual(
    Object.keys(native).filter((name) => /panic/i.test(name)),
    [],
  )
  t.true('open' in native)
})
