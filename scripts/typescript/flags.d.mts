export const typescript: readonly string[]
