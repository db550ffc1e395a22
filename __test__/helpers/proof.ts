import type { ExecutionContext } from 'ava'
import type { Termination } from 'killtarget'

const MAX_TRIES = 5

/**
 * Asserts what a termination proves. On a very busy machine a member may not stop in time for SIGKILL, or too many pids are
 * assigned meanwhile. The report says so by `'best-effort'`, and another termination is tried.
 */
export async function proves(
  t: ExecutionContext,
  proof: Termination['proof'],
  terminated: () => Promise<{ proof: Termination['proof'] }>,
): Promise<void> {
  let report = await terminated()
  for (let tries = 1; report.proof === 'best-effort' && tries < MAX_TRIES; tries++) report = await terminated()
  t.is(report.proof, proof)
}
