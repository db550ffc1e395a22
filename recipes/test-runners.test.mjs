import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { prepare } from './helpers.mjs'

const require = createRequire(import.meta.url)
const packageOf = (name) => dirname(require.resolve(`${name}/package.json`))

const runners = {
  vitest: {
    file: 'server.vitest.test.mjs',
    args: [join(packageOf('vitest'), 'vitest.mjs'), 'run', '--config', 'vitest.config.mjs'],
    config: ['vitest.config.mjs', `export default { test: { include: ['*.vitest.test.mjs'] } }`],
  },
  jest: {
    file: 'server.jest.test.cjs',
    args: [join(packageOf('jest'), 'bin/jest.js'), '--config', 'jest.config.json'],
    config: ['jest.config.json', `{ "testMatch": ["**/*.jest.test.cjs"], "testEnvironment": "node", "transform": {} }`],
  },
}

for (const [name, { file, args, config }] of Object.entries(runners)) {
  for (const fails of [false, true]) {
    test(`${name}: the teardown ends what a test that ${fails ? 'fails' : 'passes'} has started`, async (t) => {
      const { directory, running, start } = await prepare(t, 'End what a test has started')
      await writeFile(join(directory, config[0]), config[1])
      if (fails) {
        const code = await readFile(join(directory, file), 'utf8')
        await writeFile(join(directory, file), code.replace(`toBe('ready\\n')`, `toBe('another')`))
      }
      const program = start(args)
      const code = await program.exit
      const output = await program.done
      assert.equal(code, fails ? 1 : 0, output)
      assert.match(output, fails ? /1 failed/ : /1 passed/)
      assert.deepEqual(await running(), [])
    })
  }
}
