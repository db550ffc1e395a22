import test, { type Implementation } from 'ava'

/** A test that is skipped where there is a reason, which its title then tells. */
export function testUnless(reason: string | undefined, title: string, implementation: Implementation<[]>): void {
  if (reason === undefined) test(title, implementation)
  else test.skip(`${title} (skipped: ${reason})`, implementation)
}

/** The same, of those that run one after the other: each takes all that a small machine has. */
export function serialUnless(reason: string | undefined, title: string, implementation: Implementation<[]>): void {
  if (reason === undefined) test.serial(title, implementation)
  else testUnless(reason, title, implementation)
}

/** Why no process of another user can be started. */
export const notRoot = process.geteuid?.() === 0 ? undefined : 'only root starts processes of other users'
