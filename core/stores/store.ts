// Where bytes are kept: the interface every store fulfils, and the one place that knows which kinds there are.
// The same suite (tests/suites/store.ts) runs on all of them. Adding a kind: one file beside this one, one line in `StoreRef` and `openStore`.
import type { Bytes } from '../lib/bytes.ts'
import { openLocal } from './local.ts'
import { openMedium } from './medium.ts'
import { openMemory } from './memory.ts'

/** What is known of a stored object. `size` in bytes, `mtime` in ms since 1970. */
export interface Stat {
  readonly name: string
  readonly size: number
  readonly mtime: number
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
  /** Looked at whenever `body` yields, so a body that waits must know the signal itself. */
  readonly signal?: AbortSignal
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
  /** Each finished object whose name starts with `prefix`, once, in no order. Temporary objects are never listed. */
  list(prefix?: string): AsyncIterable<Stat>
  /** Removes it durably; a missing name is fine. */
  remove(name: string): Promise<void>
  /** Free bytes for this user, where it can be known. */
  free(): Promise<number | undefined>
  close(): Promise<void>
}

/** Which store, as plain data: what a plan resolves to and a worker is told. */
export type StoreRef =
  /** A folder that exists. */
  | { readonly kind: 'local'; readonly folder: string }
  /** The medium mounted at `path`; with an `id`, that one and no other. `readOnly`: nothing is written, so a damaged marker is no obstacle. */
  | { readonly kind: 'medium'; readonly path: string; readonly id?: string; readonly readOnly?: boolean }
  | { readonly kind: 'memory' }

/** Opens a store, or throws the Failure that says why it cannot be used. The caller closes it. */
export async function openStore(ref: StoreRef): Promise<Store> {
  switch (ref.kind) {
    case 'local':
      return openLocal(ref.folder)
    case 'medium':
      return openMedium(ref.path, ref.id, ref.readOnly === undefined ? {} : { readOnly: ref.readOnly })
    case 'memory':
      return openMemory()
    default:
      return assertNever(ref)
  }
}

function assertNever(value: never): never {
  throw new Error(`no such store: ${JSON.stringify(value)}`)
}
