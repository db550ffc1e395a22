export function placeGuards(artifacts: string, packages: string): void
export function placeGuard(file: string, place: string): void
