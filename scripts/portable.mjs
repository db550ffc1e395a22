/** The specs that hold on every system. The others start shells, send signals and look into `/proc`: they are Linux's. */
export const PORTABLE = ['api/binary', 'api/everywhere', 'api/loader']

export const WHY = 'the others start shells, send signals, and look into /proc'
