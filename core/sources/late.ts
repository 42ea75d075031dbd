// One file of this machine, opened when its turn in an archive comes: what its header says comes from the open file, not from its name.
// Guarantees: a file that is not what it says (more, fewer, or unreadable bytes) is not framed here but left to folders.ts, which takes its time; a
// symlink or a pipe put in its place is neither followed nor waited for. Used in the run's own thread and in those of its pools.
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Problem } from '../api/failure.ts'
import type { Entry, Frame, LateOutcome, ReadLate } from '../archive/archive.ts'
import { readAttributes } from '../lib/attributes.ts'
import { HeadMarker } from '../lib/content-mark.ts'
import { fileTime } from '../lib/instant.ts'
import { libc, type Where } from '../lib/libc.ts'
import { fsPath } from '../lib/paths.ts'
import { Tally } from '../lib/tally.ts'
import { Disks } from './file-systems.ts'
import { sparseMap } from './holes.ts'
import { type OwnerNames, ownerNames } from './owners.ts'
import { leftOut } from './walk.ts'

/** O_NOFOLLOW: a symlink put in the file's place fails; O_NONBLOCK: a pipe put there does not wait for a writer. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** A file of more bytes than this is not read in one piece, even where it was smaller before. */
const mostAtOnce = 1024 * 1024

/** The opener of a file closes it. */
export interface OpenFile {
  readonly file: number
  readonly stat: BigIntStats
}

export function openFile(at: string): OpenFile | Problem {
  let file: number
  try {
    file = openSync(fsPath(at), readFlags)
  } catch (error) {
    // ELOOP: by now a symlink stands in its place.
    const swapped = (error as NodeJS.ErrnoException).code === 'ELOOP'
    return swapped ? { code: 'file-vanished', details: { path: at } } : leftOut(at, error)
  }
  const stat = fstatSync(file, { bigint: true })
  if (stat.isFile()) return { file, stat }
  closeSync(file)
  return { code: 'file-special', details: { path: at } }
}

/** What is asked for every entry, and where what cannot be kept is counted. */
export interface Describing {
  readonly owners: OwnerNames
  readonly tally: Tally
}

/** What every entry has, from the file system. `where`: how it is reached; `at`: as people know it. */
export function described(
  path: string,
  stat: BigIntStats,
  { where, at }: { readonly where: Where; readonly at: string },
  { owners, tally }: Describing,
): Omit<Entry, 'type'> {
  const uid = Number(stat.uid)
  const gid = Number(stat.gid)
  const uname = owners.user(uid)
  const gname = owners.group(gid)
  const { mtime, time } = fileTime(stat.mtimeNs)
  const attributes = attributesOf(where, at, owners, tally)
  // Without spreading, which costs as much as all the rest.
  return { path, mode: Number(stat.mode) & 0o7777, uid, gid, uname, gname, mtime, time, size: 0, attributes }
}

function attributesOf(where: Where, at: string, owners: OwnerNames, tally: Tally): Entry['attributes'] {
  const system = libc()
  if (!system) return undefined
  const { attributes, unread, reason = '' } = readAttributes(system, where, owners)
  if (unread.length > 0) tally.count('attributes-unread', at, { names: unread, reason })
  return attributes
}

/** Bytes read, or what is wrong with the rest of the file. */
export function readInto(file: number, chunk: Buffer, at: string): number | Problem {
  try {
    return readSync(file, chunk, 0, chunk.length, null)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code
    if (reason === undefined) throw error
    return { code: 'file-unreadable', details: { path: at, reason } }
  }
}

/** Told after all of a file was read: it is not what it was when it was opened. */
export function changedSince({ file, stat: before }: OpenFile, at: string): Problem | undefined {
  const after = fstatSync(file, { bigint: true })
  const same = after.size === before.size && after.mtimeNs === before.mtimeNs
  return same ? undefined : { code: 'file-changed', details: { path: at } }
}

/** Reads files into a frame; for one thread. */
export function lateReader(): ReadLate {
  const owners = lasting(ownerNames)
  const disks = lasting(() => new Disks())
  const marker = new HeadMarker()
  let tally = new Tally()
  return ({ path, at, marked }, frame): LateOutcome => {
    if (!tally.empty) tally = new Tally()
    const found = openFile(at)
    if ('code' in found) return { framed: 0, problem: found }
    try {
      const size = Number(found.stat.size)
      const certain = disks().has(found.stat.dev, found.file)
      if (size > mostAtOnce || (certain && sparseMap(found))) return { framed: 0, again: true }
      const start = frame.position
      const place = { where: { file: found.file }, at }
      const about = described(path, found.stat, place, { owners: owners(), tally })
      frame.begin(Object.assign(about, { type: 'file', size } as const))
      const head = marked ? marker : undefined
      head?.begin()
      const fault = readWhole(found.file, { at, size, certain, head }, frame)
      if (fault && frame.back(start)) return { framed: 0, again: true }
      const problem = fault ?? changedSince(found, at)
      frame.end(size)
      return {
        size,
        framed: frame.position - start,
        mode: about.mode,
        mtime: about.mtime,
        ...(head && { mark: head.mark() }),
        ...(problem && { problem }),
        ...(!tally.empty && { tallied: tally.all }),
        ...(fault?.code === 'file-incomplete' && { read: Number(fault.details.read) }),
      }
    } finally {
      closeSync(found.file)
    }
  }
}

interface Announced {
  readonly at: string
  readonly size: number
  /** A read that brings less than was asked for has reached the end. */
  readonly certain: boolean
  /** Sees the content. */
  readonly head: HeadMarker | undefined
}

const oneMore = Buffer.alloc(1)

/** All that was announced, in zeros what is not there; what was wrong. One byte more is asked for than there should be: that costs no call. */
function readWhole(file: number, { at, size, certain, head }: Announced, frame: Frame): Problem | undefined {
  let ended = false
  for (let left = size; left > 0; ) {
    const room = frame.room(left + 1)
    const read = readInto(file, room, at)
    if (typeof read !== 'number' || read === 0) {
      frame.zeros(left)
      const reason = typeof read === 'number' ? 'EOF' : String(read.details.reason)
      return { code: 'file-incomplete', details: { path: at, read: size - left, reason } }
    }
    head?.take(room.subarray(0, Math.min(read, left)))
    frame.filled(Math.min(read, left))
    if (read > left) return { code: 'file-changed', details: { path: at } }
    left -= read
    ended = certain && read < room.length
  }
  const more = ended ? 0 : readInto(file, oneMore, at)
  return more === 0 ? undefined : { code: 'file-changed', details: { path: at } }
}

/** How long names are taken for the same, in ms: a thread may live for many runs. */
const patience = 10_000

function lasting<T>(make: () => T): () => T {
  let made: { readonly value: T; readonly time: number } | undefined
  return () => {
    const now = performance.now()
    if (!made || now - made.time > patience) made = { value: make(), time: now }
    return made.value
  }
}
