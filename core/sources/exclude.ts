// What a tree leaves out: what a plan excludes (api/exclusion.ts), and what is never saved: the media that hold backups, and what Arche itself writes.
// Guarantees: our own staging and safety folders are never backed up; media are known by what they are, not by where they are mounted. Does not apply to
// the chosen folders themselves: who names one, wants it. Names that differ only in their Unicode form are the same; in capitals where the system says so.
import { closeSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isPattern, isWholePath } from '../api/exclusion.ts'
import { globSource } from '../lib/glob.ts'
import { fsPath } from '../lib/paths.ts'
import type { Exclusion, Numbers } from './exclusion.ts'
import { openFile, readInto } from './late.ts'

/** Folders a restore makes beside what it restores: see core/restore/names.ts. */
const ownFolders = /^\.arche-(?:restore|before-restore)-/

/** Lies in the folder of a medium, with its random id: see core/drives/marker.ts. */
const markerName = '.arche-medium.json'

/** Plain values: given to threads too. */
export interface Excluded {
  /** In the syntax of api/exclusion.ts. */
  readonly patterns: readonly string[]
  /** Absolute paths that are never read. */
  readonly leaveOut: readonly string[]
}

export function exclusion({ patterns, leaveOut }: Excluded): Exclusion {
  const rules = patterns.filter((pattern) => pattern !== '').map(ruleOf)
  const own = new Own(leaveOut)
  return {
    excludes(at, name, stat, base) {
      const folder = stat.isDirectory()
      if (own.named(at, name) || (folder && (ownFolders.test(name) || own.holds(at, name, stat)))) return true
      let excluded = false
      // All of them are asked, because each must know whether it is of use.
      for (const rule of rules) {
        if ((rule.foldersOnly && !folder) || !rule.matches(at, name, base)) continue
        rule.used = true
        excluded = true
      }
      return excluded
    },
    within: (folder) => own.within(folder),
    unused: () => rules.filter(({ used }) => !used).map(({ pattern }) => pattern),
    met: own.met,
  }
}

interface Rule {
  readonly pattern: string
  used: boolean
  readonly foldersOnly: boolean
  matches(at: string, name: string, base: number): boolean
}

const flags = process.platform === 'darwin' || process.platform === 'win32' ? 'sui' : 'su'

function ruleOf(pattern: string): Rule {
  const bare = pattern.replace(/\/+$/, '').normalize('NFC')
  return { pattern, used: false, foldersOnly: pattern.endsWith('/'), matches: matcherOf(bare) }
}

function matcherOf(bare: string): Rule['matches'] {
  if (isWholePath(bare)) {
    const { fixed, rest } = resolvedStart(bare)
    if (rest === '') return (at, name) => name === basename(fixed) && at === fixed
    const regex = new RegExp(`^${globSource(escaped(fixed === '/' ? '' : fixed))}/${globSource(rest)}$`, flags)
    return (at) => regex.test(composed(at))
  }
  if (bare.includes('/')) {
    const regex = new RegExp(`(?:^|/)${globSource(bare)}$`, flags)
    return (at, _, base) => regex.test(composed(at.slice(base)))
  }
  const regex = new RegExp(`^${globSource(bare)}$`, flags)
  return (_, name) => regex.test(composed(name))
}

/** Normalising every name of a large tree would take long: nearly all are ASCII. */
function composed(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return /^[\x00-\x7f]*$/.test(text) ? text : text.normalize('NFC')
}

/** A whole path, its symlinks resolved as far as no character of it means more than itself; and the rest of it. */
function resolvedStart(path: string): { fixed: string; rest: string } {
  const parts = path.split('/')
  const first = parts.findIndex((part) => isPattern(part.replace(/\\./gs, '')))
  const fixed = (first < 0 ? parts : parts.slice(0, first)).join('/').replace(/\\(.)/gs, '$1')
  return { fixed: realOrResolved(fixed === '' ? '/' : fixed), rest: first < 0 ? '' : parts.slice(first).join('/') }
}

function escaped(path: string): string {
  return path.normalize('NFC').replace(/[*?[\]{}\\]/g, '\\$&')
}

function realOrResolved(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // Not there (yet): the path as it is written is the best name for it.
    return resolve(path)
  }
}

/** What is never saved, known by device and inode: the same folder may be mounted at several places. */
class Own {
  readonly #paths: ReadonlySet<string>
  /** Names are compared first: a whole path is looked up for few of them. */
  readonly #last: ReadonlySet<string>
  readonly met: string[] = []
  /** Folders of backups among the paths. */
  readonly #media = new Set<string>()
  readonly #folders = new Set<string>()
  readonly #inodes = new Set<number>()
  readonly #names = new Map<string, Set<string>>()
  readonly #markers = new Map<string, Set<string>>()

  constructor(leaveOut: readonly string[]) {
    this.#paths = new Set(leaveOut.map(realOrResolved))
    this.#last = new Set([...this.#paths].map((path) => basename(path)))
    for (const path of this.#paths) {
      const key = folderKey(path)
      if (key) {
        this.#folders.add(key.text)
        this.#inodes.add(key.ino)
        const marker = markerIn(path)
        if (marker !== undefined) {
          setOf(this.#markers, basename(path)).add(marker)
          this.#media.add(path)
        }
      }
      const parent = folderKey(dirname(path))
      if (!parent || key) continue
      setOf(this.#names, parent.text).add(basename(path))
      this.#inodes.add(parent.ino)
    }
  }

  named(at: string, name: string): boolean {
    const named = this.#last.has(name) && this.#paths.has(at)
    if (named && this.#media.has(at)) this.met.push(at)
    return named
  }

  /** For a folder that is not named. */
  holds(at: string, name: string, { dev, ino }: Numbers): boolean {
    const same = this.#inodes.has(ino) && this.#folders.has(`${dev}:${ino}`)
    // Another way to the medium, such as a network share of it, has other numbers.
    const marked = !same && this.#markers.get(name)?.has(markerIn(at) ?? '') === true
    if (same || marked) this.met.push(at)
    return same || marked
  }

  within({ dev, ino }: Numbers): ReadonlySet<string> | undefined {
    return this.#inodes.has(ino) ? this.#names.get(`${dev}:${ino}`) : undefined
  }
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const set = map.get(key) ?? new Set()
  map.set(key, set)
  return set
}

function folderKey(path: string): { text: string; ino: number } | undefined {
  try {
    const stat = statSync(fsPath(path))
    return stat.isDirectory() ? { text: `${stat.dev}:${stat.ino}`, ino: stat.ino } : undefined
  } catch {
    // It is not there: nothing can be it.
    return undefined
  }
}

/** At the most a kilobyte of it; a pipe in its place is not waited for. */
function markerIn(folder: string): string | undefined {
  const found = openFile(join(folder, markerName))
  if ('code' in found) return undefined
  try {
    const text = Buffer.alloc(1024)
    const read = readInto(found.file, text, folder)
    return typeof read === 'number' && read > 0 ? text.toString('latin1', 0, read) : undefined
  } finally {
    closeSync(found.file)
  }
}
