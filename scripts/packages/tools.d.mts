export function installTools(): Promise<void>
export const programs: Record<
  'npm10' | 'pnpm9' | 'pnpm10' | 'pnpm12' | 'yarn' | 'berry' | 'jest' | 'rollup' | 'vitest' | 'oldestTypescript',
  string
>

export function moduleOf(name: string): string
