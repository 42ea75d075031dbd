// The headers of ordinary files, put where they belong without an object for each: there are tens of thousands of small files in a backup.
// Guarantees: byte for byte what encodeMember of tar-header.ts makes, of which the templates are made; what is not ordinary is left to it.
import type { Entry } from './entry.ts'
import { BLOCK, encodeMember } from './tar-header.ts'

/** Places in the ustar header: see tar-header.ts. */
const SIZE = { at: 124, digits: 11 }
const MTIME = { at: 136, digits: 11 }
const CHECKSUM = { at: 148, digits: 6 }
const NAME = 100

/** Names and times as they stand in the templates, before the real ones replace them. */
const sampleName = '-'
const sampleSeconds = 0

const largest = { size: 0o77777777777, seconds: 0x7fffffff, id: 0o7777777 }

/** Owners and modes are few; what more there are begin anew. */
const rememberedTemplates = 1000

interface Template {
  readonly block: Buffer
  /** Of all its bytes, without name, size, time and checksum. */
  readonly sum: number
}

const templates = new Map<string, Template>()

/** PAX headers with a time only, by the length of their record. */
const timeHeaders = new Map<number, Buffer>()

/** Writes the headers of a file into `block` at `at`; the bytes that they take, or 0 where nothing was written: not an ordinary file, or no room. */
export function placeFile(entry: Entry, block: Buffer, at: number): number {
  const { path, size, mtime, time } = entry
  const micros = Math.round(mtime * 1000)
  const seconds = Math.floor(micros / 1_000_000)
  if (!isPlain(entry, seconds)) return 0
  const fraction = micros - seconds * 1_000_000
  const record = time !== undefined || fraction !== 0 ? timeRecord(time ?? timeText(seconds, fraction)) : ''
  const before = record === '' ? 0 : 2 * BLOCK
  if (at + before + BLOCK > block.length) return 0
  const { block: template, sum } = templateOf(entry)
  if (before > 0) {
    timeHeader(record.length, entry).copy(block, at)
    block.write(record, at + BLOCK, 'latin1')
  }
  const start = at + before
  template.copy(block, start)
  block.write(path, start, 'latin1')
  const checksum = sum + sumOf(block, start, start + path.length) + octal(block, start + SIZE.at, SIZE.digits, size)
  const total = checksum + octal(block, start + MTIME.at, MTIME.digits, seconds)
  octal(block, start + CHECKSUM.at, CHECKSUM.digits, total)
  return before + BLOCK
}

function isPlain(entry: Entry, seconds: number): boolean {
  const { type, path, size, uid, gid, uname = '', gname = '' } = entry
  if (entry.attributes !== undefined || entry.sparse !== undefined) return false
  if (type !== 'file' || path.length > NAME || seconds < 0 || seconds > largest.seconds || size > largest.size)
    return false
  if (uid > largest.id || gid > largest.id || uname.length > 31 || gname.length > 31) return false
  return isAscii(path) && isAscii(uname) && isAscii(gname)
}

/** ASCII without NUL. */
function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0 || code > 126) return false
  }
  return true
}

function templateOf(entry: Entry): Template {
  const { mode, uid, gid, uname = '', gname = '' } = entry
  const key = `${mode}:${uid}:${gid}:${uname}:${gname}`
  const known = templates.get(key)
  if (known) return known
  if (templates.size >= rememberedTemplates) templates.clear()
  const block = encodeMember({ ...entry, path: sampleName, mtime: sampleSeconds, time: undefined, size: 0 })
  block[0] = 0
  const zeros = SIZE.digits + MTIME.digits
  const spaces = 8 * 0x20
  const checksum = sumOf(block, CHECKSUM.at, CHECKSUM.at + 8)
  const sum = sumOf(block, 0, BLOCK) - checksum + spaces - zeros * 0x30
  const template = { block, sum }
  templates.set(key, template)
  return template
}

function sumOf(bytes: Buffer, from: number, to: number): number {
  let sum = 0
  for (let at = from; at < to; at += 1) sum += bytes[at] as number
  return sum
}

/** Writes a number in octal digits; the sum of the bytes written. */
function octal(block: Buffer, at: number, digits: number, value: number): number {
  let left = value
  let sum = 0
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const next = Math.floor(left / 8)
    const digit = 0x30 + left - next * 8
    block[place] = digit
    sum += digit
    left = next
  }
  return sum
}

/** Seconds, and microseconds without zeros at the end. */
function timeText(seconds: number, fraction: number): string {
  let digits = fraction + 1_000_000
  while (digits % 10 === 0) digits /= 10
  return `${seconds}.${String(digits).slice(1)}`
}

/** `LENGTH mtime=SECONDS.FRACTION\n`; LENGTH counts itself. */
function timeRecord(time: string): string {
  const rest = ` mtime=${time}\n`
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length += 1
  return `${length}${rest}`
}

/** The PAX header for a record of this length, which stands in it: any other of the same length can be put over it. */
function timeHeader(length: number, { mtime, time }: Entry): Buffer {
  const known = timeHeaders.get(length)
  if (known) return known
  const sample = { path: sampleName, type: 'file', mode: 0, uid: 0, gid: 0, size: 0 } as const
  const header = encodeMember({ ...sample, mtime, time }).subarray(0, 2 * BLOCK)
  timeHeaders.set(length, header)
  return header
}
