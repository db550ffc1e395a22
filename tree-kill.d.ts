/**
 * Sends SIGTERM to a process and all its descendants. This is a drop-in replacement for tree-kill 1.2.2 that uses handles
 * instead of `ps`. It does not wait for the processes to exit: for that, use `terminate()` of killtarget.
 *
 * @param pid The pid of the process.
 * @param callback Called when all signals are sent, with an error if one failed. Without a callback the error is an uncaught
 * exception.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree-kill.md}
 * @example
 * treeKill(child.pid, (error) => console.log(error ?? 'SIGTERM was sent'))
 */
declare function treeKill(pid: number, callback?: (error?: Error) => void): void;
/**
 * Sends a signal to a process and all its descendants. This is a drop-in replacement for tree-kill 1.2.2 that uses handles
 * instead of `ps`. It does not wait for the processes to exit: for that, use `terminate()` of killtarget.
 *
 * @param pid The pid of the process.
 * @param signal A signal name or number. Default: `'SIGTERM'`.
 * @param callback Called when all signals are sent, with an error if one failed. Without a callback the error is an uncaught
 * exception.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree-kill.md}
 * @example
 * treeKill(child.pid, 'SIGKILL', (error) => console.log(error ?? 'SIGKILL was sent'))
 */
declare function treeKill(pid: number, signal?: string | number, callback?: (error?: Error) => void): void;
/** Allows `import * as treeKill`. */
declare namespace treeKill { }
export = treeKill;
