import test, { type Implementation } from 'ava'

/** Declares a test. If there is a reason, skips it and adds the reason to the title. */
export function testUnless(reason: string | undefined, title: string, implementation: Implementation<[]>): void {
  if (reason === undefined) test(title, implementation)
  else test.skip(`${title} (skipped: ${reason})`, implementation)
}

/** Declares a test that runs alone in its file, as it needs all of a small machine. Skips it if there is a reason. */
export function serialUnless(reason: string | undefined, title: string, implementation: Implementation<[]>): void {
  if (reason === undefined) test.serial(title, implementation)
  else testUnless(reason, title, implementation)
}

/** Why the tests cannot start a process of another user. `undefined`: they can. */
export const notRoot = process.geteuid?.() === 0 ? undefined : 'only root starts processes of other users'
