// From an archive to private staging folders beside the destinations: everything is written there first, nothing is put in place yet.
// Guarantees: whatever the entries are called or link to, nothing outside the staging folders is written, because these are new and private
// (0700) and hold no symlink until every entry has been read; an entry that cannot be restored is a warning, a full disk is the end.
// Does not touch what exists at the destination: see place.ts.
import { chmodSync, closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { Entry, Extent } from '../archive/archive.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { errnoOf } from '../lib/files.ts'
import { fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import { inlinePool, type Pool } from '../lib/pool.ts'
import type { Context } from '../lib/work.ts'
import { asFailure, EarlySync, identity, look, namesIn, onDisk } from './disk.ts'
import { longestPath } from './held.ts'
import { canHold } from './held-folder.ts'
import { Links } from './links.ts'
import { MarkWriter } from './marks.ts'
import { type Metadata, MetadataKeeper } from './metadata.ts'
import { isPlain, type Refusal, Refused, safeParts } from './names.ts'
import { Destination, placeOf, Selection } from './places.ts'
import type { RestorePlan } from './plan.ts'
import { SparseFile } from './sparse-file.ts'
import { Spool } from './spool.ts'
import {
  type Announced,
  createFlags,
  FileWriter,
  fillFile,
  type Outcomes,
  ownFault,
  type WriteTask,
  type Written,
  writeFiles,
} from './writing.ts'
import type { Zones } from './zones.ts'

const rememberedFolders = 10_000

/** A folder whose permissions and time are set last. `inode` tells whether the one found in place is ours or was there before. */
export interface StagedFolder extends Metadata {
  readonly path: string
  readonly inode: string
  /** The folder that stood at its destination, if one did: no other one gets its permissions. */
  readonly there?: string | undefined
  /** Only made as the way to something chosen. */
  readonly way: boolean
}

/** `write`: threads in which files are made and written; absent, it is done here. */
export type StageContext<Pools = unknown> = Context<Pools> & { readonly write?: Pool<WriteTask, Written> }

/** Shorter paths fit wherever they go, in bytes. */
const shortPath = longestPath / 2

const nothing = new Uint8Array(0)

export class Stage {
  readonly folders: Spool<StagedFolder>
  readonly metadata = new MetadataKeeper()
  readonly destination: Destination
  files = 0
  bytes = 0
  /** Something of the selection was in the archive. */
  found = false
  readonly #links: Links
  readonly #early: EarlySync
  readonly #marks: MarkWriter
  readonly #writer: FileWriter
  readonly #selection: Selection
  readonly #made = new Set<string>()
  readonly #strangers = new Set<string>()
  readonly #plan: RestorePlan
  readonly #zones: Zones
  readonly #ctx: Context

  constructor(plan: RestorePlan, zones: Zones, marks: string, ctx: StageContext) {
    this.#plan = plan
    this.#zones = zones
    this.#ctx = ctx
    this.#selection = new Selection(plan.only)
    this.destination = new Destination(plan.places)
    this.folders = new Spool(join(ctx.temp, `${plan.id}.folders`))
    this.#marks = new MarkWriter(marks)
    this.#early = new EarlySync((where) => zones.syncEarly(where))
    this.#links = new Links(join(ctx.temp, `${plan.id}.links`), zones, this.metadata, this.#marks)
    this.#writer = new FileWriter(ctx.write ?? inlinePool(writeFiles), this.#outcomes(), (where) =>
      zones.mixesNames(where) ? where.toLowerCase().normalize('NFD') : where,
    )
  }

  #outcomes(): Outcomes {
    return {
      made: (marks) => {
        for (const mark of marks) this.#marks.addMark(mark)
      },
      told: (told, shown) => this.metadata.add(told, (where) => this.#zones.target(shown(where))),
      taken: (file, content) => this.#another(file, content),
      refused: ({ path }, size, reason) => {
        this.#uncount(size)
        this.#failed(path, reason)
      },
    }
  }

  /** A file in whose place something was. */
  #another(file: Announced, content: Uint8Array): void {
    try {
      const made = this.#create(file.where)
      try {
        const target = this.#zones.target(file.path)
        this.#marks.addMark(onDisk(target, () => fillFile(made, target, content, file, this.metadata)))
      } finally {
        closeSync(made)
      }
    } catch (error) {
      this.#uncount(content.length)
      this.#leaveOut(file.path, error)
    }
  }

  #uncount(size: number): void {
    this.files -= 1
    this.bytes -= size
  }

  async fill(entries: AsyncIterable<Entry>): Promise<void> {
    try {
      await this.#fill(entries)
    } finally {
      await this.#writer.ended()
    }
  }

  async #fill(entries: AsyncIterable<Entry>): Promise<void> {
    const pause = pauses()
    for await (const entry of entries) {
      throwIfCancelled(this.#ctx.signal)
      if (pause.due()) await pause.take()
      const going = this.#guard(entry.path, () => this.#entry(entry))
      if (going !== undefined) await going
    }
    await this.#writer.settled()
    for (const link of this.#links.all()) {
      throwIfCancelled(this.#ctx.signal)
      if (pause.due()) await pause.take()
      await this.#guard(link.path, () => {
        if (this.#links.make(link)) this.files += 1
      })
    }
    this.#marks.sync()
    await this.#early.settled()
  }

  close(): void {
    this.folders.close()
    this.#links.close()
    this.#marks.close()
  }

  /** A promise only where there is something to wait for: small files are written at once. */
  #guard(path: string, deed: () => void | Promise<void>): void | Promise<void> {
    try {
      return deed()?.catch((error: unknown) => this.#leaveOut(path, error))
    } catch (error) {
      this.#leaveOut(path, error)
    }
  }

  #leaveOut(path: string, error: unknown): void {
    const reason = errnoOf(error)
    if (error instanceof Refused)
      this.#ctx.report.warn({ code: 'entry-refused', details: { path, reason: error.refusal } })
    else if (reason !== undefined && ownFault.has(reason)) this.#failed(path, reason)
    else throw asFailure(error, this.#at(path))
  }

  /** Where something of the archive would go, if anywhere. */
  #at(path: string): string {
    return placeOf(this.#plan.places, path) ? this.#zones.target(path) : path
  }

  #failed(path: string, reason: string): void {
    this.#ctx.report.warn({ code: 'entry-failed', details: { path, reason } })
  }

  #entry(entry: Entry): void | Promise<void> {
    const path = isPlain(entry.path) ? entry.path : safePath(entry.path)
    if (path === '') return
    if (path.length * 3 > shortPath && this.#tooLong(path, entry.path)) return
    const borrower = entry.type === 'file' ? this.#plan.borrowed[path] : undefined
    if (borrower !== undefined && placeOf(this.#plan.places, borrower))
      return this.#placed(borrower, 'file', (where) => this.#file(entry, borrower, where))
    const chosen = this.#selection.of(path)
    if (chosen === 'no' || (chosen === 'parent' && entry.type !== 'folder')) return
    if (entry.type === 'other') throw new Refused('special')
    if (!placeOf(this.#plan.places, path)) return this.#stranger(path)
    const standing = this.destination.see(path, entry.type)
    if (standing.device !== undefined) this.#zones.mounted(path, standing.at, standing.device)
    if (chosen === 'yes') this.found = true
    if (entry.type === 'file') return this.#placed(path, 'file', (where) => this.#file(entry, path, where))
    if (entry.type === 'folder')
      return this.#placed(path, 'folder', (where) =>
        this.#folder(entry, path, { way: chosen === 'parent', there: standing.folder }, where),
      )
    if (entry.type === 'symlink')
      return this.#placed(path, 'file', (where) => this.#later(entry, path, where, entry.target ?? '', 'symlink'))
    // It must be there in full: a link to what is empty stands for something else, and where there are no links it is copied.
    return this.#writer.settled().then(() => this.#link(entry, path))
  }

  /** Asked before a thousand parents are made in vain. */
  #tooLong(path: string, given: string): boolean {
    const long = canHold() ? path : this.#at(path)
    const over = Buffer.byteLength(long) - longestPath
    if (over > 0) this.#ctx.report.warn({ code: 'entry-too-long', details: { path: given, over } })
    return over > 0
  }

  /** Not below any root that has a place: told once for each name at the top. */
  #stranger(path: string): void {
    const top = path.split('/')[0] as string
    if (this.#strangers.has(top)) return
    this.#strangers.add(top)
    this.#ctx.report.warn({ code: 'entry-refused', details: { path: top, reason: 'no-origin' satisfies Refusal } })
  }

  /** Where an entry is staged, its parents made. Undefined: something must be settled first. */
  #where(path: string, type: Entry['type'] = 'file'): string | undefined {
    const where = this.#zones.staged(path, type)
    if (this.#unsettled(where.path, where.top)) return undefined
    if (where.rest !== '') this.#parents(parentOf(where.path), where.top)
    return where.path
  }

  /** A file of this name, or of that of a folder on the way, is announced and perhaps not there yet. */
  #unsettled(where: string, top: string): boolean {
    if (this.#writer.making(where)) return true
    for (let folder = parentOf(where); folder.length >= top.length; folder = parentOf(folder)) {
      if (this.#made.has(folder)) return false
      if (this.#writer.making(folder)) return true
    }
    return false
  }

  /** Calls `deed` again with where the entry is staged, once that is certain. */
  #placed(path: string, type: Entry['type'], deed: (where: string) => void | Promise<void>): void | Promise<void> {
    const where = this.#where(path, type)
    if (where !== undefined) return deed(where)
    return this.#writer.settled().then(() => deed(this.#where(path, type) as string))
  }

  #parents(folder: string, top: string): void {
    if (this.#made.has(folder)) return
    if (folder.length > top.length) this.#parents(parentOf(folder), top)
    this.#makeFolder(folder, 0o755)
  }

  /** Found there already: fine if it is a folder of exactly this name. */
  #makeFolder(folder: string, mode: number): void {
    if (this.#made.has(folder)) return
    const way = this.#zones.reach(folder)
    const there = look(way)
    if (there && !there.isDirectory()) throw new Refused('below-file')
    if (there) this.#sameName(folder)
    else {
      mkdirSync(fsPath(way), mode)
      // mkdir's own mode is subject to the umask.
      if (this.#zones.isDirect(folder)) chmodSync(fsPath(way), mode)
    }
    if (this.#made.size > rememberedFolders) this.#made.clear()
    this.#made.add(folder)
  }

  /** Where names that differ only by case or Unicode form meet, the second is refused: it would end up in the first. */
  #sameName(path: string): void {
    const end = path.lastIndexOf('/')
    if (this.#zones.mixesNames(path) && !namesIn(this.#zones.reach(path.slice(0, end))).includes(path.slice(end + 1)))
      throw new Refused('same-name')
  }

  #folder(entry: Entry, path: string, about: Pick<StagedFolder, 'way' | 'there'>, where: string): void {
    if (look(this.#zones.reach(where))?.isDirectory() === false) throw new Refused('folder-and-file')
    this.#makeFolder(where, 0o700)
    const { mode, uid, gid, mtime, time, attributes } = entry
    const stat = look(this.#zones.reach(where))
    this.folders.add({ path, inode: stat ? identity(stat) : '', ...about, mode, uid, gid, mtime, time, attributes })
  }

  #file(entry: Entry, path: string, where: string): void | Promise<void> {
    const { mode, uid, gid, mtime, time, attributes } = entry
    const about = { path, where, mode, uid, gid, mtime, time, attributes }
    if (entry.sparse) return this.#sparseFile(entry, about, entry.sparse)
    if (entry.content === undefined && entry.size > 0) return this.#largeFile(entry, about)
    const content = entry.content ?? nothing
    if (content.length !== entry.size) throw new Failure('damaged', { name: entry.path })
    this.files += 1
    this.#wrote(where, content, entry)
    if (this.#zones.isDirect(where)) return this.#writer.file(content, about)
    this.#another(about, content)
  }

  /** Does not come in one piece. */
  async #largeFile(entry: Entry, about: Announced): Promise<void> {
    const file = this.#writer.begin(this.#create(about.where), about)
    let done = 0
    try {
      for await (const chunk of entry.body ?? []) {
        throwIfCancelled(this.#ctx.signal)
        done += chunk.length
        if (done > entry.size) break
        const going = this.#writer.add(file, chunk)
        if (going !== undefined) await going
        this.#wrote(about.where, chunk, entry)
      }
      if (done !== entry.size) throw new Failure('damaged', { name: entry.path })
      this.files += 1
    } finally {
      this.#writer.end(file, done === entry.size)
    }
  }

  async #sparseFile(entry: Entry, about: Announced, extents: readonly Extent[]): Promise<void> {
    const content = new SparseFile(this.#writer, this.#create(about.where), about)
    await content.fill(entry, extents, (chunk) => {
      throwIfCancelled(this.#ctx.signal)
      this.#wrote(about.where, chunk, entry)
    })
    this.files += 1
    // What is not there was restored, too.
    this.bytes += content.holes
    this.#ctx.report.advance(content.holes, entry.path)
  }

  #wrote(where: string, chunk: Uint8Array, entry: Entry): void {
    this.bytes += chunk.length
    this.#early.wrote(where, chunk.length)
    this.#ctx.report.advance(chunk.length, entry.path)
  }

  #create(where: string): number {
    try {
      return openSync(fsPath(this.#zones.reach(where)), createFlags, 0o600)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
      this.#clear(where)
      return openSync(fsPath(this.#zones.reach(where)), createFlags, 0o600)
    }
  }

  /** Makes room for an entry. Of two entries with one name the later one counts, as for tar; a folder is never replaced. */
  #clear(where: string): void {
    const there = look(this.#zones.reach(where))
    if (!there) return
    if (there.isDirectory()) throw new Refused('folder-and-file')
    this.#sameName(where)
    unlinkSync(fsPath(this.#zones.reach(where)))
  }

  #link(entry: Entry, path: string): void {
    const parts = safeParts(entry.target ?? '')
    if (!Array.isArray(parts) || parts.length === 0) throw new Refused('link-outside')
    const named = parts.join('/')
    const target = this.#plan.borrowed[named] ?? named
    // The content of a file that was not chosen itself was staged under this name.
    if (target === path && named !== path) return
    const source = placeOf(this.#plan.places, target) && look(this.#zones.reach(this.#zones.staged(target).path))
    if (target === path || !source?.isFile()) throw new Refused('link-outside')
    // An empty file may stand for a symlink that is made later.
    const where = this.#where(path) as string
    if (source.size === 0n) this.#later(entry, path, where, target, 'link')
    else {
      this.#clear(where)
      this.#links.linkOrCopy(this.#zones.staged(target).path, where)
      this.files += 1
    }
  }

  /** An empty file keeps the place until all entries are read: nothing can be written through it. */
  #later(entry: Entry, path: string, where: string, target: string, type: 'symlink' | 'link'): void {
    if (type === 'symlink' && (target === '' || target.includes('\0'))) throw new Refused('bad-name')
    closeSync(this.#create(where))
    this.#links.add(entry, { path, where, type, target })
  }
}

/** '' for the top folder itself. */
function safePath(path: string): string {
  const parts = safeParts(path)
  if (!Array.isArray(parts)) throw new Refused(parts)
  return parts.join('/')
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
