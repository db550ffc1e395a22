import { avaCommand, resultIn } from '../counts.mjs'
import { start } from '../run.mjs'
import { CRASHED } from './crash.mjs'

/** A kernel that crashes more often in a spec is left alone. */
const MAX_CRASHES = 3

/**
 * Runs specs by AVA, one after the other, on a kernel that may crash. Those that were not finished then run again. Returns
 * the results.
 */
export async function runWithRestarts(specs, { label, ...options }) {
  const results = []
  const crashes = new Map()
  let left = specs
  while (left.length > 0) {
    const [[program, ...args], settings] = avaCommand(['--concurrency=1', ...left], options)
    const running = start(program, args, settings)
    const run = new Run(left)
    for await (const line of running) run.read(line)
    const { exitCode, shortMessage } = await running
    if (exitCode !== CRASHED) return [...results, ...run.end(exitCode === 0 ? undefined : shortMessage)]
    results.push(...run.results)
    left = run.left()
    const [culprit] = left
    const times = (crashes.get(culprit) ?? 0) + 1
    crashes.set(culprit, times)
    console.log(`${label} has crashed in ${culprit}`)
    if (times < MAX_CRASHES) continue
    left = left.slice(1)
    results.push({ what: 'skipped', title: `${culprit} (this kernel crashes in it)` })
  }
  return results
}

/**
 * One run of specs. AVA begins the title of each test with the place of its spec below the folder that all have in common, if
 * there are several.
 */
class Run {
  /** The results of the specs that were finished. */
  results = []
  #current
  #ofCurrent = []
  #places

  constructor(specs) {
    const paths = specs.map((spec) => spec.replace(/\.spec\.ts$/, '').split('/'))
    const isCommon = (folder, depth) => paths.every((path) => path.length > depth + 1 && path[depth] === folder)
    const depth = paths[0].findIndex((folder, index) => !isCommon(folder, index))
    this.#places = new Map(paths.map((path, index) => [path.slice(depth).join(' › '), specs[index]]))
  }

  read(line) {
    const result = resultIn(line)
    if (result === undefined) return
    const places = [...this.#places.keys()]
    const place = places.find((each) => places.length === 1 || result.title.startsWith(`${each} › `))
    if (place !== undefined) this.#begin(place)
    this.#ofCurrent.push(result)
  }

  #begin(place) {
    this.results.push(...this.#ofCurrent.splice(0))
    this.#places.delete(this.#current === place ? undefined : this.#current)
    this.#current = place
  }

  /** Returns all results. A failure that is none of a test is one more. */
  end(failure) {
    const results = [...this.results, ...this.#ofCurrent]
    const isTold = results.some(({ what }) => what === 'failed')
    if (failure !== undefined && !isTold) results.push({ what: 'failed', title: failure })
    if (results.length === 0) results.push({ what: 'failed', title: 'AVA ran no test' })
    return results
  }

  /** Returns the specs that were not finished, the one that was running first. */
  left() {
    const others = [...this.#places].filter(([place]) => place !== this.#current).map(([, spec]) => spec)
    return this.#current === undefined ? others : [this.#places.get(this.#current), ...others]
  }
}
