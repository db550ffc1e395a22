/** The specs that hold on every system. */
export const PORTABLE = ['api/everywhere', 'api/loader', 'contain/everywhere']

export const WHY = 'the others start shells, send signals and read /proc'
