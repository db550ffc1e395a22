/**
 * The processes that an operation applies to.
 *
 * - `'process'`: the target only.
 * - `'group'`: all members of the process group that the target leads or led.
 * - `'tree'`: the target, all its descendants, and the process group that the target leads or led. Orphans are included if
 *   they are in a session that the target or one of its descendants leads or led.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 */
export type Scope = 'process' | 'group' | 'tree'

export const SCOPES = ['process', 'group', 'tree'] as const satisfies readonly Scope[]
