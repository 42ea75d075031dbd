// The records of a PAX extended header (POSIX.1-2001, pax): `LENGTH KEY=VALUE\n`, LENGTH counting itself; and those among them that hold extended
// attributes and access lists, as GNU tar (`--xattrs --acls`), star and bsdtar write them.
// Guarantees: values are bytes, whatever they hold; absurd lengths are Failure `damaged`. Does not know what attributes mean: see restore/attributes.ts.
import { Failure } from '../api/failure.ts'
import { decodeName, encodeName } from '../lib/paths.ts'
import type { Attributes } from './entry.ts'

/** Values of text are written as UTF-8, odd names (lib/paths.ts) as their bytes. */
export type Records = Record<string, string | Buffer>

export function encodePax(records: Records): Buffer {
  return Buffer.concat(Object.entries(records).map(([key, value]) => record(key, value)))
}

function record(key: string, value: string | Buffer): Buffer {
  const body = Buffer.concat([encodeName(` ${key}=`), typeof value === 'string' ? encodeName(value) : value])
  const rest = body.length + 1
  let length = rest + 1
  while (String(length).length + rest !== length) length += 1
  return Buffer.concat([Buffer.from(String(length)), body, Buffer.from('\n')])
}

/** Of sparse files in GNU's version 0.0 these come once for each piece: they are put together as in version 0.1. */
const repeated = /^GNU\.sparse\.(offset|numbytes)$/

/** Records as raw values by key; later ones win. Malformed: Failure `damaged`. */
export function decodePax(body: Uint8Array): Map<string, Buffer> {
  const data = Buffer.from(body.buffer, body.byteOffset, body.length)
  const records = new Map<string, Buffer>()
  const pieces: Buffer[] = []
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at)
    const digits = space < 0 ? '' : data.toString('latin1', at, Math.min(space, at + 11))
    const end = at + Number(digits)
    const equals = data.indexOf(0x3d, space)
    const sound =
      /^\d{1,10}$/.test(digits) && end <= data.length && equals > space && equals < end && data[end - 1] === 0x0a
    if (!sound) throw new Failure('damaged', { reason: 'tar extended header' })
    const key = decodeName(data.subarray(space + 1, equals))
    const value = Buffer.from(data.subarray(equals + 1, end - 1))
    if (repeated.test(key)) pieces.push(...alternating(pieces.length, key, value))
    else records.set(key, value)
    at = end
  }
  if (pieces.length > 0) records.set('GNU.sparse.map', Buffer.concat(pieces))
  return records
}

function alternating(before: number, key: string, value: Buffer): Buffer[] {
  const wanted = before % 4 === 0 ? 'GNU.sparse.offset' : 'GNU.sparse.numbytes'
  if (key !== wanted) throw new Failure('damaged', { reason: 'tar: GNU sparse' })
  return [value, Buffer.from(',')]
}

const schily = 'SCHILY.xattr.'
const libarchive = 'LIBARCHIVE.xattr.'
const access = 'SCHILY.acl.access'
const inherited = 'SCHILY.acl.default'

/** Largest name and value that Linux knows (uapi/linux/limits.h), in bytes; access lists as text may be larger than their bytes. */
const most = { name: 255, value: 65_536, text: 512 * 1024 }

export function attributeRecords(attributes: Attributes | undefined): Records {
  if (!attributes) return {}
  const records: Records = {}
  if (attributes.access !== undefined) records[access] = attributes.access
  if (attributes.inherited !== undefined) records[inherited] = attributes.inherited
  for (const { name, value } of attributes.extended)
    records[schily + name.replace(/[%=]/g, percent)] = Buffer.from(value, 'latin1')
  return records
}

export function isAttribute(key: string): boolean {
  return key.startsWith(schily) || key.startsWith(libarchive)
}

/** As GNU tar does it with what would end a key. */
function percent(character: string): string {
  return character === '%' ? '%25' : '%3D'
}

/** Undefined for none. */
export function attributesIn(pax: ReadonlyMap<string, Buffer>): Attributes | undefined {
  const [own, others]: [[string, Buffer][], [string, Buffer][]] = [[], []]
  for (const [key, value] of pax) {
    if (key.startsWith(schily)) own.push([key.slice(schily.length).replace(/%(3D|25)/gi, unescaped), value])
    else if (key.startsWith(libarchive)) others.push([unescapedAll(key.slice(libarchive.length)), fromBase64(value)])
  }
  const [read, fallback] = [pax.get(access), pax.get(inherited)]
  if (own.length + others.length === 0 && !read && !fallback) return undefined
  // bsdtar writes each twice, and only these with every name as it is.
  const extended = (others.length > 0 ? others : own).map(([name, value]) => checked(name, value))
  return {
    extended,
    ...(read && { access: listText(read) }),
    ...(fallback && { inherited: listText(fallback) }),
  }
}

function checked(name: string, value: Buffer): Attributes['extended'][number] {
  const length = Buffer.byteLength(name)
  if (length === 0 || length > most.name || name.includes('\0') || value.length > most.value)
    throw new Failure('damaged', { reason: 'tar extended attribute' })
  return { name, value: value.toString('latin1') }
}

function listText(value: Buffer): string {
  if (value.length > most.text) throw new Failure('damaged', { reason: 'tar access list' })
  return value.toString('utf8')
}

function unescaped(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

function unescapedAll(name: string): string {
  const raw = name.replace(/%([0-9A-Fa-f]{2})/g, unescaped)
  return raw === name ? name : decodeName(Buffer.from(raw, 'latin1'))
}

function fromBase64(value: Buffer): Buffer {
  return Buffer.from(value.toString('latin1'), 'base64')
}
