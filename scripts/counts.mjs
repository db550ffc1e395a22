import { root, start } from './run.mjs'

const AVA = `${root}node_modules/ava/entrypoints/cli.mjs`

/** Returns the command for AVA by a Node, after a launcher if there is one, and the other options. */
export function avaCommand(args, { launcher = [], node = process.execPath, ...options }) {
  return [[...launcher, node, AVA, '--tap', ...args], options]
}

/** Returns the result of a test, if a line of TAP tells one. */
export function resultIn(line) {
  const [, result, title, isSkipped] = /^(ok|not ok) \d+ - (.*?)( # SKIP)?$/.exec(line) ?? []
  if (result === undefined) return undefined
  if (isSkipped) return { what: 'skipped', title }
  return { what: result === 'ok' ? 'passed' : 'failed', title }
}

/**
 * What all test runners of a run have counted. AVA's TAP and cargo's `test result` lines are made for programs. cargo has no
 * stable JSON, and cargo-nextest, which has, is not on every machine and takes minutes to build.
 */
export class Counts {
  passed = 0
  failed = 0
  skipped = 0
  /** What failed or was skipped, with the labels of the places where it was. */
  #notes = new Map()

  /**
   * Runs AVA by a Node, after a launcher if there is one. The summary names the place that `label` says. Returns the counts
   * of this run.
   */
  ava(args, { label, ...options } = {}) {
    const [command, rest] = avaCommand(args, options)
    return this.#run(command, label, rest, (line, counted) => {
      const result = resultIn(line)
      if (result !== undefined) this.#note(result, label)
      const [, what, count] = /^# (pass|fail|skip) (\d+)$/.exec(line) ?? []
      if (what) counted[{ pass: 'passed', fail: 'failed', skip: 'skipped' }[what]] += Number(count)
    })
  }

  /** Adds results. Returns the counts of these. */
  add(results, label) {
    const counted = { passed: 0, failed: 0, skipped: 0 }
    for (const result of results) {
      counted[result.what]++
      this.#note(result, label)
    }
    for (const [what, count] of Object.entries(counted)) this[what] += count
    return counted
  }

  /** Runs cargo's tests: `command` is a program and its arguments. Returns the counts of this run. */
  cargo(command, { label, ...options } = {}) {
    return this.#run(command, label, options, (line, counted) => {
      const [, passed, failed, ignored] = /^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored;/.exec(line) ?? []
      counted.passed += Number(passed ?? 0)
      counted.failed += Number(failed ?? 0)
      counted.skipped += Number(ignored ?? 0)
      const [, name] = /^---- (.*) stdout ----$/.exec(line) ?? []
      if (name !== undefined) this.#note({ what: 'failed', title: name }, label)
    })
  }

  /** Counts what is not run, with the reason. */
  skip(title, reason) {
    this.skipped++
    this.#note({ what: 'skipped', title: `${title} (${reason})` })
  }

  /** Prints what failed and what was skipped, and the counts as the last line. Sets the exit code. */
  finish() {
    const notes = [...this.#notes.values()].map(
      ({ what, title, labels }) => `${what}${labels.length > 0 ? ` (${labels.join(', ')})` : ''}: ${title}`,
    )
    console.log(
      ['', ...notes.sort(), `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`].join('\n'),
    )
    process.exitCode = this.failed === 0 && this.passed > 0 ? 0 : 1
  }

  /** Keeps a result for the summary, unless it is a success. */
  #note({ what, title }, label) {
    if (what === 'passed') return
    const key = `${what}: ${title}`
    const note = this.#notes.get(key) ?? { what, title, labels: [] }
    if (label !== undefined && !note.labels.includes(label)) note.labels.push(label)
    this.#notes.set(key, note)
  }

  async #run([program, ...args], label, options, onLine) {
    const counted = { passed: 0, failed: 0, skipped: 0 }
    const running = start(program, args, options)
    for await (const line of running) onLine(line, counted)
    const { failed, shortMessage } = await running
    // A file that does not load, an error outside a test and a run without tests count as failures, too.
    if (counted.failed === 0 && (failed || counted.passed === 0)) {
      counted.failed++
      this.#note({ what: 'failed', title: failed ? shortMessage : `${program} ran no test` }, label)
    }
    for (const [what, count] of Object.entries(counted)) this[what] += count
    return counted
  }
}
