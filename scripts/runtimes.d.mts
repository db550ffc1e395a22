export type Found = { path: string; reason?: never } | { path?: never; reason: string }
export type Runtime = 'node-20' | 'node-22' | 'node-24' | 'node-26' | 'bun' | 'deno'

export function findRuntimes(): Record<Runtime, Found>
export function installRuntimes(): Promise<void>
