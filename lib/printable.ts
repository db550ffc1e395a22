/** Replaces what could change a terminal: control characters, those that have no form, and halves of surrogate pairs. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '?')
}
