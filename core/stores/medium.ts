// The store on a removable medium: its folder `SIGL_sauvegardes`, and only while that very medium is the one mounted there.
// Guarantees: nothing is ever written to a path from which the medium has gone. On Linux the folder is held open and everything goes through
// /proc/self/fd/<number>, so even after a lazy unmount a name can only mean the medium itself; on every system folder and marker are
// compared before and after each call. While the store is open the medium cannot be unmounted in an orderly way: close it before ejecting.
import { constants } from 'node:fs'
import { access, type FileHandle, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../api/failure.ts'
import { hasMediumFolder, type Marker, mediumFolder, readMarker } from '../drives/marker.ts'
import type { Bytes } from '../lib/bytes.ts'
import { errnoOf, fromErrno } from '../lib/files.ts'
import { openLocal } from './local.ts'
import type { GetOptions, PutOptions, Stat, Store } from './store.ts'

export interface MediumOptions {
  /** Nothing is written. A damaged marker is then no obstacle: the archives on the medium can still be restored. */
  readonly readOnly?: boolean
}

/**
 * Opens the medium mounted at `mount`, the one with this id if one is given. Failures: `not-initialised`, `medium-gone` (no such mount),
 * `medium-changed` (another id, or none where one is expected), `damaged` (marker).
 */
export async function openMedium(mount: string, id: string | undefined, options: MediumOptions = {}): Promise<Store> {
  const folder = join(mount, mediumFolder)
  await checkPresent(mount)
  const marker = await markerOf(folder, options)
  if (id !== undefined && marker?.id !== id) throw new Failure('medium-changed', { name: mount, path: mount })
  const label = marker ? `${marker.name} (${mount})` : mount
  const handle = await hold(folder)
  try {
    const anchor = handle ? `/proc/self/fd/${handle.fd}` : folder
    const identity = await identityOf(anchor, folder)
    const guard = () => checkSame({ mount, folder, label, marker, identity, readOnly: options.readOnly === true })
    await guard()
    const local = await openLocal(anchor, {
      label,
      shown: folder,
      guard,
      parallel: 2,
      readOnly: options.readOnly === true,
    })
    return new MediumStore(local, guard, handle)
  } catch (error) {
    await handle?.close()
    throw error
  }
}

class MediumStore implements Store {
  readonly traits: Store['traits']
  readonly #local: Store
  readonly #guard: () => Promise<void>
  #handle: FileHandle | undefined

  constructor(local: Store, guard: () => Promise<void>, handle: FileHandle | undefined) {
    this.traits = local.traits
    this.#local = local
    this.#guard = guard
    this.#handle = handle
  }

  async put(name: string, body: Bytes, options?: PutOptions): Promise<Stat> {
    const own = witnessed(body)
    await this.#guard()
    // The local store asks the guard itself, before the object gets its name and while it can still be taken back.
    return this.#translated(() => this.#local.put(name, own.body, options), own.failed)
  }

  get(name: string, options?: GetOptions): Bytes {
    return this.#guardedEach(() => this.#local.get(name, options))
  }

  async stat(name: string): Promise<Stat | undefined> {
    return this.#guarded(() => this.#local.stat(name))
  }

  list(prefix?: string, fits?: (name: string) => boolean): AsyncIterable<Stat> {
    return this.#guardedEach(() => this.#local.list(prefix, fits))
  }

  async blocked(name: string): Promise<boolean> {
    return this.#guarded(() => this.#local.blocked(name))
  }

  async remove(name: string): Promise<void> {
    await this.#guarded(() => this.#local.remove(name))
  }

  async free(): Promise<number | undefined> {
    return this.#guarded(() => this.#local.free())
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await this.#local.close()
    await handle?.close()
  }

  async #guarded<T>(deed: () => Promise<T>): Promise<T> {
    await this.#guard()
    const result = await this.#translated(deed)
    await this.#guard()
    return result
  }

  async *#guardedEach<T>(deed: () => AsyncIterable<T>): AsyncIterable<T> {
    await this.#guard()
    const source = deed()[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await this.#translated(() => source.next())
        if (next.done) break
        yield next.value
      }
    } finally {
      await source.return?.()
    }
    await this.#guard()
  }

  /** A call that fails because the medium has gone says so, instead of what the file system made of it. */
  async #translated<T>(deed: () => Promise<T>, untouched?: (error: unknown) => boolean): Promise<T> {
    try {
      return await deed()
    } catch (error) {
      if (error instanceof Failure && !untouched?.(error) && mayMeanGone.has(error.code)) await this.#guard()
      throw error
    }
  }
}

