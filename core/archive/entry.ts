// What an archive contains: entries, and files that are yet to be opened. What an archive says of itself: head.ts.
// Does not know any format of bytes.
import type { Problem } from '../api/failure.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Tallied } from '../lib/tally.ts'

/** One member of an archive. `path` is relative with `/`, never ending in `/`; names that are not UTF-8: see lib/paths.ts. */
export interface Entry {
  readonly path: string
  readonly type: 'file' | 'folder' | 'symlink' | 'link' | 'other'
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly uname?: string | undefined
  readonly gname?: string | undefined
  /** When it was last changed: see lib/instant.ts. */
  readonly mtime: number
  readonly time?: string | undefined
  /** Bytes of the file; 0 for all but files. */
  readonly size: number
  readonly attributes?: Attributes | undefined
  /** Of a file with holes: the pieces that are there, in their order and without overlap. The body is these, one after the other. */
  readonly sparse?: readonly Extent[] | undefined
  /** Target of a symlink (as it stands) or of a hard link (a path of this archive). */
  readonly target?: string
  /**
   * The content of a file. Writing: read once, in full, before the next entry is pulled; must yield exactly `size` bytes, or those of `sparse`.
   * Reading: valid until the next entry is pulled; what is not read is skipped.
   */
  readonly body?: Bytes
  /** Writing: asked once the body has been read: how many of its bytes could be read, where zeros stand for the rest. */
  readonly fault?: () => number | undefined
  /** Reading: all of the body, where it lay in one piece; valid as long as `body` is, and to be used instead of it. */
  readonly content?: Uint8Array | undefined
}

/** Extended attributes and access lists. Plain values, because those of folders are kept as JSON until a restore ends. */
export interface Attributes {
  /** Names with their namespace (`user.mime_type`), values with one character for each byte (latin1). */
  readonly extended: readonly { readonly name: string; readonly value: string }[]
  /** The access list as text: see lib/acl.ts. */
  readonly access?: string | undefined
  /** Of a folder: what is made in it gets this one. */
  readonly inherited?: string | undefined
}

/** A piece of a file, in bytes. */
export interface Extent {
  readonly at: number
  readonly length: number
}

/**
 * A file that is opened, described and read only when its turn in the archive comes, in whatever thread that is. Either `open` or `told` is
 * called, once; both only where `told` says that it was not read.
 */
export interface LateFile {
  readonly type: 'late'
  /** In the archive, as in an entry. */
  readonly path: string
  /** Absolute, on this machine. */
  readonly at: string
  /** Bytes when it was last looked at. */
  readonly size: number
  /** Whoever reads it says what its content begins like: `mark` of the outcome. */
  readonly marked?: boolean
  /** One entry, or none where the file cannot be opened any more. */
  open(): AsyncIterable<Entry>
  /** Somebody else has opened and read it: how that went. */
  told(outcome: LateOutcome): void
}

export interface LateOutcome {
  /** Bytes of content in the archive; absent: it was left out. */
  readonly size?: number
  /** Bytes with its headers and padding. */
  readonly framed: number
  /** Of a file that was read: as in an entry. */
  readonly mode?: number
  readonly mtime?: number
  /** What its content begins like, where that was asked for: see lib/content-mark.ts. */
  readonly mark?: number
  /** What is left out or is not as it was. */
  readonly problem?: Problem
  /** What happens to many files: told once for all. */
  readonly tallied?: readonly Tallied[]
  /** Bytes that could be read, where zeros stand for the rest. */
  readonly read?: number
  /** It is too large by now to be read in one piece, or is not what it says, and was not read: `open` it. */
  readonly again?: boolean
}

export type Member = Entry | LateFile

/** A late file on its way through somebody's hands. A class, because there are tens of thousands of them, and those of one shape are quick. */
export class PassedOn implements LateFile {
  readonly type = 'late'
  readonly path: string
  readonly at: string
  readonly size: number
  readonly marked: boolean
  protected readonly file: LateFile

  constructor(file: LateFile, marked = file.marked ?? false) {
    this.path = file.path
    this.at = file.at
    this.size = file.size
    this.marked = marked
    this.file = file
  }

  open(): AsyncIterable<Entry> {
    return this.file.open()
  }

  told(outcome: LateOutcome): void {
    this.file.told(outcome)
  }
}

/** What a packer gets: bytes as they stand, files to be read by it, and `settle`: all of these must have been read before it goes on. */
export type Piece = Uint8Array | LateFile | typeof settle

export const settle = 'settle'
