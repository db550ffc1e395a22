// The types that users' code is checked against. Nothing here runs: the compiler is the test.
import type { ChildProcess } from 'node:child_process'
import {
  capabilities,
  type Capabilities,
  type ChildLike,
  type ContainOptions,
  descendants,
  type DescendantsOptions,
  exited,
  type ExitedOptions,
  type ExitStatus,
  formatTree,
  type FormatTreeOptions,
  KillError,
  type KillErrorCode,
  killOnAbort,
  type KillOnAbort,
  killOnExit,
  KillTarget,
  listeners,
  type Method,
  onParentExit,
  type OpenOptions,
  type ProcessInfo,
  resume,
  type Scope,
  type Signal,
  type SignalName,
  suspend,
  type SuspendOptions,
  type Survivor,
  type TargetJson,
  type TargetLike,
  terminate,
  type TerminateOptions,
  terminateSync,
  type TerminateStep,
  type Termination,
  waitOrKill,
  type WaitOrKillOptions,
  type WaitOrKillResult,
} from 'killtarget'
import treeKill from 'killtarget/tree-kill'
import treeKill122 from 'tree-kill'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <_ extends true>(): void => {}

declare const target: KillTarget
declare const child: ChildProcess
declare const execa: { pid?: number; exitCode?: number; signalCode?: string }
declare const zx: { readonly pid: number | undefined; readonly exitCode: Promise<number | null> }
declare const bun: { readonly pid: number; readonly exitCode: number | null; readonly signalCode: 'SIGTERM' | null }
/** node-pty's, written out. */
interface IPty {
  readonly pid: number
  readonly cols: number
  readonly rows: number
  /** The title of the active process. */
  readonly process: string
  handleFlowControl: boolean
  readonly onData: (listener: (data: string) => unknown) => { dispose(): void }
  readonly onExit: (listener: (exit: { exitCode: number; signal?: number }) => unknown) => { dispose(): void }
  resize(columns: number, rows: number): void
  clear(): void
  write(data: string | Buffer): void
  kill(signal?: string): void
  pause(): void
  resume(): void
}
declare const pty: IPty
/** tinyexec's, which is also a promise. */
declare const tinyexec: {
  readonly pid: number | undefined
  readonly exitCode: number | undefined
} & PromiseLike<unknown>
/** nano-spawn's holds a promise of the child: the child is passed. */
declare const nanoSpawn: { nodeChildProcess: Promise<ChildProcess> } & Promise<unknown>
declare const deno: { get pid(): number; status: Promise<{ code: number }> }

// Results.
is<Same<ReturnType<typeof KillTarget.fromPid>, KillTarget>>()
is<Same<ReturnType<typeof KillTarget.fromChild>, KillTarget | null>>()
is<Same<ReturnType<typeof KillTarget.fromToken>, KillTarget>>()
is<Same<ReturnType<KillTarget['token']>, string | null>>()
is<Same<ReturnType<KillTarget['toJSON']>, TargetJson>>()
is<Same<ReturnType<KillTarget['signal']>, boolean>>()
is<Same<ReturnType<KillTarget['signalPg']>, boolean>>()
is<Same<ReturnType<KillTarget['isAlive']>, boolean>>()
is<Same<ReturnType<KillTarget['exited']>, Promise<ExitStatus>>>()
is<Same<ReturnType<KillTarget['close']>, void>>()
is<Same<ReturnType<typeof capabilities>, Capabilities>>()
is<Same<KillTarget['method'], Method>>()
is<Same<ReturnType<KillTarget[typeof Symbol.dispose]>, void>>()
is<Same<ReturnType<KillTarget[typeof Symbol.asyncDispose]>, Promise<void>>>()
is<Same<ContainOptions['isolation'], 'reaper' | 'pid-namespace' | 'job' | 'session' | undefined>>()
is<Same<KillTarget['contained'], 'reaper' | 'kernel' | 'session' | null>>()
is<Same<Method, 'pidfd' | 'proc-fd' | 'audit-token' | 'handle' | 'start-time' | 'pid' | 'gone'>>()
is<Same<Pick<KillTarget, 'pid' | 'raceFree'>, { readonly pid: number; readonly raceFree: boolean }>>()
is<
  Same<
    Extract<keyof KillTarget, string>,
    | 'pid'
    | 'method'
    | 'contained'
    | 'token'
    | 'info'
    | 'toJSON'
    | 'waitOrKill'
    | 'killOnAbort'
    | 'killOnExit'
    | 'descendants'
    | 'raceFree'
    | 'signal'
    | 'signalPg'
    | 'isAlive'
    | 'exited'
    | 'terminate'
    | 'terminateSync'
    | 'suspend'
    | 'resume'
    | 'close'
  >