const mayMeanGone = new Set(['io', 'not-found', 'denied', 'medium-read-only', 'unreachable', 'truncated', 'changed'])

/** A body whose own failure can be told from that of the store, however alike they are. */
function witnessed(body: Bytes): { body: Bytes; failed: (error: unknown) => boolean } {
  const thrown: unknown[] = []
  async function* pass(): Bytes {
    try {
      yield* body
    } catch (error) {
      thrown.push(error)
      throw error
    }
  }
  return { body: pass(), failed: (error) => thrown.includes(error) }
}

interface Held {
  readonly mount: string
  readonly folder: string
  readonly label: string
  readonly marker: Marker | undefined
  readonly identity: Identity
  readonly readOnly: boolean
}

interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

/** Throws unless what is mounted there is still what was opened, with the same marker, and its device is still in the machine. */
async function checkSame(held: Held): Promise<void> {
  const details = { name: held.label, path: held.mount }
  const found = await stat(held.folder, { bigint: true }).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR', 'EIO', 'ENODEV', 'ENXIO', 'ENOTCONN'].includes(errnoOf(error) ?? ''))
      throw fromErrno(error, details)
    throw new Failure('medium-gone', details, { cause: error })
  })
  if (found.dev !== held.identity.dev || found.ino !== held.identity.ino) {
    throw new Failure(found.dev === held.identity.dev ? 'medium-changed' : await whatReplaced(held), details)
  }
  if (!(await hasDevice(found.dev))) throw new Failure('medium-gone', details)
  const marker = await markerOf(held.folder, held)
  if (marker?.id !== held.marker?.id) throw new Failure('medium-changed', details)
}

/** Another medium is there now, or only an empty place. */
async function whatReplaced(held: Held): Promise<'medium-changed' | 'medium-gone'> {
  const marker = await readMarker(held.folder).catch(() => undefined)
  return marker ? 'medium-changed' : 'medium-gone'
}

async function markerOf(folder: string, options: MediumOptions): Promise<Marker | undefined> {
  try {
    return await readMarker(folder)
  } catch (error) {
    const unreadable = error instanceof Failure && ['damaged', 'unsupported-format', 'io'].includes(error.code)
    if (options.readOnly && unreadable) return undefined
    throw error
  }
}

async function checkPresent(mount: string): Promise<void> {
  if (await hasMediumFolder(mount)) return
  const there = await stat(mount).catch(() => undefined)
  throw new Failure(there ? 'not-initialised' : 'medium-gone', { name: mount, path: mount })
}

/** The folder held open, on Linux; elsewhere Node cannot name files relative to an open folder. */
async function hold(folder: string): Promise<FileHandle | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    const usable = await access(`/proc/self/fd/${handle.fd}`).then(
      () => true,
      () => false,
    )
    if (usable) return handle
    await handle.close()
    return undefined
  } catch (error) {
    throw fromErrno(error, { path: folder })
  }
}

async function identityOf(path: string, shown: string): Promise<Identity> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return { dev, ino }
  } catch (error) {
    throw fromErrno(error, { path: shown })
  }
}

/**
 * A stick that was pulled stays mounted until the system notices; its block device is gone at once (/sys/dev/block/<major>:<minor>, numbers
 * packed as in makedev(3)). File systems without a block device (major 0) have nothing to ask.
 */
async function hasDevice(dev: bigint): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  const sys = await stat('/sys/dev/block').catch(() => undefined)
  if (major === 0n || !sys) return true
  return stat(`/sys/dev/block/${major}:${minor}`).then(
    () => true,
    () => false,
  )
}
