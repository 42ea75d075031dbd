// What walking a tree asks of what a plan leaves out; exclude.ts answers.
import type { Stats } from 'node:fs'

export type Numbers = Pick<Stats, 'dev' | 'ino'>

export interface Exclusion {
  /** `at` is the absolute real path, `name` its last part; `base`: characters of it before the name of the chosen folder. */
  excludes(at: string, name: string, stat: Stats, base: number): boolean
  /** Names in a folder that are never read, if there are any. */
  within(folder: Numbers): ReadonlySet<string> | undefined
  /** Patterns that have matched nothing so far. */
  unused(): readonly string[]
  /** Folders that were left out because they hold the backups of media, or are media under other paths. */
  readonly met: readonly string[]
}
