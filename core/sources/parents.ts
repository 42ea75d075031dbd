// What the folders above the saved ones are: a restore to the original place makes those that are gone, and must not open them to others.
// Guarantees: only looks; one that cannot be looked at is left out. Bounded, so that the head of an archive stays one.
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Parent, Root } from '../archive/archive.ts'
import { fsPath } from '../lib/paths.ts'

/** Characters of all paths together. */
const most = 128 * 1024

/** The folders above these roots, each once. Nothing on Windows, where permissions are something else. */
export function parentsOf(roots: readonly Root[]): Parent[] {
  const parents = new Map<string, Parent>()
  let length = 0
  for (const { origin } of process.platform === 'win32' ? [] : roots) {
    for (let path = dirname(origin); path !== dirname(path) && !parents.has(path); path = dirname(path)) {
      length += path.length + 50
      if (length > most) return [...parents.values()]
      try {
        const { mode, uid, gid } = lstatSync(fsPath(path))
        parents.set(path, { path, mode: mode & 0o7777, uid, gid })
      } catch {
        // It is gone, or may not be looked at: nothing is known of it.
        break
      }
    }
  }
  return [...parents.values()]
}
