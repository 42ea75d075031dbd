// One member's header blocks: POSIX PAX as GNU tar, bsdtar, busybox and Python read it, and every older form when reading.
// Guarantees: a name comes back byte for byte (names that are not UTF-8 go raw into the ustar fields or a GNU long name, because PAX
// records are UTF-8); times to the nanosecond, also before 1970; numbers of any size. Does not read or write bodies: see tar.ts.
import { Failure } from '../api/failure.ts'
import { type FileTime, fileTime, parseTime, textOf } from '../lib/instant.ts'
import { decodeName, encodeName, isOdd } from '../lib/paths.ts'
import type { Entry } from './entry.ts'
import { attributeRecords, attributesIn, encodePax, type Records } from './pax.ts'
import { codec } from './tar-codec.ts'
import { dataOf, encodeMap, type SparseHead, sparseHead, sparseName, sparseRecords } from './tar-sparse.ts'

export const BLOCK = 512

/** Largest body of a PAX or long-name header that is read, in bytes: more is an attack on memory. Paths on Linux have 4096. */
export const META_LIMIT = 1024 * 1024

/** Places in the ustar header (POSIX.1-2001, pax, "ustar Interchange Format"). */
const NAME = { at: 0, length: 100 }
const LINK = { at: 157, length: 100 }
const PREFIX = { at: 345, length: 155 }
const MODE = { at: 100, length: 8 }
const UID = { at: 108, length: 8 }
const GID = { at: 116, length: 8 }
const UNAME = { at: 265, length: 32 }
const GNAME = { at: 297, length: 32 }
/** "ustar" and NUL. */
const MAGIC = 257
const USTAR = 0x75737461
const USTAR_END = 0x7200
const CHECKSUM = { at: 148, length: 8 }
const TYPE = 156
const SIZE = { at: 124, length: 12 }
const MTIME = { at: 136, length: 12 }
const MAX_ID = 0o7777777
const MAX_TIME = 0x7fffffff
const MAX_SIZE = 0o77777777777

/** For those who read where the bytes lie: tar-ordinary.ts. */
export const fields = { NAME, PREFIX, MODE, UID, GID, UNAME, GNAME, TYPE, SIZE, MTIME }

const flags = { file: 'file', folder: 'directory', symlink: 'symlink', link: 'link' } as const

/** The header blocks of one member, with the PAX and long-name members that belong to it, and with the map of a sparse file. */
export function encodeMember(entry: Entry): Buffer {
  if (entry.type === 'other') throw new Error(`cannot pack this type: ${entry.path}`)
  const shown = entry.sparse ? sparseName(entry.path) : entry.path
  const name = rawPath(entry.type === 'folder' ? `${shown}/` : shown)
  const link = rawPath(entry.target ?? '')
  const map = entry.sparse && encodeMap(entry.sparse, entry.size)
  const size = entry.type === 'file' ? dataOf(entry) + (map?.length ?? 0) : 0
  const seconds = Math.floor(entry.mtime / 1000)
  const header = codec.encode({
    name: '-',
    type: flags[entry.type],
    mode: entry.mode & 0o7777,
    uid: entry.uid > MAX_ID ? 0 : entry.uid,
    gid: entry.gid > MAX_ID ? 0 : entry.gid,
    size,
    mtime: new Date(Math.min(Math.max(seconds, 0), MAX_TIME) * 1000),
    uname: fieldName(entry.uname),
    gname: fieldName(entry.gname),
  })
  if (!header) throw new Error(`the header codec refused ${entry.path}`)
  const nameFits = placeName(header, name)
  const linkFits = placeRaw(header, LINK, link)
  const before: Buffer[] = []
  const names = entry.sparse ? sparseRecords(entry) : paxNames(entry, nameFits, linkFits)
  const records = { ...paxOf(entry, size), ...names, ...attributeRecords(entry.attributes) }
  if (Object.keys(records).length > 0) before.push(encodeMeta('x', encodePax(records)))
  if (isOdd(entry.path) && !nameFits) before.push(encodeMeta('L', Buffer.concat([name, Buffer.alloc(1)])))
  if (isOdd(entry.target ?? '') && !linkFits) before.push(encodeMeta('K', Buffer.concat([link, Buffer.alloc(1)])))
  sealHeader(header)
  return Buffer.concat([...before, header, map ?? Buffer.alloc(0)])
}

