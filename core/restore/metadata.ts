// Permissions, owners and times of what was restored.
// Guarantees: independent of the umask; setuid and setgid of a file only come back together with its owner, so never on a file of somebody
// else; what the file system or our rights do not allow is counted, not thrown: contents matter more.
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  lutimesSync,
  utimesSync,
} from 'node:fs'
import type { Problem } from '../api/failure.ts'
import type { Entry } from '../archive/archive.ts'
import { errnoOf } from '../lib/files.ts'
import { fsPath } from '../lib/paths.ts'

export type Metadata = Pick<Entry, 'mode' | 'uid' | 'gid' | 'mtime'>

/** Owners can only be given away by root. */
const mayChown = process.getuid?.() === 0
const myself = process.getuid?.()

/** What did not work, how often and where first. */
export interface NotSet {
  readonly failed: number
  readonly first?: { readonly path: string; readonly reason: string }
}

export class MetadataKeeper {
  #failed = 0
  #first: { readonly path: string; readonly reason: string } | undefined

  get notSet(): NotSet {
    return { failed: this.#failed, ...(this.#first && { first: this.#first }) }
  }

  /** What did not work for somebody else. */
  add({ failed, first }: NotSet): void {
    this.#failed += failed
    this.#first ??= first
  }

  /** One warning for all that did not work. */
  warnings(): Problem[] {
    return this.#first ? [{ code: 'metadata-failed', details: { ...this.#first, count: this.#failed } }] : []
  }

  openFile(file: number, path: string, wanted: Metadata): void {
    const owned = this.#owner(path, wanted, () => fchownSync(file, wanted.uid, wanted.gid))
    this.#try(path, () => fchmodSync(file, wanted.mode & (owned ? 0o7777 : 0o1777)))
    this.#try(path, () => futimesSync(file, seconds(wanted.mtime), seconds(wanted.mtime)))
  }

  symlink(path: string, wanted: Metadata): void {
    this.#owner(path, wanted, () => lchownSync(fsPath(path), wanted.uid, wanted.gid))
    this.#try(path, () => lutimesSync(fsPath(path), seconds(wanted.mtime), seconds(wanted.mtime)))
  }

  /** `path` must be a real folder. setgid on a folder gives no rights to anybody and stays. */
  folder(path: string, wanted: Metadata): void {
    this.#owner(path, wanted, () => chownSync(fsPath(path), wanted.uid, wanted.gid))
    this.#try(path, () => chmodSync(fsPath(path), wanted.mode & 0o3777))
    this.#try(path, () => utimesSync(fsPath(path), seconds(wanted.mtime), seconds(wanted.mtime)))
  }

  #owner(path: string, wanted: Metadata, chown: () => void): boolean {
    if (mayChown) return this.#try(path, chown)
    if (myself !== undefined && wanted.uid !== myself) this.#count(path, 'EPERM')
    return false
  }

  #try(path: string, call: () => void): boolean {
    try {
      call()
      return true
    } catch (error) {
      const reason = errnoOf(error)
      if (reason === undefined) throw error
      this.#count(path, reason)
      return false
    }
  }

  #count(path: string, reason: string): void {
    this.#failed += 1
    this.#first ??= { path, reason }
  }
}

/** Half a microsecond more: libuv cuts after the microsecond, and a double may lie just below it. */
function seconds(mtime: number): number | Date {
  // Node takes a negative number for "now"; a Date it takes as it is, to the millisecond.
  return mtime < 0 ? new Date(Math.floor(mtime)) : (Math.round(mtime * 1000) + 0.5) / 1e6
}

export function metadataOf(stat: BigIntStats): Metadata {
  return {
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtime: Number(stat.mtimeNs / 1000n) / 1000,
  }
}
