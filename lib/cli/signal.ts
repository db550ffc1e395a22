/** Returns the signal that a command line names: a number, or a name in any case, with or without `SIG`. */
export function signalOf(text: string): string | number {
  if (/^\d+$/.test(text)) return Number(text)
  const name = text.toUpperCase()
  return name.startsWith('SIG') ? name : `SIG${name}`
}
