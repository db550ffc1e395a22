/** What was tested on all machines. */
export const counts = { passed: 0, failed: 0, skipped: 0 }

/** Of what AVA has written. */
export function countAva(output, status) {
  const lines = output.split('\n').map((line) => line.trimStart())
  const [passed, failed, skipped] = [/^[✔√] /, /^[✘×] /, /^- \[skip\]/].map(
    (mark) => lines.filter((line) => mark.test(line)).length,
  )
  count({ passed, failed, skipped }, status)
}

/** Of what a program of Rust's tests has written. */
export function countRust(output, status) {
  const result = /^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored;/m.exec(output) ?? ['', 0, 0, 0]
  const [passed, failed, skipped] = result.slice(1).map(Number)
  count({ passed, failed, skipped }, status)
}

/** What fails without being a test counts as one: a file that does not load, tests that were not run. */
function count({ passed, failed, skipped }, status) {
  counts.passed += passed
  counts.failed += failed === 0 && (status !== 0 || passed === 0) ? 1 : failed
  counts.skipped += skipped
}
