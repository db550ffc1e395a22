export const platforms: Record<string, object>
