/** Returns whether two names differ by their case, or by one typing error in eight letters. */
export function isSimilar(name: string, other: string): boolean {
  return distance(name.toLowerCase(), other.toLowerCase()) <= Math.max(1, Math.floor(name.length / 8))
}

/** Returns how many letters must be inserted, removed, replaced or swapped with the next to make one word of the other. */
function distance(left: string, right: string): number {
  // Longer words are no typing errors of a name.
  if (Math.abs(left.length - right.length) > left.length) return Infinity
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= left.length; row++) {
    const next = [row]
    for (let column = 1; column <= right.length; column++) {
      const [above, before] = [rows[row - 1]!, rows[row - 2]]
      const isSame = left[row - 1] === right[column - 1]
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      const replaced = above[column - 1]! + (isSame ? 0 : 1)
      const swapped = isSwapped && before !== undefined ? before[column - 2]! + 1 : Infinity
      next.push(Math.min(next[column - 1]! + 1, above[column]! + 1, replaced, swapped))
    }
    rows.push(next)
  }
  return rows.at(-1)!.at(-1)!
}
