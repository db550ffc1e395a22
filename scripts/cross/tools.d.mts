export function prepareTools(): Promise<Record<string, string>>
