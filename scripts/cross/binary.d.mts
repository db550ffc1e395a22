export interface Facts {
  format: string
  architecture: string
  /** The program that loads a program of ELF. `null`: none, as the program is static. */
  interpreter: string | null
  libraries: string[]
  versions: string[]
  exports: string[]
  imports: string[]
  symbols: number
}
export function faultsOf(platform: string, facts: Facts, bytes: Buffer): string[]
export function guardFaultsOf(platform: string, facts: Facts, bytes: Buffer): string[]
export function faultsIn(platform: string, file: string, tools: Record<string, string>): string[]
export function guardFaultsIn(platform: string, file: string, tools: Record<string, string>): string[]
