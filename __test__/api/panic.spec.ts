import test from 'ava'
import { native } from '../helpers/binding.ts'
import { found } from '../helpers/fixture.ts'
import { noTestHooks } from '../helpers/test-hooks.ts'
import { testUnless } from '../helpers/test-unless.ts'

const panics = (...messages: string[]) => messages.map((message) => ({ isError: true, message }))

testUnless(
  noTestHooks,
  'a panic in the core becomes an exception in JavaScript, prints nothing, and leaves the process running',
  async (t) => {
    const seen = { panics: panics('all is lost', 'two\nlines', 'ünïcödé ☠', ''), works: [true, true, true] }
    t.deepEqual(await found(t, 'panic.mjs'), { main: seen, thread: seen })
  },
)

test('the shipped binary has no function that panics', (t) => {
  t.deepEqual(
    Object.keys(native).filter((name) => /panic/i.test(name)),
    [],
  )
  t.true('open' in native)
})
