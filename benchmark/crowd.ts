import { built } from '../__test__/helpers/compile.ts'

/** A launcher that starts so many bystanders first, and reaps all orphans of what it launches as soon as they end. */
export function crowd(bystanders: number): string[] {
  return [built(new URL('./programs/crowd.c', import.meta.url), 'benchmark/crowd'), `${bystanders}`]
}
