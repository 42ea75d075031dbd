// From an archive to private staging folders beside the destinations: everything is written there first, nothing is put in place yet.
// Guarantees: whatever the entries are called or link to, nothing outside the staging folders is written, because these are new and private
// (0700) and hold no symlink until every entry has been read; an entry that cannot be restored is a warning, a full disk is the end.
// Does not touch what exists at the destination: see place.ts.
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { Entry } from '../archive/archive.ts'
import { bytesOf, throwIfCancelled } from '../lib/bytes.ts'
import { errnoOf } from '../lib/files.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import { inlinePool, type Pool } from '../lib/pool.ts'
import type { Context } from '../sources/source.ts'
import { asFailure, EarlySync, identity, look, namesIn } from './disk.ts'
import { type Finished, Finisher, type FinishTask, finishFiles, finishSize } from './finish.ts'
import { LaterWriter } from './later-writer.ts'
import { MarkWriter } from './marks.ts'
import { type Metadata, MetadataKeeper, metadataOf } from './metadata.ts'
import { type Refusal, safeParts } from './names.ts'
import { Destination, placeOf, Selection } from './places.ts'
import type { RestorePlan } from './plan.ts'
import { Spool } from './spool.ts'
import type { Zones } from './zones.ts'

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)
const rememberedFolders = 10_000

/** PATH_MAX of Linux less the final NUL; Node makes long paths work on Windows. Asked before a thousand parents are made in vain. */
const longestPath = process.platform === 'win32' ? 32_767 : 4095

/** Errors that are about one entry: its name, or a kind that the file system does not know (symlinks on FAT: EPERM). */
const ownFault = new Set(['ENAMETOOLONG', 'EINVAL', 'EILSEQ', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ELOOP'])

/** link(2): across file systems, not known there, too many, not allowed for another's file. */
const withoutLinks = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** A folder whose permissions and time are set last. `inode` tells whether the one found in place is ours or was there before. */
export interface StagedFolder extends Metadata {
  readonly path: string
  readonly inode: string
  /** Only made as the way to something chosen. */
  readonly way: boolean
}

interface LateLink extends Metadata {
  readonly path: string
  readonly where: string
  readonly type: 'symlink' | 'link'
  readonly target: string
}

/** `finish`: threads for what needs no names; absent, it is done here. */
export type StageContext = Context & { readonly finish?: Pool<FinishTask, Finished> }

/** An entry that is left out; the rest goes on. */
class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal)
    this.refusal = refusal
  }
}

