import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import type { ChildLike } from './child.js'
import { isRealTime } from './signal.js'
import { type ExitStatus, UNKNOWN } from './pending.js'

/** What the objects of the runtimes tell of the end of a child, beside `exitCode` and `signalCode`. */
interface Telling extends ChildLike {
  /** Node, and who extends its `ChildProcess`. */
  once?: (event: 'exit', listener: () => void) => unknown
  /** Bun. */
  readonly exited?: PromiseLike<unknown>
  /** Deno. */
  readonly status?: PromiseLike<{ code: number; signal: string | null } | undefined>
  /** zx: the `ChildProcess` of Node that it wraps. */
  readonly child?: Telling
}

/** Milliseconds. The runtime has reaped the child already, and tells of it in this turn of its loop or the next. */
const PATIENCE = 1000

/** Children that were sent a real-time signal by us: Node tells of a death by one as of an exit with code 0. */
const sentRealTime = new WeakSet<ChildLike>()

/** Takes note of what is sent to a child, or to its group. */
export function noteSignal(child: ChildLike | undefined, signal: number): void {
  if (child !== undefined && isRealTime(signal)) sentRealTime.add(child)
}

/**
 * How the runtime says that its child ended: for a child that the runtime has reaped before anybody else could look,
 * where the system keeps nothing of it (before Linux 6.15).
 */
export async function ownStatus(child: Telling): Promise<ExitStatus> {
  const teller = tellerOf(child)
  return believed(child, read(teller) ?? (await told(teller)))
}

/** The same, as far as the object says so already. */
export function ownStatusNow(child: Telling): ExitStatus {
  return believed(child, read(tellerOf(child)))
}

function tellerOf(child: Telling): Telling {
  return typeof child.child === 'object' && child.child !== null ? child.child : child
}

function believed(child: ChildLike, status: ExitStatus = UNKNOWN): ExitStatus {
  return status.code === 0 && sentRealTime.has(child) ? UNKNOWN : status
}

function read({ exitCode, signalCode }: ChildLike): ExitStatus | undefined {
  if (typeof signalCode === 'string') return { code: null, signal: signalCode, known: true }
  if (typeof exitCode === 'number') return { code: exitCode, signal: null, known: true }
  return undefined
}

function told(child: Telling): Promise<ExitStatus | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => setImmediate(() => resolve(read(child))), PATIENCE)
    const tell = (status = read(child)) => {
      clearTimeout(timer)
      resolve(status)
    }
    // A promise that fails tells nothing, and is its owner's to handle.
    const nothing = () => tell()
    if (typeof child.once === 'function') child.once('exit', () => tell())
    else if (typeof child.exited?.then === 'function') child.exited.then(() => tell(), nothing)
    else if (typeof child.status?.then === 'function') child.status.then((status) => tell(ofDeno(status)), nothing)
    else tell()
  })
}

function ofDeno(status: { code: number; signal: string | null } | undefined): ExitStatus | undefined {
  if (typeof status?.signal === 'string') return { code: null, signal: status.signal, known: true }
  if (typeof status?.code === 'number') return { code: status.code, signal: null, known: true }
  return undefined
}