/** A PAX global header that holds only a comment. */
export function encodeComment(comment: string): Buffer {
  return encodeMeta('g', encodePax({ comment }))
}

function rawPath(path: string): Buffer {
  const raw = encodeName(path)
  if (raw.includes(0)) throw new Error('a name holds a NUL byte')
  return raw
}

function fitsName(name: string | undefined): boolean {
  return Buffer.byteLength(name ?? '') < 32
}

function fieldName(name = ''): string {
  return fitsName(name) ? name : ''
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

/** Numbers and times that the ustar fields cannot hold. */
function paxOf(entry: Entry, size: number): Records {
  const records: Records = {}
  if (size > MAX_SIZE) records.size = String(size)
  if (entry.uid > MAX_ID) records.uid = String(entry.uid)
  if (entry.gid > MAX_ID) records.gid = String(entry.gid)
  if (entry.uname && !(fitsName(entry.uname) && isAscii(entry.uname))) records.uname = entry.uname
  if (entry.gname && !(fitsName(entry.gname) && isAscii(entry.gname))) records.gname = entry.gname
  const seconds = entry.mtime / 1000
  if (entry.time !== undefined || seconds < 0 || seconds > MAX_TIME || !Number.isInteger(seconds))
    records.mtime = textOf(entry)
  return records
}

function paxNames(entry: Entry, nameFits: boolean, linkFits: boolean): Records {
  const records: Records = {}
  const path = entry.type === 'folder' ? `${entry.path}/` : entry.path
  const target = entry.target ?? ''
  if (!isOdd(path) && !(nameFits && isAscii(path))) records.path = path
  if (!isOdd(target) && !(linkFits && isAscii(target))) records.linkpath = target
  return records
}

/** Writes the name into the name field, or into prefix and name; cuts it and says false when it fits neither. */
function placeName(header: Buffer, raw: Buffer): boolean {
  if (raw.length <= NAME.length) return placeRaw(header, NAME, raw)
  const slash = raw.indexOf('/', Math.max(1, raw.length - NAME.length - 1))
  if (slash < 1 || slash > PREFIX.length || slash === raw.length - 1) return placeRaw(header, NAME, raw)
  placeRaw(header, PREFIX, raw.subarray(0, slash))
  return placeRaw(header, NAME, raw.subarray(slash + 1))
}

function placeRaw(header: Buffer, field: { at: number; length: number }, raw: Buffer): boolean {
  header.fill(0, field.at, field.at + field.length)
  header.set(raw.subarray(0, field.length), field.at)
  return raw.length <= field.length
}

/** Header and padded body of a member that describes the next one (or, for `g`, all that follow). */
function encodeMeta(flag: 'x' | 'g' | 'L' | 'K', body: Buffer): Buffer {
  if (body.length > META_LIMIT) throw new Error('a header is too long')
  const names = { x: 'PaxHeader', g: 'pax_global_header', L: '././@LongLink', K: '././@LongLink' }
  const fields = { mode: 0o644, uid: 0, gid: 0, size: body.length, mtime: new Date(0), type: 'file' } as const
  const header = codec.encode({ name: names[flag], ...fields })
  if (!header) throw new Error('the header codec refused a header')
  header[TYPE] = flag.charCodeAt(0)
  sealHeader(header)
  return Buffer.concat([header, body, Buffer.alloc(padding(body.length))])
}

/** Bytes of zero that follow a body of this length. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

function sealHeader(header: Buffer): void {
  header.fill(0x20, CHECKSUM.at, CHECKSUM.at + CHECKSUM.length)
  const sum = sumOf(header)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at, 'latin1')
}

/** A header as it stands in one block; `name` and `link` are raw bytes. */
export interface Block {
  readonly flag: string
  readonly name: Buffer
  readonly link: Buffer
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: FileTime
  readonly uname: string
  readonly gname: string
}

function sumOf(block: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < BLOCK; at += 1) sum += block[at] as number
  return sum
}

