// The headers of ordinary files, read where they lie without an object for each part: the other side of tar-template.ts.
// Guarantees: says of a file, to the last digit, what tar-header.ts says of it, or nothing: whatever is not sound, not plain or not all there is
// left to that.
import { decodeName } from '../lib/paths.ts'
import type { Entry } from './entry.ts'
import { BLOCK, fields, isSound, octal } from './tar-header.ts'

/** What the headers of a file say; filled again and again. */
export type Ordinary = {
  -readonly [Field in 'path' | 'mode' | 'uid' | 'gid' | 'uname' | 'gname' | 'mtime' | 'time' | 'size']: Entry[Field]
} & {
  readonly type: 'file'
}

export function ordinary(): Ordinary {
  const owner = { mode: 0, uid: 0, gid: 0, uname: undefined, gname: undefined }
  return { path: '', type: 'file', ...owner, mtime: 0, time: undefined, size: 0 }
}

/** Kinds of members. */
const FILE = 0x30
const EXTENDED = 0x78

const NEWLINE = 0x0a
const DOT = 0x2e
const SLASH = 0x2f
const ZERO = 0x30
const NINE = 0x39

const { NAME, PREFIX, MODE, UID, GID, UNAME, GNAME, TYPE, SIZE, MTIME } = fields

const record = Buffer.from(' mtime=')

/**
 * The file whose headers begin at `at`: one block, or one that an extended header with only its time stands before. The bytes that they take,
 * or 0 where it is for somebody else to read; what `into` holds is of no use then.
 */
export function readOrdinary(chunk: Buffer, at: number, into: Ordinary): number {
  if (chunk[at + TYPE] !== EXTENDED) return readFile(chunk, at, false, into) ? BLOCK : 0
  if (at + 2 * BLOCK > chunk.length || !isSound(chunk, at)) return 0
  const size = octal(chunk, at, SIZE)
  const timed = size > 0 && size <= BLOCK && readTime(chunk, at + BLOCK, size, into)
  return timed && readFile(chunk, at + 2 * BLOCK, true, into) ? 3 * BLOCK : 0
}

/** `timed`: when it was changed is known already. */
function readFile(chunk: Buffer, at: number, timed: boolean, into: Ordinary): boolean {
  if (at + BLOCK > chunk.length || chunk[at + TYPE] !== FILE || chunk[at + PREFIX.at] !== 0) return false
  const path = isSound(chunk, at) ? nameOf(chunk, at + NAME.at) : undefined
  if (path === undefined) return false
  const mode = octal(chunk, at, MODE)
  const seconds = octal(chunk, at, MTIME)
  into.path = path
  into.mode = mode & 0o7777
  into.uid = octal(chunk, at, UID)
  into.gid = octal(chunk, at, GID)
  into.size = octal(chunk, at, SIZE)
  if (!timed) {
    into.mtime = seconds * 1000
    into.time = undefined
  }
  into.uname = ownerOf(users, chunk, at + UNAME.at)
  into.gname = ownerOf(groups, chunk, at + GNAME.at)
  return mode >= 0 && seconds >= 0 && into.uid >= 0 && into.gid >= 0 && into.size >= 0
}

/** A name that needs no tidying; undefined where it does. */
function nameOf(chunk: Buffer, from: number): string | undefined {
  let end = from
  let ascii = true
  for (const limit = from + NAME.length; end < limit && chunk[end] !== 0; end += 1)
    if ((chunk[end] as number) > 0x7f) ascii = false
  const first = chunk[from]
  if (end === from || chunk[end - 1] === SLASH || first === SLASH) return undefined
  if (first === DOT && chunk[from + 1] === SLASH) return undefined
  return ascii ? chunk.toString('latin1', from, end) : decodeName(chunk.subarray(from, end))
}

/** The last owner's name, as it stood: most files have the same. */
interface Known {
  readonly raw: Buffer
  text: string | undefined
}

const users: Known = { raw: Buffer.alloc(UNAME.length), text: undefined }
const groups: Known = { raw: Buffer.alloc(GNAME.length), text: undefined }

/** Undefined for none. */
function ownerOf(known: Known, chunk: Buffer, from: number): string | undefined {
  const { raw } = known
  let same = 0
  while (same < raw.length && chunk[from + same] === raw[same]) same += 1
  if (same === raw.length) return known.text
  chunk.copy(raw, 0, from, from + raw.length)
  const end = raw.indexOf(0)
  known.text = end === 0 ? undefined : raw.toString('utf8', 0, end < 0 ? raw.length : end)
  return known.text
}

/** Beyond this a number of milliseconds does not say it exactly (lib/instant.ts). */
const mostMicros = 2 ** 52

/** The time in a body that is this one record: `LENGTH mtime=SECONDS.FRACTION\n`, with up to nine digits after the point. */
function readTime(chunk: Buffer, from: number, size: number, into: Ordinary): boolean {
  const end = from + size - 1
  const first = chunk[end] === NEWLINE ? afterKey(chunk, from, size) : 0
  if (first === 0 || (chunk[first] === ZERO && isDigit(chunk[first + 1]))) return false
  let at = first
  let seconds = 0
  for (; isDigit(chunk[at]); at += 1) seconds = seconds * 10 + (chunk[at] as number) - ZERO
  if (at === first || at - first > 10 || (at !== end && (chunk[at] !== DOT || end - at > 10))) return false
  const point = at
  let nanos = 0
  let scale = 100_000_000
  for (at += 1; at < end; at += 1, scale /= 10) {
    if (!isDigit(chunk[at])) return false
    nanos += ((chunk[at] as number) - ZERO) * scale
  }
  const micros = seconds * 1_000_000 + Math.floor(nanos / 1000)
  if (micros >= mostMicros) return false
  into.mtime = micros / 1000
  let last = end
  while (last > point && chunk[last - 1] === ZERO) last -= 1
  into.time = nanos % 1000 === 0 ? undefined : chunk.toString('latin1', first, last)
  return true
}

/** Where the value begins; 0 where the record is another one, or says another length. */
function afterKey(chunk: Buffer, from: number, size: number): number {
  let at = from
  let length = 0
  for (; isDigit(chunk[at]) && at < from + 3; at += 1) length = length * 10 + (chunk[at] as number) - ZERO
  if (length !== size) return 0
  for (let index = 0; index < record.length; index += 1, at += 1) if (chunk[at] !== record[index]) return 0
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}
