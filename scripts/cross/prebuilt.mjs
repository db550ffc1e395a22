import { execFileSync } from 'node:child_process'
import { root } from '../run.mjs'

/**
 * Installs the standard library for a target, and returns the compiler that has it. Without rustup it returns `undefined`.
 *
 * It takes seconds, and to build that library takes most of the time of tests. What is published has one that was built for
 * size.
 */
export function prebuiltFor(target) {
  try {
    execFileSync('rustup', ['target', 'add', target], { cwd: root, stdio: 'ignore' })
    return execFileSync('rustup', ['which', 'rustc'], { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
