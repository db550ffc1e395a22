export interface Facts {
  format: string
  architecture: string
  libraries: string[]
  versions: string[]
  exports: string[]
  imports: string[]
  symbols: number
}
export function faultsOf(platform: string, facts: Facts, bytes: Buffer): string[]
export function faultsIn(platform: string, file: string, tools: Record<string, string>): string[]
