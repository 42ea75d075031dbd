// A store in a folder of a file system this computer has mounted.
// Guarantees: see Store. An object appears under its name by link or rename after its bytes are on the disk, so a reader, a crash or a
// pulled plug never meets half of one. Temporary files carry the name of their writer; those of dead writers are removed when the store is
// opened and when their folder is first written to, those of living ones never. Symlinks in the folder are neither followed nor listed.
// Does not know media and markers: see medium.ts.
import type { Dirent, Stats } from 'node:fs'
import { link, lstat, mkdir, open, readdir, rename, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../api/failure.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { discard, errnoOf, freeBytes, ownPrefix, sweepFolder, syncFolder, temporaryName } from '../lib/files.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { attempt, type Subject } from './attempt.ts'
import { checkName } from './names.ts'
import { readBytes } from './reader.ts'
import type { GetOptions, PutOptions, Stat, Store, Traits } from './store.ts'
import { type WriteOptions, writeBody } from './writer.ts'

export interface LocalOptions {
  /** What people call it; default: the folder. */
  readonly label?: string
  /** The folder as people know it, where `folder` itself is an internal path. */
  readonly shown?: string
  /** Called before a written file gets its name and after: throws when the folder is no longer the one that was opened. */
  readonly guard?: () => Promise<void>
  readonly readOnly?: boolean
  readonly parallel?: number
}

/** `f_type` of FAT (Linux, include/uapi/linux/magic.h: MSDOS_SUPER_MAGIC). Its largest file is 4 GiB less one byte. */
const fatMagic = 0x4d44
/** exFAT (EXFAT_SUPER_MAGIC): like FAT it keeps no modes, every file looks the same. */
const exfatMagic = 0x2011bab0
const fatMaxSize = 2 ** 32 - 1

/** How a file system says that it has no hard links: FAT and exFAT EPERM, others one of these. */
const noHardLinks = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EINVAL',
  'EACCES',
  'EISDIR',
  'UNKNOWN',
])

/** Opens a folder that exists (`not-found` otherwise, `bad-input` when it is no folder). */
export async function openLocal(folder: string, options: LocalOptions = {}): Promise<Store> {
  const shown = options.shown ?? folder
  await attempt({ name: '', label: options.label ?? shown, path: shown }, async () => {
    if (!(await stat(folder)).isDirectory()) throw new Failure('bad-input', { reason: shown, rule: 'not a folder' })
  })
  if (!options.readOnly) await sweepFolder(folder)
  return new LocalStore(folder, shown, options, await kindOf(folder))
}

class LocalStore implements Store {
  readonly traits: Traits
  /** Folders whose abandoned temporary files have been removed. */
  readonly #swept = new Set<string>()
  readonly #folder: string
  readonly #shown: string
  readonly #guard: () => Promise<void>
  readonly #readOnly: boolean

  constructor(folder: string, shown: string, options: LocalOptions, kind: Kind) {
    this.#folder = folder
    this.#shown = shown
    this.#guard = options.guard ?? (async () => undefined)
    this.#readOnly = options.readOnly ?? false
    this.#swept.add(folder)
    const { parallel = 4, label = shown } = options
    this.traits = { label, ranges: true, atomicPut: true, parallel, ...kind }
  }

