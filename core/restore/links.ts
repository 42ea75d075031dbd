// The links of a restore, made once every entry has been read: until then an empty file keeps the place of each, so that nothing can be written
// through a link. Hard links are copies where the file system has none.
// Guarantees: a link points at what the archive says, or is Refused; nothing is followed.
import {
  type BigIntStats,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  openSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import type { Entry } from '../archive/archive.ts'
import { errnoOf } from '../lib/files.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { look } from './disk.ts'
import type { MarkWriter } from './marks.ts'
import { type Metadata, type MetadataKeeper, metadataOf } from './metadata.ts'
import { Refused } from './names.ts'
import { Spool } from './spool.ts'
import type { Zones } from './zones.ts'

/** link(2): across file systems, not known there, too many, not allowed for another's file. */
const withoutLinks = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

export interface LateLink extends Metadata {
  /** In the archive. */
  readonly path: string
  /** The empty file that keeps its place. */
  readonly where: string
  readonly type: 'symlink' | 'link'
  /** Of a symlink as it stands, of a hard link a path of the archive. */
  readonly target: string
}

export class Links {
  readonly #late: Spool<LateLink>
  readonly #zones: Zones
  readonly #metadata: MetadataKeeper
  readonly #marks: MarkWriter

  /** `file`: where those that are to be made are written down. */
  constructor(file: string, zones: Zones, metadata: MetadataKeeper, marks: MarkWriter) {
    this.#late = new Spool(file)
    this.#zones = zones
    this.#metadata = metadata
    this.#marks = marks
  }

  close(): void {
    this.#late.close()
  }

  /** To be made later, in the place of the empty file at `where`. */
  add(
    { mode, uid, gid, mtime, time, attributes }: Entry,
    link: Pick<LateLink, 'path' | 'where' | 'type' | 'target'>,
  ): void {
    this.#late.add({ ...link, mode, uid, gid, mtime, time, attributes })
  }

  /** Those that were added, in their order. */
  all(): Iterable<LateLink> {
    return this.#late.forwards()
  }

  /** False where another entry of the same name came after it. */
  make(link: LateLink): boolean {
    const holder = look(this.#zones.reach(link.where))
    if (!holder?.isFile() || holder.size !== 0n) return false
    unlinkSync(fsPath(this.#zones.reach(link.where)))
    if (link.type === 'symlink') this.#symlink(link.target, link)
    else this.#linkToLate(link)
    const made = look(this.#zones.reach(link.where))
    if (made) this.#marks.add(made)
    return true
  }

  /** A file system without hard links, or a link across two of them: a copy. */
  linkOrCopy(source: string, where: string): void {
    const [from, to] = this.#zones.reachBoth(source, where)
    try {
      linkSync(fsPath(from), fsPath(to))
    } catch (error) {
      if (!withoutLinks.has(errnoOf(error) ?? '')) throw error
      this.#copy(from, to)
    }
  }

  #copy(source: string, where: string): void {
    copyFileSync(fsPath(source), fsPath(where), constants.COPYFILE_EXCL)
    const original = look(source) as BigIntStats
    const file = openSync(fsPath(where), constants.O_RDONLY)
    try {
      this.#metadata.openFile(file, where, metadataOf(original))
      this.#marks.add(fstatSync(file, { bigint: true }))
    } finally {
      closeSync(file)
    }
  }

  #linkToLate(link: LateLink): void {
    const source = this.#zones.staged(link.target).path
    const way = this.#zones.reach(source)
    const there = look(way)
    if (there?.isSymbolicLink()) this.#symlink(decodeName(readlinkSync(fsPath(way), { encoding: 'buffer' })), link)
    else if (there?.isFile()) this.linkOrCopy(source, link.where)
    else throw new Refused('link-outside')
  }

  #symlink(target: string, link: LateLink): void {
    const way = this.#zones.reach(link.where)
    symlinkSync(fsPath(target), fsPath(way))
    this.#metadata.symlink(way, link, this.#zones.target(link.path))
  }
}
