// Sparse files in an archive: what stands for the holes. Written in GNU's version 1.0 within PAX (GNU tar manual, "Storing Sparse Files"), read in
// 0.0, 0.1, 1.0 and GNU tar's own older format.
// Guarantees: a map that was read is in order, without overlap, within the file, and says of exactly so many bytes that they are there as are; any
// other is Failure `damaged`. Does not know the file system: see sources/sparse.ts.
import { Failure } from '../api/failure.ts'
import type { ByteReader } from './byte-reader.ts'
import type { Entry, Extent } from './entry.ts'
import type { Records } from './pax.ts'

const BLOCK = 512

/** More pieces than this are not read: their map alone would fill the memory. */
const mostExtents = 1_000_000

/** Bytes of the body of a file in an archive: those that are not holes. */
export function dataOf({ size, sparse }: Pick<Entry, 'size' | 'sparse'>): number {
  return sparse ? sparse.reduce((sum, { length }) => sum + length, 0) : size
}

/** Other programs that do not know sparse files show this name. */
export function sparseName(path: string): string {
  const at = path.lastIndexOf('/') + 1
  return `${path.slice(0, at)}GNUSparseFile.0/${path.slice(at)}`
}

export function sparseRecords({ path, size }: Entry): Records {
  return {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': path,
    'GNU.sparse.realsize': String(size),
  }
}

/**
 * The map that stands before the content, in whole blocks. Pieces that end between blocks are an ordinary Error, but for the last: GNU tar looks
 * for each at the beginning of a block, other programs where the one before ends.
 */
export function encodeMap(extents: readonly Extent[], size: number): Buffer {
  const last = extents.at(-1)
  if (extents.some((one) => one.length % BLOCK !== 0 && one !== last)) throw new Error('a piece ends between blocks')
  // As GNU tar does: what ends with a hole has an empty piece at its end.
  const pieces = last && last.at + last.length === size ? extents : [...extents, { at: size, length: 0 }]
  const text = `${pieces.length}\n${pieces.map(({ at, length }) => `${at}\n${length}\n`).join('')}`
  const map = Buffer.alloc(Math.ceil(text.length / BLOCK) * BLOCK)
  map.write(text, 'latin1')
  return map
}

/** What the headers of a sparse file say. */
export interface SparseHead {
  readonly size: number
  readonly name?: Buffer | undefined
  /** Absent: it stands before the content. */
  readonly map?: readonly Extent[]
}

/** Undefined for a file without holes. */
export function sparseHead(pax: ReadonlyMap<string, Buffer>): SparseHead | undefined {
  const [major, map] = [pax.get('GNU.sparse.major')?.toString('latin1'), pax.get('GNU.sparse.map')]
  const size = pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size')
  if (!size && !map && major === undefined) return undefined
  const name = pax.get('GNU.sparse.name')
  const head = { size: number(size?.toString('latin1') ?? ''), name }
  if (major === '1' && pax.get('GNU.sparse.minor')?.toString('latin1') === '0') return head
  if (major !== undefined && major !== '0')
    throw new Failure('unsupported-format', { reason: `tar: GNU sparse ${major.slice(0, 20)}` })
  return { ...head, map: pairs((map ?? '').toString('latin1').replace(/,$/, '').split(',')) }
}

/** The map before the content of which `stored` bytes are left; and how many of them it takes. */
export async function readMap(bytes: ByteReader, stored: number): Promise<{ map: Extent[]; taken: number }> {
  const numbers: string[] = []
  let wanted = 1
  let begun = ''
  let taken = 0
  while (numbers.length < wanted) {
    if (taken + BLOCK > stored || begun.length > BLOCK) damaged()
    const block = Buffer.from(await bytes.exactly(BLOCK)).toString('latin1')
    taken += BLOCK
    const lines = (begun + block).split('\n')
    begun = lines.pop() as string
    for (const line of lines) {
      if (numbers.length === wanted) break
      numbers.push(line)
      if (numbers.length === 1) wanted += 2 * number(line)
    }
    if (wanted > 2 * mostExtents + 1) damaged()
  }
  return { map: pairs(numbers.slice(1)), taken }
}

/** GNU tar's older format: pieces in the header itself, and in blocks of them that follow it. Places: GNU tar manual, "Basic Tar Format". */
export async function readOldHead(header: Uint8Array, bytes: ByteReader): Promise<SparseHead> {
  const map = oldPieces(header, 386, 4)
  const size = binary(header, 483)
  let more = header[482] !== 0
  while (more) {
    const block = Buffer.from(await bytes.exactly(BLOCK))
    map.push(...oldPieces(block, 0, 21))
    more = block[504] !== 0
    if (map.length > mostExtents) damaged()
  }
  return { size, map }
}

function oldPieces(block: Uint8Array, from: number, count: number): Extent[] {
  const pieces: Extent[] = []
  for (let index = 0; index < count; index += 1) {
    const at = from + index * 24
    if (block[at] === 0 && block[at + 12] === 0) break
    pieces.push({ at: binary(block, at), length: binary(block, at + 12) })
  }
  return pieces
}

/** A field of twelve bytes: octal digits, or a binary number after a byte 80. */
function binary(block: Uint8Array, at: number): number {
  const field = Buffer.from(block.subarray(at, at + 12))
  if (field[0] === 0x80) return safe(Number(BigInt(`0x${field.subarray(1).toString('hex')}`)))
  const digits = /^ *([0-7]{1,12})[ \0]*$/.exec(field.toString('latin1'))?.[1]
  return digits === undefined ? damaged() : safe(Number.parseInt(digits, 8))
}

/** Data segments of a sparse file; `stored`: bytes of content in them. */
export function checkedMap(map: readonly Extent[], size: number, stored: number): Extent[] {
  let end = 0
  let data = 0
  for (const { at, length } of map) {
    if (at < end || !Number.isSafeInteger(at + length) || at + length > size) damaged()
    end = at + length
    data += length
  }
  if (data !== stored) damaged()
  return map.filter(({ length }) => length > 0)
}

function pairs(numbers: readonly string[]): Extent[] {
  if (numbers.length === 1 && numbers[0] === '') return []
  if (numbers.length % 2 !== 0 || numbers.length > 2 * mostExtents) damaged()
  const map: Extent[] = []
  for (let index = 0; index < numbers.length; index += 2)
    map.push({ at: number(numbers[index] as string), length: number(numbers[index + 1] as string) })
  return map
}

function number(text: string): number {
  return /^\d{1,16}$/.test(text) ? safe(Number(text)) : damaged()
}

function safe(value: number): number {
  return Number.isSafeInteger(value) ? value : damaged()
}

function damaged(): never {
  throw new Failure('damaged', { reason: 'tar: GNU sparse' })
}