>()
is<
  Same<
    ExitStatus,
    {
      readonly code: number | null
      readonly signal: string | null
      readonly signalNumber: number | null
      readonly shellCode: number | null
      readonly known: boolean
    }
  >
>()
is<Same<Pick<ExitedOptions, 'timeout' | 'ref'>, { timeout?: number | undefined; ref?: boolean | undefined }>>()
void target.exited({ timeout: Infinity, signal: new AbortController().signal, ref: false })
// @ts-expect-error -- no duration
void target.exited({ timeout: '5s' })
is<Same<OpenOptions, { allowUnverified?: boolean | undefined }>>()
is<Same<Signal, SignalName | number>>()
is<Same<Pick<Capabilities, 'pidfd' | 'reason'>, { readonly pidfd: boolean; readonly reason?: string }>>()
is<Same<Pick<KillError, 'code' | 'pid'>, { readonly code: KillErrorCode; readonly pid: number }>>()
// @ts-expect-error No error has this code.
const noCode: KillErrorCode = 'ERR_TARGET_CLOSE'
void noCode
is<Same<Pick<KillError, 'errno' | 'syscall'>, { readonly errno?: number; readonly syscall?: string }>>()

is<Same<ReturnType<KillTarget['terminate']>, Promise<Termination>>>()
is<Same<ReturnType<KillTarget['terminateSync']>, Termination>>()
is<Same<ReturnType<KillTarget['suspend']>, Promise<ProcessInfo[]>>>()
is<Same<ReturnType<KillTarget['resume']>, Promise<ProcessInfo[]>>>()
is<Same<ReturnType<typeof terminate>, Promise<Termination>>>()
is<Same<ReturnType<typeof terminateSync>, Termination>>()
is<Same<ReturnType<typeof killOnAbort>, KillOnAbort>>()
is<Same<KillOnAbort['done'], Promise<Termination | null>>>()
is<Same<ReturnType<typeof waitOrKill>, Promise<WaitOrKillResult>>>()
is<Same<Termination['outcome'], 'gone' | 'exited' | 'killed' | 'survived'>>()
is<Same<Termination['status'], ExitStatus | null>>()
is<Same<Survivor['reason'], 'not-permitted' | 'unverified' | 'uninterruptible' | 'timeout'>>()
is<Same<Scope, 'process' | 'group' | 'tree'>>()
is<
  Same<
    ProcessInfo,
    {
      readonly pid: number
      readonly ppid: number | null
      readonly pgid: number | null
      readonly sid: number | null
      readonly name: string | null
      readonly command: string[] | null
      readonly user: number | null
      readonly state: string | null
      readonly startTime: number | null
      readonly token: string | null
    }
  >
>()
is<Same<keyof WaitOrKillOptions, keyof TerminateOptions | 'timeout' | 'signal' | 'leftovers' | 'drain'>>()
is<Same<ReturnType<KillTarget['info']>, ProcessInfo | null>>()
is<Same<ReturnType<typeof listeners>, ProcessInfo[]>>()
is<Same<ReturnType<typeof killOnExit>, Disposable>>()
is<Same<ReturnType<typeof onParentExit>, Disposable>>()
is<Same<DescendantsOptions, { self?: boolean | undefined; scope?: Scope | undefined }>>()
is<Same<FormatTreeOptions, { width?: number | undefined }>>()
formatTree(descendants(child, { self: true })) satisfies string
is<Same<SuspendOptions, { scope?: Scope | undefined; allowSelf?: boolean | undefined }>>()

