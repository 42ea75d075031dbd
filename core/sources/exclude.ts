// What a tree leaves out: absolute paths (the medium, Arche's own folders) and simple patterns on base names (`*.tmp`, `node_modules/`).
// Guarantees: our own staging and safety folders are never backed up. Does not apply to the chosen folders themselves: who names one, wants it.
// Patterns know `*`, `?` and a final `/` (folders only) and nothing else: no library is worth two wildcards.
import { realpathSync } from 'node:fs'
import { basename, isAbsolute, resolve } from 'node:path'

/** Folders a restore makes beside what it restores: see core/restore/names.ts. */
const ownFolders = ['.arche-restore-*/', '.arche-before-restore-*/']

export interface Exclusion {
  /** `at` is the absolute real path, `name` its last part. */
  excludes(at: string, name: string, folder: boolean): boolean
}

export function exclusion(patterns: readonly string[]): Exclusion {
  const paths = new Set(patterns.filter((pattern) => isAbsolute(pattern)).map(realOrResolved))
  // Names are compared first: a whole path is looked up for few of them.
  const names = new Set([...paths].map((path) => basename(path)))
  const globs = [...ownFolders, ...patterns.filter((pattern) => pattern !== '' && !isAbsolute(pattern))].map(glob)
  const forFolders = globs.map(({ matches }) => matches)
  const forFiles = globs.filter(({ foldersOnly }) => !foldersOnly).map(({ matches }) => matches)
  return {
    excludes(at, name, folder) {
      if (names.has(name) && paths.has(at)) return true
      for (const matches of folder ? forFolders : forFiles) if (matches.test(name)) return true
      return false
    },
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
