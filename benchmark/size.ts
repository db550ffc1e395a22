import { readdirSync, readFileSync } from 'node:fs'
import type { Report, Row } from './results.ts'

const root = new URL('../', import.meta.url)

/** Measures the files that a user downloads: one binary, and the JavaScript. */
export async function size(): Promise<Report> {
  const binaries = readdirSync(root).filter((file) => file.endsWith('.node'))
  return {
    title: 'bytes on the disk',
    rows: [...binaries.map(binary), ...['main.js', 'tree-kill.js'].map(script)],
  }
}

function binary(file: string): Row {
  const content = read(file)
  const stripped = hasSymbols(content) ? ' (not stripped)' : ''
  return { what: `${file}${stripped}`, unit: 'bytes', ours: content.length, target: 'under 840 KB, stripped' }
}

function script(file: string): Row {
  return { what: file, unit: 'bytes', ours: read(file).length }
}

function read(file: string): Buffer {
  return readFileSync(new URL(file, root))
}

/** Returns whether a 64-bit ELF file has a section of type SHT_SYMTAB, which stripping removes. `false` for other formats. */
function hasSymbols(file: Buffer): boolean {
  if (file.readUInt32BE(0) !== 0x7f454c46) return false
  const [offset, entry, count] = [Number(file.readBigUInt64LE(0x28)), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)]
  return Array.from({ length: count }, (_, index) => file.readUInt32LE(offset + index * entry + 4)).includes(2)
}
