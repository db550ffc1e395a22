export type Found = { path: string; reason?: never } | { path?: never; reason: string }

export function findRuntimes(): { bun: Found; deno: Found }
export function installRuntimes(): Promise<void>
