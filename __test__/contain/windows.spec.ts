// What Windows needs to know about command lines and programs. Plain functions, so that they are tested on every system.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { escapedForCmd, quotedForWindows } from '../../lib/command-line.ts'
import { windowsStartError } from '../../lib/windows-start-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

for (const [argument, quoted] of [
  ['', '""'],
  ['a', 'a'],
  [String.raw`c:\x\y`, String.raw`c:\x\y`],
  ['a b', '"a b"'],
  [String.raw`a b\\`, String.raw`"a b\\\\"`],
  ['a"b', String.raw`"a\"b"`],
  [String.raw`a\"b`, String.raw`"a\\\"b"`],
  ['a\tb', '"a\tb"'],
] as const) {
  test(`an argument is quoted for Windows: ${JSON.stringify(argument)}`, (t) => {
    t.is(quotedForWindows(argument), quoted)
  })
}

test('every character that cmd.exe treats is escaped, quotes too', (t) => {
  t.is(escapedForCmd('"a b" & %PATH% | (c) > ^d!'), '^"a b^" ^& ^%PATH^% ^| ^(c^) ^> ^^d^!')
})

test('a program is looked for in the folder, then in PATH, with its extension or one that is added', (t) => {
  const [here, first, second] = ['here', 'first', 'second'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const each of [here, first, second]) mkdirSync(each)
  mkdirSync(join(first, 'folder.exe'))
  for (const file of [join(here, 'own.exe'), join(first, 'a.com'), join(second, 'b.tool'), join(second, 'c')]) {
    writeFileSync(file, '')
  }
  const error = (file: string, cwd = here) => windowsStartError(file, cwd, { Path: `"${first}";;${second}` })
  for (const file of ['own', 'own.exe', 'a', 'b.tool', './own']) t.is(error(file), null, file)
  for (const file of ['c', 'b', 'a.exe', 'folder', './a', '.', 'none']) t.is(error(file), 'ENOENT', file)
  t.is(error('a', join(here, 'none')), 'ENOENT')
  for (const file of ['a.cmd', 'A.BAT', './none.bat']) t.is(error(file), 'EINVAL', file)
  t.is(windowsStartError('a', here, {}), 'ENOENT')
})
