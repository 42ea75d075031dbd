// The few calls into the file system that every part of a restore shares: looking without following, making durable.
// Guarantees: symlinks are never followed; foreign errors leave here as Failure. Paths are strings as in lib/paths.ts.
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '../api/failure.ts'
import { errnoOf, fromErrno } from '../lib/files.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { run } from '../lib/process.ts'

/** What is there, without following a symlink; nothing where the path leads through something that is not a folder. `shown`: in failures. */
export function look(path: string, shown = path): BigIntStats | undefined {
  try {
    return lstatSync(fsPath(path), { bigint: true })
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined
    throw asFailure(error, shown)
  }
}

/** The same file under whatever name, as long as its file system is mounted. */
export function identity(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}`
}

/** A system error as Failure: what may not be written is `target-unwritable` here, all else as in lib/files.ts. */
export function asFailure(error: unknown, path: string): unknown {
  const reason = errnoOf(error)
  if (reason !== undefined && forbidden.has(reason) && !(error instanceof Failure)) {
    return new Failure('target-unwritable', { path, reason }, { cause: error })
  }
  return fromErrno(error, { path })
}

const forbidden = new Set(['EACCES', 'EPERM', 'EROFS'])

/** Runs a call and turns its error into a Failure that names `path`. */
export function onDisk<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asFailure(error, path)
  }
}

export function below(folder: string, rest: string): string {
  if (rest === '') return folder
  return folder.endsWith('/') ? folder + rest : `${folder}/${rest}`
}

/** Names in a folder, sorted. */
export function namesIn(folder: string, shown = folder): string[] {
  return onDisk(shown, () => readdirSync(fsPath(folder), { encoding: 'buffer' }).map(decodeName).sort())
}

/** A folder and its missing parents, private (0700). Parents that exist must be real folders: a symlink is an error, not a way. */
export function makeFolders(path: string, mode = 0o700): void {
  const there = look(path)
  if (there?.isDirectory()) return
  if (there) throw new Failure('changed', { name: path })
  makeFolders(dirname(path), mode)
  onDisk(path, () => {
    mkdirSync(fsPath(path))
    // mkdir's own mode is subject to the umask.
    chmodSync(fsPath(path), mode)
  })
}

/** rename(2): both on one file system. */
export function renamed(from: string, to: string): void {
  onDisk(from, () => renameSync(fsPath(from), fsPath(to)))
}

/** Removes a folder and its subfolders as far as they are empty; everything else stays. */
export function removeEmpty(folder: string): void {
  if (!look(folder)?.isDirectory()) return
  for (const name of namesIn(folder)) removeEmpty(`${folder}/${name}`)
  try {
    rmdirSync(fsPath(folder))
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw asFailure(error, folder)
  }
}

export function syncFile(path: string): void {
  onDisk(path, () => {
    const file = openSync(fsPath(path), constants.O_RDONLY)
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  })
}

/** Makes renames below a folder durable; where `sync` is missing, at least those directly in it. */
export async function syncRenames(folder: string): Promise<void> {
  if (!(await syncVolume(folder))) syncEach(folder, 'names')
}

/** This much is written before the disk is asked to take it, in bytes: asking costs a process. */
const syncedAtOnce = 256 * 1024 * 1024

/**
 * Has the disk take what was written while more is written, so that little is left for the end. Promises nothing by itself.
 */
export class EarlySync {
  readonly #sync: (file: string) => Promise<unknown>
  #bytes = 0
  #going: Promise<unknown> | undefined

  /** `sync`: asks for it, for the file system of this file. */
  constructor(sync: (file: string) => Promise<unknown>) {
    this.#sync = sync
  }

  /** So many more bytes were written to this file. */
  wrote(file: string, bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < syncedAtOnce || this.#going !== undefined) return
    this.#bytes = 0
    this.#going = this.#sync(file).finally(() => {
      this.#going = undefined
    })
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#going
  }
}

/**
 * One `sync -f` (syncfs, coreutils) for the whole file system of a folder: Node has no syncfs, and an fsync for each of many small files takes some
 * ten times longer. `file`: the folder held open, which is then meant, whatever its path leads to. False when the program is missing or does
 * not know `-f`; then nothing is promised.
 */
export async function syncVolume(folder: string, file?: number): Promise<boolean> {
  const path = file === undefined ? fsPath(folder) : '/proc/self/fd/3'
  if (process.platform !== 'linux' || typeof path !== 'string') return false
  try {
    await run('sync', ['-f', '--', path], { file })
    return true
  } catch {
    return false
  }
}

/** `names`: only what lies directly in the folder. */
export function syncEach(path: string, depth: 'all' | 'names' = 'all'): void {
  const stat = look(path)
  const folder = stat?.isDirectory() === true
  if (folder && depth === 'all') for (const name of namesIn(path)) syncEach(`${path}/${name}`)
  if (stat?.isFile() || (folder && process.platform !== 'win32')) trySync(path)
}

function trySync(path: string): void {
  try {
    syncFile(path)
  } catch (error) {
    // A file restored without read permission cannot be opened again by its owner; the system writes it out by itself.
    if (!(error instanceof Failure) || error.code !== 'target-unwritable') throw error
  }
}
