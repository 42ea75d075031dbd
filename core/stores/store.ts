// Where bytes are kept: the interface every store fulfils. The same suite (tests/suites/store.ts) runs on all of them. Which kinds there are: open.ts.
import type { Bytes } from '../lib/bytes.ts'

/**
 * What is known of a stored object. `size` in bytes, times in ms since 1970: `mtime` of its bytes; `changed` of the file itself, where the file
 * system tells: no program can set that back.
 */
export interface Stat {
  readonly name: string
  readonly size: number
  readonly mtime: number
  readonly changed?: number
  /** Others than its owner may read it, where the file system keeps that. */
  readonly exposed?: true
}

export interface Traits {
  /** For people: "STICK (/media/me/STICK)". */
  readonly label: string
  /** `get` can start anywhere at no cost. */
  readonly ranges: boolean
  /** A reader never sees half of an object. */
  readonly atomicPut: boolean
  /** How many calls may run at once. */
  readonly parallel: number
  /** It is kept who may read an object; not on FAT and the like, where nothing can be changed about that. */
  readonly modes?: boolean
  /** Largest object in bytes, where there is a limit (FAT: 4 GiB - 1). */
  readonly maxSize?: number
}

/** `start` is the first byte, `end` is one past the last; `end` absent = to the end of the object. */
export interface Range {
  readonly start: number
  readonly end?: number
}

export interface PutOptions {
  /** An object that is already there is replaced, as a whole. */
  readonly replace?: boolean
  /** Only its owner may read it, where the file system keeps that. */
  readonly private?: boolean
  /** Looked at whenever `body` yields, so a body that waits must know the signal itself. */
  readonly signal?: AbortSignal
  /**
   * Letters and digits, up to 64, that stand for exactly these bytes (their SHA-256, say). A put that a lost connection or a cancel broke off then leaves
   * what it has sent, and the next one with the same key sends only the rest. `body` is the whole in any case. Stores in a network do this, others
   * begin anew.
   */
  readonly resume?: string
}

export interface GetOptions {
  readonly range?: Range
  readonly signal?: AbortSignal
  /**
   * Reads what is on the medium, not what this computer remembers of it: for verification. Done on Linux (O_DIRECT) where the file system
   * takes part; elsewhere the same bytes come the ordinary way.
   */
  readonly uncached?: boolean
}

/**
 * Named bytes. Names are relative paths with `/` between parts; a name that is empty, absolute, has `..`, `.`, an empty part, a
 * backslash, a NUL, a part over 255 bytes or one that begins with `.arche-` (our own files: temporary ones, markers) is Failure `bad-input`.
 * Names that are not UTF-8 are strings as in lib/paths.ts. All calls throw Failure only: `medium-gone`, `denied`, `io`, `unreachable`, `cancelled`…
 */
export interface Store {
  readonly traits: Traits
  /**
   * Writes the whole of `body`, or leaves nothing under `name`: temporary name, fsync, rename, fsync of the folder. An object that is
   * already there: Failure `exists` unless `replace`. Full: Failure `no-space`; too long for the file system: `file-too-large`.
   * A failure of `body` itself is thrown unchanged.
   */
  put(name: string, body: Bytes, options?: PutOptions): Promise<Stat>
  /** Exactly that range, or Failure `bad-range`; no such object: `not-found`; shorter than promised: `truncated`. Thrown when read. */
  get(name: string, options?: GetOptions): Bytes
  stat(name: string): Promise<Stat | undefined>
  /**
   * Each finished object whose name starts with `prefix`, once, in no order. Temporary objects are never listed. `fits`: only names that it says
   * yes to are looked at; asked with `<folder>/` too, before a folder is entered.
   */
  list(prefix?: string, fits?: (name: string) => boolean): AsyncIterable<Stat>
  /** Something that is no object (a folder, a link, a pipe) has this name. */
  blocked(name: string): Promise<boolean>
  /** Removes it durably; a missing name is fine. */
  remove(name: string): Promise<void>
  /** Free bytes for this user, where it can be known. */
  free(): Promise<number | undefined>
  close(): Promise<void>
}