export class Stage {
  readonly folders: Spool<StagedFolder>
  readonly metadata = new MetadataKeeper()
  readonly destination: Destination
  files = 0
  bytes = 0
  /** Something of the selection was in the archive. */
  found = false
  readonly #late: Spool<LateLink>
  readonly #early = new EarlySync()
  readonly #marks: MarkWriter
  readonly #finisher: Finisher
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
    this.#late = new Spool(join(ctx.temp, `${plan.id}.links`))
    this.#marks = new MarkWriter(marks)
    this.#finisher = new Finisher(ctx.finish ?? inlinePool(finishFiles), ({ marks: found, notSet }) => {
      for (const mark of found) this.#marks.addMark(mark)
      this.metadata.add(notSet)
    })
  }

  async fill(entries: AsyncIterable<Entry>): Promise<void> {
    try {
      await this.#fill(entries)
    } finally {
      await this.#finisher.ended()
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
    await this.#finisher.settled()
    for (const link of this.#late.forwards()) {
      throwIfCancelled(this.#ctx.signal)
      if (pause.due()) await pause.take()
      await this.#guard(link.path, () => this.#lateLink(link))
    }
    this.#marks.sync()
    await this.#early.settled()
  }

  close(): void {
    this.folders.close()
    this.#late.close()
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
    else if (reason !== undefined && ownFault.has(reason))
      this.#ctx.report.warn({ code: 'entry-failed', details: { path, reason } })
    else throw asFailure(error, path)
  }

  #entry(entry: Entry): void | Promise<void> {
    const parts = safeParts(entry.path)
    if (!Array.isArray(parts)) throw new Refused(parts)
    if (parts.length === 0) return
    const path = parts.join('/')
    const borrower = entry.type === 'file' ? this.#plan.borrowed[path] : undefined
    if (borrower !== undefined && placeOf(this.#plan.places, borrower)) return this.#file(entry, borrower)
    const chosen = this.#selection.of(path)
    if (chosen === 'no' || (chosen === 'parent' && entry.type !== 'folder')) return
    if (entry.type === 'other') throw new Refused('special')
    if (!placeOf(this.#plan.places, path)) return this.#stranger(parts[0] as string)
    const standing = this.destination.see(path, entry.type)
    if (standing.device !== undefined) this.#zones.mounted(path, standing.at, standing.device)
    if (chosen === 'yes') this.found = true
    if (entry.type === 'folder') this.#folder(entry, path, chosen === 'parent')
    else if (entry.type === 'file') return this.#file(entry, path)
    else if (entry.type === 'symlink') this.#later(entry, path, entry.target ?? '', 'symlink')
    // It must be there in full: a link to what is empty stands for something else, and where there are no links it is copied.
    else return this.#finisher.settled().then(() => this.#link(entry, path))
  }

  /** Not below any root that has a place: told once for each name at the top. */
  #stranger(top: string): void {
    if (this.#strangers.has(top)) return
    this.#strangers.add(top)
    this.#ctx.report.warn({ code: 'entry-refused', details: { path: top, reason: 'no-origin' satisfies Refusal } })
  }

  /** Where an entry is staged, its parents made. */
  #where(path: string, type: Entry['type'] = 'file'): string {
    const where = this.#zones.staged(path, type)
    if (Buffer.byteLength(where.path) > longestPath) throw new Refused('too-long')
    const end = where.path.lastIndexOf('/')
    if (where.rest !== '') this.#parents(where.path.slice(0, end), where.top)
    return where.path
  }

  #parents(folder: string, top: string): void {
    if (this.#made.has(folder)) return
    if (folder.length > top.length) this.#parents(folder.slice(0, folder.lastIndexOf('/')), top)
    this.#makeFolder(folder, 0o755)
  }

  /** Found there already: fine if it is a folder of exactly this name. */
  #makeFolder(folder: string, mode: number): void {
    if (this.#made.has(folder)) return
    const there = look(folder)
    if (there && !there.isDirectory()) throw new Refused('below-file')
    if (there) this.#sameName(folder)
    else {
      mkdirSync(fsPath(folder), mode)
      chmodSync(fsPath(folder), mode)
    }
    if (this.#made.size > rememberedFolders) this.#made.clear()
    this.#made.add(folder)
  }

  /** Where names that differ only by case or Unicode form meet, the second is refused: it would end up in the first. */
  #sameName(path: string): void {
    const end = path.lastIndexOf('/')
    if (this.#zones.mixesNames(path) && !namesIn(path.slice(0, end)).includes(path.slice(end + 1)))
      throw new Refused('same-name')
  }

  #folder(entry: Entry, path: string, way: boolean): void {
    const where = this.#where(path, 'folder')
    if (look(where)?.isDirectory() === false) throw new Refused('folder-and-file')
    this.#makeFolder(where, 0o700)
    const { mode, uid, gid, mtime } = entry
    const stat = look(where)
    this.folders.add({ path, inode: stat ? identity(stat) : '', way, mode, uid, gid, mtime })
  }

  #file(entry: Entry, path: string): void | Promise<void> {
    if (entry.content === undefined && entry.size > 0) return this.#largeFile(entry, path)
    const content = entry.content ?? new Uint8Array(0)
    if (content.length !== entry.size) throw new Failure('damaged', { name: entry.path })
    if (content.length > finishSize) return this.#largeFile({ ...entry, body: bytesOf(content) }, path)
    const where = this.#where(path)
    const { mode, uid, gid, mtime } = entry
    const about = { where, target: this.#zones.target(path), mode, uid, gid, mtime }
    const going = this.#finisher.add(this.#create(where), content, about)
    this.files += 1
    this.#wrote(where, content, entry)
    return going
  }

  /** Written by the system's threads, each piece while the next one comes. */
  async #largeFile(entry: Entry, path: string): Promise<void> {
    const where = this.#where(path)
    const file = this.#create(where)
    const writing = new LaterWriter(file, where)
    try {
      let done = 0
      for await (const chunk of entry.body ?? []) {
        throwIfCancelled(this.#ctx.signal)
        done += chunk.length
        if (done > entry.size) break
        await writing.add(chunk)
        this.#wrote(where, chunk, entry)
      }
      if (done !== entry.size) throw new Failure('damaged', { name: entry.path })
      await writing.finish()
      this.#finish(file, entry, path)
    } finally {
      await writing.settled()
      closeSync(file)
    }
  }

  #wrote(where: string, chunk: Uint8Array, entry: Entry): void {
    this.bytes += chunk.length
    this.#early.wrote(where, chunk.length)
    this.#ctx.report.advance(chunk.length, entry.path)
  }

  /** Everything of the file is written: gives it what else it had, and notes how it can be known again. */
  #finish(file: number, entry: Entry, path: string): void {
    this.metadata.openFile(file, this.#zones.target(path), entry)
    this.#marks.add(fstatSync(file, { bigint: true }))
    this.files += 1
  }

  #create(where: string): number {
    try {
      return openSync(fsPath(where), createFlags, 0o600)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
      this.#clear(where)
      return openSync(fsPath(where), createFlags, 0o600)
    }
  }

  /** Makes room for an entry. Of two entries with one name the later one counts, as for tar; a folder is never replaced. */
  #clear(where: string): void {
    const there = look(where)
    if (!there) return
    if (there.isDirectory()) throw new Refused('folder-and-file')
    this.#sameName(where)
    unlinkSync(fsPath(where))
  }

  #link(entry: Entry, path: string): void {
    const parts = safeParts(entry.target ?? '')
    if (!Array.isArray(parts) || parts.length === 0) throw new Refused('link-outside')
    const named = parts.join('/')
    const target = this.#plan.borrowed[named] ?? named
    // The content of a file that was not chosen itself was staged under this name.
    if (target === path && named !== path) return
    const source = placeOf(this.#plan.places, target) && look(this.#zones.staged(target).path)
    if (target === path || !source?.isFile()) throw new Refused('link-outside')
    // An empty file may stand for a symlink that is made later.
    if (source.size === 0n) this.#later(entry, path, target, 'link')
    else {
      const where = this.#where(path)
      this.#clear(where)
      this.#linkOrCopy(this.#zones.staged(target).path, where)
      this.files += 1
    }
  }

  /** A file system without hard links, or a link across two of them: a copy. */
  #linkOrCopy(source: string, where: string): void {
    try {
      linkSync(fsPath(source), fsPath(where))
    } catch (error) {
      if (!withoutLinks.has(errnoOf(error) ?? '')) throw error
      copyFileSync(fsPath(source), fsPath(where), constants.COPYFILE_EXCL)
      const original = look(source) as BigIntStats
      const file = openSync(fsPath(where), constants.O_RDONLY)
      try {
        this.metadata.openFile(file, where, metadataOf(original))
        this.#marks.add(fstatSync(file, { bigint: true }))
      } finally {
        closeSync(file)
      }
    }
  }

  /** An empty file keeps the place until all entries are read: nothing can be written through it. */
  #later(entry: Entry, path: string, target: string, type: LateLink['type']): void {
    if (type === 'symlink' && (target === '' || target.includes('\0'))) throw new Refused('bad-name')
    const where = this.#where(path)
    closeSync(this.#create(where))
    const { mode, uid, gid, mtime } = entry
    this.#late.add({ path, where, type, target, mode, uid, gid, mtime })
  }

  #lateLink(link: LateLink): void {
    const holder = look(link.where)
    // Another entry of the same name came after it.
    if (!holder?.isFile() || holder.size !== 0n) return
    unlinkSync(fsPath(link.where))
    if (link.type === 'symlink') this.#symlink(link.target, link.where, link)
    else this.#linkToLate(link)
    const made = look(link.where)
    if (made) this.#marks.add(made)
    this.files += 1
  }

  #linkToLate(link: LateLink): void {
    const source = this.#zones.staged(link.target).path
    const there = look(source)
    if (there?.isSymbolicLink())
      this.#symlink(decodeName(readlinkSync(fsPath(source), { encoding: 'buffer' })), link.where, link)
    else if (there?.isFile()) this.#linkOrCopy(source, link.where)
    else throw new Refused('link-outside')
  }

  #symlink(target: string, where: string, metadata: Metadata): void {
    symlinkSync(fsPath(target), fsPath(where))
    this.metadata.symlink(where, metadata)
  }
}
