/** Makes the anchor of a heading as GitHub does, so that a link works on both. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\d\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}
