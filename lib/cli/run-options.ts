/** Whether an option of the guard has a value. The guard checks the values. */
export const RUN_OPTIONS: Readonly<Record<string, boolean>> = {
  '--timeout': true,
  '--leftovers': true,
  '--orphaned': true,
  '--kill-signal': true,
  '--grace': true,
  '--until-stdin-ends': false,
  '--isolation': true,
  '--session': false,
  '--parent': true,
}