/** One block of 512 bytes; undefined for the block of zeros that ends an archive. Wrong checksum or numbers: Failure `damaged`. */
export function decodeBlock(block: Uint8Array): Block | undefined {
  const plain = decodePlain(block)
  if (plain) return plain
  if (block.every((byte) => byte === 0)) return undefined
  const fields = decodeFields(block)
  const { size } = fields
  if (block[SIZE.at] === 0xff || size === null || !Number.isSafeInteger(size) || size < 0)
    throw new Failure('damaged', { reason: 'tar size' })
  const flag = block[TYPE] === 0 ? '0' : String.fromCharCode(block[TYPE] as number)
  return {
    flag,
    name: Buffer.from(fields.name, 'latin1'),
    link: Buffer.from(fields.linkname ?? '', 'latin1'),
    mode: (fields.mode || 0) & 0o7777,
    uid: owner(fields.uid || 0),
    gid: owner(fields.gid || 0),
    size,
    mtime: binaryTime(block) ?? { mtime: fields.mtime.getTime() || 0 },
    uname: fields.uname,
    gname: fields.gname,
  }
}

/** A number below zero is nobody's, and must not become root's. */
const nobody = 0xffff_ffff

function owner(id: number): number {
  return id < 0 ? nobody : id
}

/** Magic and checksum of a ustar block that begins at `from`, all of which is there. */
export function isSound(data: Buffer, from: number): boolean {
  if (data.readUInt32BE(from + MAGIC) !== USTAR || data.readUInt16BE(from + MAGIC + 4) !== USTAR_END) return false
  let sum = 0
  for (let at = from; at < from + BLOCK; at += 1) sum += data[at] as number
  const first = from + CHECKSUM.at
  for (let at = first; at < first + CHECKSUM.length; at += 1) sum += 0x20 - (data[at] as number)
  return sum === octal(data, from, CHECKSUM)
}

/** A sound ustar block with nothing but octal numbers, as nearly all are; undefined for any other, which the codec judges. */
function decodePlain(block: Uint8Array): Block | undefined {
  const data = Buffer.from(block.buffer, block.byteOffset, BLOCK)
  if (!isSound(data, 0)) return undefined
  const [mode, uid, gid] = [octal(data, 0, MODE), octal(data, 0, UID), octal(data, 0, GID)]
  const [size, mtime] = [octal(data, 0, SIZE), octal(data, 0, MTIME)]
  if (mode < 0 || uid < 0 || gid < 0 || size < 0 || mtime < 0 || data[TYPE] === 0) return undefined
  const name = text(data, NAME)
  return {
    flag: String.fromCharCode(data[TYPE] as number),
    name: data[PREFIX.at] === 0 ? name : Buffer.concat([text(data, PREFIX), Buffer.from('/'), name]),
    link: text(data, LINK),
    mode: mode & 0o7777,
    uid,
    gid,
    size,
    mtime: { mtime: mtime * 1000 },
    uname: text(data, UNAME).toString('utf8'),
    gname: text(data, GNAME).toString('utf8'),
  }
}

interface Field {
  readonly at: number
  readonly length: number
}

/** A field of the block that begins at `from`: octal digits, then a space or NUL, as POSIX has it; -1 for anything else. */
export function octal(data: Buffer, from: number, field: Field): number {
  let value = 0
  const first = from + field.at
  for (let at = first; at < first + field.length; at += 1) {
    const digit = (data[at] as number) - 0x30
    if (digit < 0 || digit > 7) return at > first && (digit === -0x10 || digit === -0x30) ? value : -1
    value = value * 8 + digit
  }
  return value
}

function text(data: Buffer, field: Field): Buffer {
  const end = data.indexOf(0, field.at)
  return data.subarray(field.at, end < 0 ? field.at + field.length : Math.min(end, field.at + field.length))
}

/** GNU tar's binary number: two's complement after a bit that is set, of which the codec reads one below zero one too high and great ones not at all. */
function binaryTime(block: Uint8Array): FileTime | undefined {
  const first = block[MTIME.at] as number
  if (first !== 0xff && first !== 0x80) return undefined
  const hex = Buffer.from(block.subarray(MTIME.at + 1, MTIME.at + MTIME.length)).toString('hex')
  const bits = (MTIME.length - 1) * 8
  return fileTime((first === 0xff ? BigInt.asIntN(bits, BigInt(`0x${hex}`)) : BigInt(`0x${hex}`)) * 1_000_000_000n)
}

function decodeFields(block: Uint8Array) {
  const fields = checked(block)
  if (fields instanceof Failure) throw fields
  return fields
}

function checked(block: Uint8Array) {
  try {
    return codec.decode(block, 'latin1', true) ?? badHeader()
  } catch (error) {
    return badHeader(error)
  }
}

