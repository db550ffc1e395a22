import test, { type Implementation } from 'ava'

/** A test that is skipped where there is a reason, which its title then tells. */
export function testUnless(reason: string | undefined, title: string, implementation: Implementation<[]>): void {
  if (reason === undefined) test(title, implementation)
  else test.skip(`${title} (skipped: ${reason})`, implementation)
}

/** Why no process of another user can be started. */
export const notRoot = process.geteuid?.() === 0 ? undefined : 'only root starts processes of other users'
