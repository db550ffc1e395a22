export interface Manifest {
  name: string
  version: string
  homepage?: string
  bugs?: { url: string }
  license?: string
  repository?: { type: string; url: string; directory?: string }
  main?: string
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  os?: string[]
  cpu?: string[]
  libc?: string[]
  preferUnplugged?: boolean
  files?: string[]
}

export interface Packed {
  manifest: Manifest
  /** The path of the tarball. */
  filename: string
  integrity: string
  /** Bytes of the tarball. */
  size: number
  /** The paths of the files in it. */
  files: string[]
  /** The permissions of each file in it. */
  modes: Record<string, number>
}

export function pack(source: string, destination: string): Packed