function badHeader(cause?: unknown): Failure {
  return new Failure('damaged', { reason: 'tar header' }, { cause })
}

/** What PAX and long-name headers say of the member that follows. */
export interface Extras {
  readonly pax: ReadonlyMap<string, Buffer>
  readonly longName?: Buffer | undefined
  readonly longLink?: Buffer | undefined
  /** What GNU tar's older format says of a sparse file. */
  readonly sparse?: SparseHead | undefined
}

/** What headers describe. */
export interface Member {
  readonly entry: Entry
  /** Bytes of body that follow them. */
  readonly stored: number
  /** It has holes: the map is yet to be checked, and, where it is not here, to be read. */
  readonly sparse?: SparseHead | undefined
}

const types: Record<string, Entry['type']> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'folder',
  D: 'folder',
}

/** The member that a block and its extras describe, without its body. */
export function decodeMember(block: Block, extras: Extras): Member {
  refuseVolumes(block)
  const { pax } = extras
  const sparse = extras.sparse ?? sparseHead(pax)
  const name = decodeName(sparse?.name ?? pax.get('path') ?? extras.longName ?? block.name)
  const target = decodeName(pax.get('linkpath') ?? extras.longLink ?? block.link)
  // Archives before ustar mark folders by the slash alone.
  const type = block.flag === '0' && name.endsWith('/') ? 'folder' : (types[block.flag] ?? 'other')
  const size = paxNumber(pax, 'size') ?? block.size
  // GNU tar and POSIX: links, folders, devices (1 to 6) have no body, whatever their size field says.
  const stored = /^[1-6]$/.test(block.flag) || (block.flag === '0' && type === 'folder') ? 0 : size
  const attributes = attributesIn(pax)
  const entry: Entry = {
    path: tidyPath(name),
    type,
    mode: block.mode,
    ...ownerOf(block, pax),
    ...(paxTime(pax) ?? block.mtime),
    size: type === 'file' ? (sparse?.size ?? stored) : 0,
    ...(attributes && { attributes }),
    ...(type === 'symlink' && { target }),
    ...(type === 'link' && { target: tidyPath(target) }),
  }
  return { entry, stored, ...(type === 'file' && sparse && { sparse }) }
}

function ownerOf(block: Block, pax: ReadonlyMap<string, Buffer>): Pick<Entry, 'uid' | 'gid' | 'uname' | 'gname'> {
  const uname = paxText(pax, 'uname') ?? block.uname
  const gname = paxText(pax, 'gname') ?? block.gname
  return {
    uid: paxOwner(pax, 'uid') ?? block.uid,
    gid: paxOwner(pax, 'gid') ?? block.gid,
    ...(uname && { uname }),
    ...(gname && { gname }),
  }
}

function refuseVolumes(block: Block): void {
  if (block.flag === 'M') throw new Failure('unsupported-format', { reason: 'tar: GNU multi-volume' })
  if (block.flag === 'N') throw new Failure('unsupported-format', { reason: 'tar: GNU NAMES' })
}

/** Without `./` in front and without slashes at the end; whatever else an attacker wrote stays for the reader to refuse. */
function tidyPath(path: string): string {
  const tidy = path.replace(/\/+$/, '').replace(/^(?:\.\/+)+/, '')
  return tidy === '' && path.startsWith('/') ? '/' : tidy
}

function paxText(pax: ReadonlyMap<string, Buffer>, key: string): string | undefined {
  return pax.get(key)?.toString('utf8')
}

function paxNumber(pax: ReadonlyMap<string, Buffer>, key: string): number | undefined {
  const text = paxText(pax, key)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new Failure('damaged', { reason: `tar ${key}` })
  return value
}

/** A number that no system has is for a restore to tell. */
function paxOwner(pax: ReadonlyMap<string, Buffer>, key: string): number | undefined {
  const text = paxText(pax, key)
  if (text === undefined) return undefined
  if (!/^-?\d{1,40}$/.test(text)) throw new Failure('damaged', { reason: `tar ${key}` })
  return owner(Number(text))
}

function paxTime(pax: ReadonlyMap<string, Buffer>): FileTime | undefined {
  const text = paxText(pax, 'mtime')
  if (text === undefined) return undefined
  return parseTime(text) ?? badTime()
}

function badTime(): never {
  throw new Failure('damaged', { reason: 'tar mtime' })
}
