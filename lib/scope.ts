/**
 * Whom a call is about.
 *
 * - `'process'`: the target alone.
 * - `'group'`: every process in the group that the target leads or led.
 * - `'tree'`: the target, all its descendants, and the process group that it leads or led.
 */
export type Scope = 'process' | 'group' | 'tree'

export const SCOPES = ['process', 'group', 'tree'] as const satisfies readonly Scope[]