is<Same<typeof treeKill, typeof treeKill122>>()

// Accepted arguments.
for (const like of [target, 1, 'kt1', target.toJSON(), child, execa, zx, bun, deno, pty, tinyexec])
  like satisfies TargetLike
const steps: TerminateStep[] = [
  { signal: 'SIGINT', grace: 100, to: 'root' },
  { signal: ['SIGTERM', 'SIGHUP', 15], grace: Infinity },
]
void terminate(child, {
  scope: 'group',
  steps,
  killTimeout: 1,
  except: [1, child, target],
  forceSignal: new AbortController().signal,
  onStep: ({ kind, signal, left }) =>
    is<Same<[typeof kind, typeof signal, typeof left], ['signal' | 'kill' | 'exit', string | undefined, number]>>(),
  allowSelf: true,
})
void target.terminate({ killSignal: 'SIGINT', grace: false })
void nanoSpawn.nodeChildProcess.then((started) => terminate(started))
void target.terminate({ killSignal: ['SIGINT', 15] as const })
void target.waitOrKill({ drain: 100 })
is<Same<ReturnType<typeof exited>, Promise<ExitStatus>>>()
is<Same<ReturnType<typeof suspend>, ReturnType<typeof resume>>>()
// @ts-expect-error -- no JavaScript runs during terminateSync, so no signal can be aborted
terminateSync(child, { forceSignal: new AbortController().signal })
// @ts-expect-error -- nor can a step be told
terminateSync(child, { onStep() {} })
// @ts-expect-error -- `true` is no grace
void target.terminate({ grace: true })
// @ts-expect-error -- no scope
void target.suspend({ scope: 'session' })
void waitOrKill(child, { timeout: 1, killTimeout: 1, signal: new AbortController().signal, grace: 1 })
{
  using killing = killOnAbort(child, new AbortController().signal, { grace: 1 })
  void killing.done
}
for (const like of [child, execa, zx, bun, deno, pty, tinyexec, {}, { pid: undefined }, { pid: null }])
  like satisfies ChildLike
KillTarget.fromPid(1, { allowUnverified: true })
KillTarget.fromChild(child, {})
target.signal()
target.signal(0)
target.signal('SIGTERM')
target.signalPg('SIGRTMIN+3')
'SIGRTMAX-1' satisfies SignalName
child.signalCode! satisfies Signal
target satisfies Disposable
new KillError({ code: 'EPERM', message: 'no', pid: 1 }) satisfies Error
{
  using scoped = target
  scoped.isAlive()
}
{
  const ours: typeof treeKill122 = treeKill
  const theirs: typeof treeKill = treeKill122
  for (const kill of [ours, theirs]) {
    kill(1, () => {})
    kill(1, 9, (error?: Error) => error?.message)
    kill(1, undefined, undefined)
  }
}

// Refused arguments.
// @ts-expect-error a pid is a number
KillTarget.fromPid('12')
// @ts-expect-error a pid is required
KillTarget.fromPid()
// @ts-expect-error the pid may be undefined
KillTarget.fromPid(child.pid)
// @ts-expect-error a child is an object
KillTarget.fromChild(12)
// @ts-expect-error a pid is a number
KillTarget.fromChild({ pid: '12' })
// @ts-expect-error the target may be null
KillTarget.fromChild(child).signal()
// @ts-expect-error no such option
KillTarget.fromPid(1, { verified: false })
// @ts-expect-error neither name nor number
target.signal(null)
// @ts-expect-error neither name nor number
target.signalPg(9n)
// @ts-expect-error made by fromPid and fromChild only
;(() => new KillTarget(1))()
// @ts-expect-error a pid is a number, though a string works
treeKill('12')
// @ts-expect-error the property is read-only
target.pid = 2
// @ts-expect-error the property is read-only
target.method = 'gone'
// @ts-expect-error the property is read-only
capabilities().pidfd = true
// @ts-expect-error the reason may be missing
capabilities().reason satisfies string
