/** The commands by their names. Without one, `killtarget` terminates processes. */
export const COMMANDS: readonly string[] = ['tree', 'wait', 'run', 'demo', 'guard', 'completion']
