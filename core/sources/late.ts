// One file of this machine, opened when its turn in an archive comes: what its header says comes from the open file, not from its name.
// Guarantees: exactly the announced bytes, zeros for what is missing and a warning that names the file; a symlink or a pipe put in its place is
// neither followed nor waited for. Used in the run's own thread (folders.ts) and in those of its pools.
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Problem } from '../api/failure.ts'
import type { Entry, Frame, LateOutcome, ReadLate } from '../archive/archive.ts'
import { fsPath } from '../lib/paths.ts'
import { type OwnerNames, ownerNames } from './owners.ts'
import { leftOut } from './walk.ts'

/** O_NOFOLLOW: a symlink put in the file's place fails; O_NONBLOCK: a pipe put there does not wait for a writer. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** A file of more bytes than this is not read in one piece, even where it was smaller before. */
const mostAtOnce = 1024 * 1024

/** An open file is closed by whoever opened it. */
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

/** What every entry has, from the file system. */
export function described(path: string, stat: BigIntStats, owners: OwnerNames): Omit<Entry, 'type'> {
  const uid = Number(stat.uid)
  const gid = Number(stat.gid)
  const uname = owners.user(uid)
  const gname = owners.group(gid)
  return {
    path,
    mode: Number(stat.mode) & 0o7777,
    uid,
    gid,
    ...(uname !== undefined && { uname }),
    ...(gname !== undefined && { gname }),
    mtime: Number(stat.mtimeNs / 1000n) / 1000,
    size: 0,
  }
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
  return ({ path, at }, frame): LateOutcome => {
    const found = openFile(at)
    if ('code' in found) return { framed: 0, problem: found }
    try {
      const size = Number(found.stat.size)
      if (size > mostAtOnce) return { framed: 0, grown: true }
      const start = frame.position
      frame.begin({ ...described(path, found.stat, owners()), type: 'file', size })
      const problem = readWhole(found.file, { at, size }, frame) ?? changedSince(found, at)
      frame.end(size)
      return { size, framed: frame.position - start, ...(problem && { problem }) }
    } finally {
      closeSync(found.file)
    }
  }
}

/** All that was announced, in zeros what cannot be read; what was wrong first, if anything. */
function readWhole(file: number, { at, size }: { at: string; size: number }, frame: Frame): Problem | undefined {
  let problem: Problem | undefined
  for (let left = size; left > 0; ) {
    const room = frame.room(left)
    const read = problem ? 0 : readInto(file, room, at)
    if (read === 0) problem ??= { code: 'file-changed', details: { path: at } }
    else if (typeof read !== 'number') problem = read
    const done = typeof read === 'number' && read > 0 ? read : room.fill(0).length
    frame.filled(done)
    left -= done
  }
  return problem
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