  async put(name: string, body: Bytes, options: PutOptions = {}): Promise<Stat> {
    checkName(name)
    throwIfCancelled(options.signal)
    this.#refuseReadOnly()
    const path = join(this.#folder, name)
    const folder = await this.#makeFolders(name)
    if (!options.replace && (await this.#entry(path))) throw new Failure('exists', { name })
    await this.#sweepOnce(folder)
    const temporary = join(folder, temporaryName())
    const subject = this.#subject(name)
    try {
      await writeFile(temporary, body, {
        subject,
        mode: options.private ? 0o600 : 0o666,
        signal: options.signal,
        maxSize: this.traits.maxSize,
        check: this.#guard,
      })
      await this.#guard()
      await attempt(subject, () => publish(temporary, path, options.replace === true))
    } catch (error) {
      await discard(fsPath(temporary))
      throw error
    }
    return this.#settle(name, path, options.replace === true)
  }

  /** The object has its name: makes that durable and checks it, or takes the name away again. */
  async #settle(name: string, path: string, replaced: boolean): Promise<Stat> {
    try {
      await attempt(this.#subject(name), () => syncFolder(dirname(path)))
      await this.#guard()
      const found = await this.stat(name)
      if (!found) throw new Failure('changed', { name })
      return found
    } catch (error) {
      if (!replaced) await discard(fsPath(path))
      throw error
    }
  }

  async *get(name: string, options: GetOptions = {}): Bytes {
    checkName(name)
    const path = await this.#locate(name)
    if (path === undefined) throw new Failure('not-found', { name })
    yield* readBytes(path, this.#subject(name), options)
  }

  async stat(name: string): Promise<Stat | undefined> {
    checkName(name)
    const path = await this.#locate(name)
    const found = path === undefined ? undefined : await this.#entry(path)
    return found?.isFile() ? described(name, found) : undefined
  }

  async *list(prefix = '', fits: (name: string) => boolean = () => true): AsyncIterable<Stat> {
    yield* this.#walk('', prefix, fits)
  }

  async blocked(name: string): Promise<boolean> {
    checkName(name)
    const path = await this.#locate(name)
    const found = path === undefined ? undefined : await this.#entry(path)
    return found !== undefined && !found.isFile()
  }

  async remove(name: string): Promise<void> {
    checkName(name)
    this.#refuseReadOnly()
    if (!(await this.stat(name))) return
    const path = join(this.#folder, name)
    await attempt(this.#subject(name), async () => {
      try {
        await unlink(fsPath(path))
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error
      }
      await syncFolder(dirname(path))
    })
  }

  free(): Promise<number> {
    return attempt(this.#subject(''), () => freeBytes(this.#folder))
  }

  async close(): Promise<void> {
    this.#swept.clear()
  }

  #refuseReadOnly(): void {
    if (this.#readOnly) throw new Failure('medium-read-only', { name: this.traits.label, path: this.#shown })
  }

  async #sweepOnce(folder: string): Promise<void> {
    if (this.#swept.has(folder)) return
    this.#swept.add(folder)
    await sweepFolder(folder)
  }

  /** The path of an object, or undefined when a folder on the way is missing or is a symlink. */
  async #locate(name: string): Promise<string | undefined> {
    let folder = this.#folder
    for (const part of name.split('/').slice(0, -1)) {
      folder = join(folder, part)
      if (!(await this.#entry(folder))?.isDirectory()) return undefined
    }
    return join(this.#folder, name)
  }

  /** Makes the folders of a name, each durable before the next; returns the innermost. */
  async #makeFolders(name: string): Promise<string> {
    let folder = this.#folder
    for (const part of name.split('/').slice(0, -1)) {
      const parent = folder
      folder = join(parent, part)
      const made = await attempt(this.#subject(name), () => makeFolder(folder))
      if (made) await attempt(this.#subject(name), () => syncFolder(parent))
      else if (!(await this.#entry(folder))?.isDirectory())
        throw new Failure('bad-input', { name, reason: name, rule: 'not a folder' })
    }
    return folder
  }

  async #entry(path: string) {
    return attempt(this.#subject(path.slice(this.#folder.length + 1)), async () => {
      try {
        return await lstat(fsPath(path))
      } catch (error) {
        if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
        throw error
      }
    })
  }

  #subject(name: string): Subject {
    return { name, label: this.traits.label, path: join(this.#shown, name) }
  }

  async *#walk(folder: string, prefix: string, fits: (name: string) => boolean): AsyncIterable<Stat> {
    for (const entry of await this.#read(folder)) {
      const name = folder + decodeName(entry.name)
      if (entry.name.toString('latin1').startsWith(ownPrefix)) continue
      if (entry.isDirectory() && (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`))) {
        if (fits(`${name}/`)) yield* this.#walk(`${name}/`, prefix, fits)
      } else if (entry.isFile() && name.startsWith(prefix) && fits(name)) {
        const found = await this.#entry(join(this.#folder, name))
        if (found?.isFile()) yield described(name, found)
      }
    }
  }

  async #read(folder: string): Promise<Dirent<Buffer>[]> {
    const path = join(this.#folder, folder)
    return attempt(this.#subject(path.slice(this.#folder.length + 1)), async () => {
      try {
        return await readdir(fsPath(path), { withFileTypes: true, encoding: 'buffer' })
      } catch (error) {
        if (folder !== '' && errnoOf(error) === 'ENOENT') return []
        // The repair folder at the top of an ext file system belongs to root and is never part of a store.
        if (folder === 'lost+found/' && errnoOf(error) === 'EACCES') return []
        throw error
      }
    })
  }
}

function described(name: string, { size, mtimeMs, ctimeMs, mode }: Stats): Stat {
  const exposed = process.platform !== 'win32' && (mode & 0o077) !== 0
  return { name, size, mtime: mtimeMs, changed: ctimeMs, ...(exposed && { exposed }) }
}

type Kind = Pick<Traits, 'maxSize' | 'modes'>

async function kindOf(folder: string): Promise<Kind> {
  if (process.platform !== 'linux') return { modes: process.platform !== 'win32' }
  const type = (await statfs(folder).catch(() => undefined))?.type
  const modes = type !== fatMagic && type !== exfatMagic
  return type === fatMagic ? { modes, maxSize: fatMaxSize } : { modes }
}

/** True when it was made, false when something has that name already. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(fsPath(path))
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

async function writeFile(path: string, body: Bytes, options: WriteOptions & { mode: number }): Promise<void> {
  const handle = await attempt(options.subject, () => open(fsPath(path), 'wx', options.mode))
  try {
    await writeBody(handle, body, options)
  } catch (error) {
    // The failure of the body or of the write is the one to report.
    await handle.close().catch(() => undefined)
    throw error
  }
  await attempt(options.subject, () => handle.close())
}

/**
 * Gives a finished temporary file its name. Not replacing: a hard link, which the system refuses when the name is taken, then the temporary
 * name goes. Where there are no hard links (FAT, exFAT): looked first, then renamed; two writers of one name in the same instant are not
 * told apart there, but each writes the whole of its object.
 */
async function publish(temporary: string, path: string, replace: boolean): Promise<void> {
  const [from, to] = [fsPath(temporary), fsPath(path)]
  if (replace) return rename(from, to)
  try {
    await link(from, to)
  } catch (error) {
    if (!noHardLinks.has(errnoOf(error) ?? '')) throw error
    const taken = await lstat(to).catch(() => undefined)
    if (taken) throw new Failure('exists', {}, { cause: error })
    return rename(from, to)
  }
  // The object is there; a second name that stays by mishap is removed like that of a dead writer.
  await discard(from)
}
