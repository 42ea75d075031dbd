// Takes a restore back: at once when it fails, at the next start when it was killed, and later when a person wants it undone.
// Guarantees: goes by what is there, so it can itself be killed and started again; nothing is deleted but files that are still exactly as
// they were restored, and what was staged; anything else found in the way goes to a folder `.arche-kept-…`.
// A disk that is away is left for later. Never follows a symlink that has appeared since.
import { type BigIntStats, renameSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '../api/failure.ts'
import { errnoOf } from '../lib/files.ts'
import { fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../sources/source.ts'
import { look, makeFolders, onDisk, removeEmpty, removeTree, syncRenames } from './disk.ts'
import {
  type Deed,
  deedsBackwards,
  deedsForwards,
  freeReserve,
  type Journal,
  JournalWriter,
  marksPath,
  readJournal,
  removeJournal,
  type Zone,
} from './journal.ts'
import { readMarks, type Unchanged } from './marks.ts'
import { type Metadata, MetadataKeeper, metadataOf } from './metadata.ts'
import { keptName } from './names.ts'
import { below } from './places.ts'

export type ReverseContext = Pick<Context, 'report' | 'now'>

export interface Reversed {
  /** Things put back where they were before the restore. */
  readonly restored: number
  /** Folders with what was changed since the restore and so was not thrown away. */
  readonly kept: readonly string[]
}

/** False while a disk is away: its base is not there, or another folder stands at its mount point. */
export function isReachable(journal: Pick<Journal, 'zones'>): boolean {
  return journal.zones.every((zone) => {
    const base = look(zone.base)
    if (!base?.isDirectory()) return false
    // FAT gives out inode numbers anew; our own folders are proof enough.
    return String(base.ino) === zone.inode || look(zone.staging) !== undefined || look(zone.safety) !== undefined
  })
}

/** Puts everything back, then forgets the journal. Throws Failure when the disk does not let us; call again later. */
export async function reverse(path: string, ctx: ReverseContext): Promise<Reversed> {
  const journal = readJournal(path)
  freeReserve(path)
  const writer = JournalWriter.append(path)
  ctx.report.operation('roll-back')
  const work = new Reversal(journal, ctx)
  try {
    if (journal.phase !== undefined && journal.phase !== 'reversed') {
      // Nothing was put in place before this line, and none of its deeds counts after `reversed`.
      writer.write([{ is: 'phase', phase: 'reverse' }])
      await work.deeds(deedsBackwards(path))
      for (const { base } of journal.zones) await syncRenames(base)
      writer.write([{ is: 'phase', phase: 'reversed' }])
    }
    work.clear(journal.phase === undefined ? () => true : readMarks(marksPath(path)))
    if (!journal.finished) work.baseTimes()
  } finally {
    writer.close()
  }
  removeJournal(path)
  return work.result()
}

/** Failure `changed` when something that was moved to safety is no longer there: then the restored files are all there is. */
export function checkSafety(path: string): void {
  for (const deed of deedsForwards(path)) {
    if (deed.is === 'save' && !look(deed.to)) throw new Failure('changed', { name: deed.to })
  }
}

class Reversal {
  readonly #journal: Journal
  readonly #ctx: ReverseContext
  readonly #metadata = new MetadataKeeper()
  readonly #kept = new Map<string, string>()
  readonly #pause = pauses()
  #restored = 0

  constructor(journal: Journal, ctx: ReverseContext) {
    this.#journal = journal
    this.#ctx = ctx
  }

  result(): Reversed {
    return { restored: this.#restored, kept: [...this.#kept.values()] }
  }

  async deeds(deeds: Iterable<Deed>): Promise<void> {
    let later: Extract<Deed, { is: 'place' }> | undefined
    for (const deed of deeds) {
      if (this.#pause.due()) await this.#pause.take()
      // What replaced something is written right after what was saved: whether to take it out depends on both.
      const replaced = deed.is === 'save' && later?.path === deed.path
      if (later && !(replaced && !look(deed.to))) this.#deed(later)
      later = deed.is === 'place' ? deed : undefined
      if (!later) this.#deed(deed)
    }
    if (later) this.#deed(later)
  }

  #deed(deed: Deed): void {
    const zone = this.#journal.zones[deed.zone]
    if (!zone) throw new Failure('damaged', { name: this.#journal.id })
    this.#ctx.report.advance(0, deed.path)
    if (deed.is === 'place') this.#takeOut(deed.path, deed.from, zone)
    else if (deed.is === 'save') this.#putBack(deed.to, deed.path, zone)
    else if (deed.is === 'meta') this.#metaBack(deed.path, deed.before, zone)
    else if (this.#isReal(deed.path, zone)) removeIfEmpty(deed.path)
  }

  /** Back to the staging folder; `clear` decides what of it may go. Still staged: it was never placed. */
  #takeOut(path: string, staged: string, zone: Zone): void {
    if (look(staged) || !this.#isReal(path, zone)) return
    const stat = look(path)
    if (!stat) return
    makeFolders(dirname(staged))
    this.#move(path, staged, stat)
  }

  #putBack(safe: string, path: string, zone: Zone): void {
    if (!look(safe)) return
    const parent = dirname(path)
    if (this.#isReal(path, zone, true)) makeFolders(parent, 0o755)
    if (!this.#isReal(path, zone)) {
      this.#ctx.report.warn({ code: 'entry-failed', details: { path, reason: 'ENOTDIR' } })
      return
    }
    const inTheWay = look(path)
    if (inTheWay) this.#keep(path, inTheWay, zone)
    this.#move(safe, path, look(safe))
    this.#restored += 1
  }

  #metaBack(path: string, before: Metadata, zone: Zone): void {
    if (this.#isReal(path, zone) && look(path)?.isDirectory()) this.#metadata.folder(path, before)
  }

  /** A folder that we may not write to cannot be renamed without root; its permissions are of no use to anybody any more. */
  #move(from: string, to: string, stat: BigIntStats | undefined): void {
    onDisk(from, () => {
      try {
        renameSync(fsPath(from), fsPath(to))
      } catch (error) {
        if (errnoOf(error) !== 'EACCES' || !stat?.isDirectory()) throw error
        const now = metadataOf(stat)
        this.#metadata.folder(from, { ...now, mode: now.mode | 0o700 })
        renameSync(fsPath(from), fsPath(to))
      }
    })
  }

  #keep(path: string, stat: BigIntStats, zone: Zone): void {
    const folder = this.#keptFolder(zone)
    const rest = path.startsWith(`${zone.staging}/new`)
      ? path.slice(`${zone.staging}/new`.length)
      : path.slice(zone.base.length)
    let to = below(folder, rest.replace(/^\//, '') || 'restored')
    for (let count = 2, first = to; look(to); count++) to = `${first} (${count})`
    makeFolders(dirname(to))
    this.#move(path, to, stat)
  }

  #keptFolder(zone: Zone): string {
    const known = this.#kept.get(zone.base)
    if (known !== undefined) return known
    const name = below(zone.base, keptName(this.#ctx.now()))
    let free = name
    for (let count = 2; look(free); count++) free = `${name}-${count}`
    makeFolders(free)
    this.#kept.set(zone.base, free)
    return free
  }

  /** True when the way from the base to `path` leads through real folders only; `mayMiss`: some may be gone. */
  #isReal(path: string, zone: Zone, mayMiss = false): boolean {
    if (path === zone.base) return true
    for (let parent = dirname(path); parent.length > zone.base.length; parent = dirname(parent)) {
      const stat = look(parent)
      if (!(stat?.isDirectory() ?? mayMiss)) return false
    }
    return true
  }

  /** Removes what was staged, except what somebody has changed or added since it was restored. */
  clear(unchanged: Unchanged): void {
    for (const zone of this.#journal.zones) {
      removeTree(zone.staging, (path, stat) => {
        this.#ctx.report.advance(0, path)
        if (unchanged(stat)) return false
        this.#keep(path, stat, zone)
        return true
      })
      removeEmpty(zone.safety)
    }
  }

  /** Our own folders came and went in the bases: only the time of these still shows it. */
  baseTimes(): void {
    for (const { base, before } of this.#journal.zones.toReversed()) {
      const stat = this.#kept.has(base) ? undefined : look(base)
      if (stat?.isDirectory()) this.#metadata.folder(base, { ...metadataOf(stat), mtime: before.mtime })
    }
  }
}

/** A folder made for the restore; somebody may use it by now. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(fsPath(path))
  } catch (error) {
    const code = errnoOf(error) ?? ''
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) throw error
  }
}
