// Takes a restore back: at once when it fails, at the next start when it was killed, and later when a person wants it undone.
// Guarantees: goes by what is there, so it can itself be killed and started again; nothing is deleted but files that are still exactly as
// they were restored, and what was staged; anything else found in the way goes to a folder `.arche-kept-…`.
// A disk that is away is left for later. Nothing is followed that has appeared since, and no other folder taken for one of ours (held.ts, reach.ts).
import { type BigIntStats, chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '../api/failure.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../lib/work.ts'
import { below, identity, onDisk } from './disk.ts'
import type { HeldTree } from './held.ts'
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
import { MetadataKeeper, metadataOf } from './metadata.ts'
import { keptName } from './names.ts'
import { Reached } from './reach.ts'

export type ReverseContext = Pick<Context, 'report' | 'now'>

export interface Reversed {
  /** Things put back where they were before the restore. */
  readonly restored: number
  /** Folders with what was changed since the restore and so was not thrown away. */
  readonly kept: readonly string[]
}

/**
 * Puts everything back, then forgets the journal. Throws Failure when the disk does not let us, `changed` when it is away or what was moved to
 * safety is no longer there; call again later. `trees`: the folders of each zone, where they are held already.
 */
export async function reverse(path: string, ctx: ReverseContext, trees?: readonly HeldTree[]): Promise<Reversed> {
  const journal = readJournal(path)
  const reached = trees ? undefined : Reached.of(journal)
  try {
    return await reverseIn(
      path,
      journal,
      { trees: reached?.trees ?? trees ?? [], foreign: reached?.foreign ?? new Set() },
      ctx,
    )
  } finally {
    reached?.close()
  }
}

type Folders = Pick<Reached, 'trees' | 'foreign'>

async function reverseIn(path: string, journal: Journal, folders: Folders, ctx: ReverseContext): Promise<Reversed> {
  freeReserve(path)
  const writer = JournalWriter.append(path)
  ctx.report.operation('roll-back')
  const work = new Reversal(journal, folders, writer, ctx)
  try {
    work.clearForeign()
    if (journal.phase !== undefined && journal.phase !== 'reversed') {
      for (const { safety } of journal.zones)
        if (journal.own?.has(safety) && folders.foreign.has(safety)) changed(safety)
      // Nothing was put in place before this line, and none of its deeds counts after `reversed`.
      writer.write([{ is: 'phase', phase: 'reverse' }])
      await work.deeds(deedsBackwards(path))
      for (const tree of new Set(folders.trees)) await tree.sync(tree.path, 'names')
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
  const journal = readJournal(path)
  const reached = Reached.of(journal)
  const { trees, foreign } = reached
  try {
    for (const deed of deedsForwards(path)) {
      const zone = deed.is === 'save' && journal.zones[deed.zone]
      if (zone && (foreign.has(zone.safety) || !trees[deed.zone]?.look(deed.to))) changed(deed.to)
    }
  } finally {
    reached.close()
  }
}

function changed(path: string): never {
  throw new Failure('changed', { name: path, path })
}

class Reversal {
  readonly #journal: Journal
  readonly #folders: Folders
  readonly #writer: JournalWriter
  readonly #ctx: ReverseContext
  readonly #metadata = new MetadataKeeper()
  readonly #kept = new Map<string, string>()
  readonly #pause = pauses()
  #restored = 0

  constructor(journal: Journal, folders: Folders, writer: JournalWriter, ctx: ReverseContext) {
    this.#journal = journal
    this.#folders = folders
    this.#writer = writer
    // What was restored comes back into the staging folder: by now it may belong to others.
    for (const tree of folders.trees) tree.shareOwn()
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
      if (later && !(replaced && !this.#tree(deed).look(deed.to))) this.#deed(later)
      later = deed.is === 'place' ? deed : undefined
      if (!later) this.#deed(deed)
    }
    if (later) this.#deed(later)
  }

  #tree({ zone }: Pick<Deed, 'zone'>): HeldTree {
    return this.#folders.trees[zone] ?? changed(this.#journal.id)
  }

  #deed(deed: Deed): void {
    const zone = this.#journal.zones[deed.zone]
    if (!zone) throw new Failure('damaged', { name: this.#journal.id })
    const tree = this.#tree(deed)
    this.#ctx.report.advance(0, deed.path)
    if (deed.is === 'place' && this.#isSame(deed, tree)) this.#takeOut(deed.path, deed.from, zone, tree)
    else if (deed.is === 'place') return
    else if (deed.is === 'save') this.#putBack(deed, zone, tree)
    else if (deed.is === 'meta') this.#metaBack(deed, tree)
    // A folder made for the restore; somebody may use it by now.
    else tree.removeFolder(deed.path)
  }

  /** Back to the staging folder; `clear` decides what of it may go. Still staged: it was never placed. */
  #takeOut(path: string, staged: string, zone: Zone, tree: HeldTree): void {
    if (tree.look(staged)) return
    const stat = tree.look(path)
    if (!stat) return
    this.#stagingIn(zone, tree)
    tree.makeFolders(dirname(staged))
    this.#move(path, staged, stat, tree)
  }

  /** The staging folder is gone since the restore ended: a new one, noted, so that it is known when this is gone on with. */
  #stagingIn({ staging }: Zone, tree: HeldTree): void {
    if (tree.claim(staging, '') === 'ours') return
    const { inode } = tree.makeOwn(staging, 'shared')
    this.#writer.write([{ is: 'own', path: staging, inode }])
  }

  /** The folder in which something was replaced is still that folder, or gone; or nobody but us can have put another one there. */
  #isSame({ path, inside }: Pick<Extract<Deed, { is: 'save' | 'place' }>, 'path' | 'inside'>, tree: HeldTree): boolean {
    const there = inside === undefined ? undefined : tree.folder(dirname(path))
    if (inside === undefined || !there || inodeIn(there.identity) === inodeIn(inside)) return true
    return !tree.keepsInodes || tree.isOnlyOurs(dirname(path))
  }

  #putBack(deed: Extract<Deed, { is: 'save' }>, zone: Zone, tree: HeldTree): void {
    const { path, to: safe } = deed
    const saved = tree.look(safe)
    if (!saved) return
    const reason = this.#isSame(deed, tree) ? this.#wayBack(dirname(path), tree) : 'changed'
    if (reason !== undefined) {
      this.#ctx.report.warn({ code: 'entry-failed', details: { path, reason } })
      this.#keep(safe, saved, zone, tree)
      return
    }
    const inTheWay = tree.look(path)
    if (inTheWay) this.#keep(path, inTheWay, zone, tree)
    this.#move(safe, path, tree.look(safe), tree)
    this.#restored += 1
  }

  /** Makes the folders that are missing; or why that cannot be. */
  #wayBack(folder: string, tree: HeldTree): string | undefined {
    try {
      tree.makeFolders(folder, 0o755)
      return undefined
    } catch (error) {
      if (error instanceof Failure && error.code === 'changed') return 'ENOTDIR'
      throw error
    }
  }

  /** Another folder than the one that was changed keeps what it has. */
  #metaBack({ path, before, folder }: Extract<Deed, { is: 'meta' }>, tree: HeldTree): void {
    const there = tree.folder(path)
    if (there && (folder === undefined || inodeIn(folder) === inodeIn(there.identity) || !tree.keepsInodes))
      this.#metadata.folder(there.way, before, path, true)
  }

  /** A folder that we may not write to cannot be renamed without root; its permissions are of no use to anybody any more. */
  #move(from: string, to: string, stat: BigIntStats | undefined, tree: HeldTree): void {
    try {
      tree.rename(from, to)
    } catch (error) {
      const folder = stat?.isDirectory() ? tree.folder(from) : undefined
      if (!(error instanceof Failure) || error.details.reason !== 'EACCES' || !stat || !folder) throw error
      if (folder.identity !== identity(stat)) throw error
      onDisk(from, () => chmodSync(folder.way, Number(stat.mode & 0o7777n) | 0o700))
      tree.rename(from, to)
    }
  }

  #keep(path: string, stat: BigIntStats, zone: Zone, tree: HeldTree): void {
    const folder = this.#keptFolder(zone, tree)
    const from = [`${zone.staging}/new`, zone.safety].find((top) => path.startsWith(`${top}/`)) ?? zone.base
    const rest = path.slice(from.length)
    let to = below(folder, rest.replace(/^\//, '') || 'restored')
    for (let count = 2, first = to; tree.look(to); count++) to = `${first} (${count})`
    tree.makeFolders(dirname(to))
    this.#move(path, to, stat, tree)
  }

  #keptFolder(zone: Zone, tree: HeldTree): string {
    const known = this.#kept.get(zone.base)
    if (known !== undefined) return known
    const name = below(zone.base, keptName(this.#ctx.now()))
    let free = name
    for (let count = 2; tree.look(free); count++) free = `${name}-${count}`
    tree.makeOwn(free, 'shared')
    this.#kept.set(zone.base, free)
    return free
  }

  /** Something else bears the name of a staging folder: out of the way, if it is not one that was never filled. */
  clearForeign(): void {
    for (const [index, zone] of this.#journal.zones.entries()) {
      const tree = this.#tree({ zone: index })
      if (!this.#folders.foreign.has(zone.staging) || tree.removeFolder(zone.staging) === undefined) continue
      const stat = tree.look(zone.staging)
      if (stat) this.#keep(zone.staging, stat, zone, tree)
    }
  }

  /** Removes what was staged, except what somebody has changed or added since it was restored. */
  clear(unchanged: Unchanged): void {
    for (const [index, zone] of this.#journal.zones.entries()) {
      const tree = this.#tree({ zone: index })
      tree.removeTree(zone.staging, (path, stat) => {
        this.#ctx.report.advance(0, path)
        if (unchanged(stat)) return false
        this.#keep(path, stat, zone, tree)
        return true
      })
      if (this.#folders.foreign.has(zone.safety)) tree.removeFolder(zone.safety)
      else tree.removeEmpty(zone.safety)
    }
  }

  /** Our own folders came and went in the bases: only the time of these still shows it. */
  baseTimes(): void {
    for (const [index, { base, before }] of [...this.#journal.zones.entries()].reverse()) {
      const tree = this.#tree({ zone: index })
      if (this.#kept.has(base)) continue
      const { way } = tree.folder(base) ?? changed(base)
      this.#metadata.folder(way, { ...metadataOf(tree.stat), mtime: before.mtime, time: before.time }, base)
    }
  }
}

function inodeIn(id: string): string {
  return id.slice(id.indexOf(':') + 1)
}
