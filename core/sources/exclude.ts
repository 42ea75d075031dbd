// What a tree leaves out: absolute paths (the medium, Arche's own folders) and simple patterns on base names (`*.tmp`, `node_modules/`).
// Guarantees: our own staging and safety folders are never backed up. Does not apply to the chosen folders themselves: who names one, wants it.
// Patterns know `*`, `?` and a final `/` (folders only) and nothing else: no library is worth two wildcards.
import { realpathSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'

/** Folders a restore makes beside what it restores: see core/restore/names.ts. */
const ownFolders = ['.arche-restore-*/', '.arche-before-restore-*/']

export interface Exclusion {
  /** `at` is the absolute real path, `name` its last part. */
  excludes(at: string, name: string, folder: boolean): boolean
}

export function exclusion(patterns: readonly string[]): Exclusion {
  const paths = new Set(patterns.filter((pattern) => isAbsolute(pattern)).map(realOrResolved))
  const globs = [...ownFolders, ...patterns.filter((pattern) => pattern !== '' && !isAbsolute(pattern))].map(glob)
  return {
    excludes: (at, name, folder) =>
      paths.has(at) || globs.some(({ matches, foldersOnly }) => (folder || !foldersOnly) && matches.test(name)),
  }
}

function realOrResolved(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // Not there (yet): the path as it is written is the best name for it.
    return resolve(path)
  }
}

function glob(pattern: string): { matches: RegExp; foldersOnly: boolean } {
  const foldersOnly = pattern.endsWith('/')
  const source = pattern
    .replace(/\/+$/, '')
    .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
  return { matches: new RegExp(`^${source}$`, 'su'), foldersOnly }
}
