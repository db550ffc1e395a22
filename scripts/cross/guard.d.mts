export function guardNameOf(platform: string): string
export function guardFileOf(platform: string): string
