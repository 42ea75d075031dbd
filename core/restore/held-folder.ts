// One folder that is held open, so that it stays the same one whatever its name leads to meanwhile. Which folders of a tree are held, and for how
// long: held.ts.
// Guarantees, on Linux with /proc: what is held is a real folder, opened without following a link at its end; it is named by its descriptor; its
// owner and permissions are looked at, never taken for set. Elsewhere nothing is open, and it is named by its path.
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readlinkSync,
  statfsSync,
} from 'node:fs'
import { Failure } from '../api/failure.ts'
import { errnoOf } from '../lib/files.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { asFailure, identity, look, onDisk } from './disk.ts'

/** Linux, fcntl.h: only to name what is below. Asks for no right to read the folder. The same number on every processor that Node knows. */
const O_PATH = 0o10000000

/** File systems (statfs(2)) whose inode numbers may change while nothing else does. FAT and exFAT know no owners and no links either. */
const forgetful = new Set([0x4d44, 0x2011bab0, 0x65735546, 0x5346544e, 0x7366746e, 0xff534d42, 0xfe534d42, 0x01021997])

let known: boolean | undefined

/** Whether folders can be held here. */
export function canHold(): boolean {
  known ??= process.platform === 'linux' && existsSync('/proc/self/fd')
  return known
}

export interface Held {
  readonly file: number | undefined
  /** Names the folder to the system. */
  readonly way: string
  readonly identity: string
}

/** `path`: in failures. Nothing where there is no folder, or a link to one. */
export function hold(way: string, path: string): Held | undefined {
  if (!canHold()) {
    const stat = look(way, path)
    return stat?.isDirectory() ? { file: undefined, way, identity: identity(stat) } : undefined
  }
  try {
    const file = openSync(fsPath(way), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    return { file, way: `/proc/self/fd/${file}`, identity: identity(fstatSync(file, { bigint: true })) }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '')) return undefined
    throw asFailure(error, path)
  }
}

/** By its whole path, on which is no link: else Failure `changed`. */
export function holdTop(path: string): Held {
  const held = hold(path, path) ?? gone(path)
  if (held.file === undefined) return held
  const real = decodeName(readlinkSync(held.way, { encoding: 'buffer' }))
  if (real === path) return held
  letGo(held)
  return gone(path)
}

export function letGo({ file }: Held): void {
  if (file !== undefined) closeSync(file)
}

export function gone(path: string): never {
  throw new Failure('changed', { name: path, path })
}

/** What the folder is, as it is now. */
export function statOf({ file }: Held, path: string): BigIntStats {
  return onDisk(path, () => (file === undefined ? look(path) : fstatSync(file, { bigint: true }))) ?? gone(path)
}

export function inodeOf({ identity: id }: Held): string {
  return id.slice(id.indexOf(':') + 1)
}

/** Whether the numbers of inodes can be relied upon. */
export function keepsInodes({ way }: Held, path: string): boolean {
  return onDisk(path, () => !forgetful.has(statfsSync(fsPath(way)).type))
}

export function isMine({ file }: Held, path: string): boolean {
  if (file === undefined) return true
  return onDisk(path, () => Number(fstatSync(file, { bigint: true }).uid)) === process.geteuid?.()
}

/**
 * Ours and 0700, as far as the file system knows such things; false where others can still change it. Somebody else may have exchanged what we have
 * just made for a folder of theirs: once it is ours and private, that is no matter.
 */
export function makePrivate(held: Held, path: string): boolean {
  if (held.file === undefined) {
    onDisk(path, () => chmodSync(held.way, 0o700))
    return true
  }
  if (!isMine(held, path)) attempt(() => chownSync(held.way, process.geteuid?.() ?? 0, process.getegid?.() ?? 0))
  attempt(() => chmodSync(held.way, 0o700))
  const { mode } = fstatSync(held.file, { bigint: true })
  return isMine(held, path) && (mode & 0o022n) === 0n
}

/** Some file systems know neither owners nor permissions: what came of it is looked at. */
function attempt(call: () => void): void {
  try {
    call()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
  }
}
