// npm run check: everything that is not a test: format, lint, types, docs, generated files, the package.
import { prepare, build } from './prepare.mjs'
import { checkPackage } from './package.mjs'
import { run } from './run.mjs'
import { checkVersions } from './version.mjs'
import { checkWorkflows } from './workflows.mjs'

await prepare()
await build()
await run('git', ['diff', '--exit-code', '--', 'binding.d.ts', 'index.d.ts', 'tree-kill.d.ts'])

await run('prettier', ['--check', '--log-level', 'warn', '.'])
await run('oxlint', ['--deny-warnings'])
await run('tsc', ['--project', 'tsconfig.test.json'])

await run('cargo', ['fmt', '--check'])
for (const features of [['--all-features'], []]) {
  await run('cargo', ['clippy', '--quiet', '--workspace', '--all-targets', ...features, '--', '--deny', 'warnings'])
}
await run('cargo', ['doc', '--quiet', '--no-deps', '--package', 'killtarget'], { env: { RUSTDOCFLAGS: '-D warnings' } })

checkVersions()
await checkWorkflows()
await checkPackage()
console.log('All checks passed.')
