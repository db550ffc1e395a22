import { built } from '../__test__/helpers/compile.ts'

/** Returns a launcher that starts idle children beside the command, and reaps all orphans of the command at once. */
export function subreaper(idleChildren: number): string[] {
  return [built(new URL('./programs/subreaper.c', import.meta.url), 'benchmark/subreaper'), `${idleChildren}`]
}
