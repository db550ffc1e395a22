import { availableIsolations } from '../available-isolations.js'

/** Whether an option of the guard has a value, or which values it can have. */
export const RUN_OPTIONS: Readonly<Record<string, boolean | readonly string[]>> = {
  '--timeout': true,
  '--leftovers': ['terminate', 'kill', 'keep', 'leave'],
  '--orphaned': ['terminate', 'kill', 'leave'],
  '--kill-signal': true,
  '--grace': true,
  '--until-stdin-ends': false,
  '--isolation': availableIsolations(),
  '--session': false,
  '--parent': true,
}
