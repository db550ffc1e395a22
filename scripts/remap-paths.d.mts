export function machinePaths(rustc?: string): [string, string][]
export function remapFlags(rustc?: string): string[]
