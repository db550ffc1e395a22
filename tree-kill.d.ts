/**
 * Signals a process and all its descendants: tree-kill 1.2.2, by handles in place of `ps`. It sends one signal and does not
 * wait for what comes of it; for that there is `terminate()` of killtarget.
 *
 * @param pid The pid of the process.
 * @param callback Called once the signal was sent to all, with an error if something went wrong.
 */
declare function treeKill(pid: number, callback?: (error?: Error) => void): void;
/**
 * @param pid The pid of the process.
 * @param signal A name or number. Default: `'SIGTERM'`.
 * @param callback Called once the signal was sent to all, with an error if something went wrong. Without one that error is
 * an uncaught exception.
 */
declare function treeKill(pid: number, signal?: string | number, callback?: (error?: Error) => void): void;
/** The same for who writes `import * as`. */
declare namespace treeKill { }
export = treeKill;
