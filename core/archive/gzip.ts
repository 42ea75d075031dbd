// Gzip on node:zlib: one member for each block, several inflated at once in a pool of threads.
// Guarantees: `gzip -d` and `tar xz` read the members as one file (RFC 1952, 2.2); the CRC and length of each are checked; an early end is
// Failure `truncated`; anything but zeros after the last member is Failure `damaged`; the input is always read to its own end.
// Members of other programs do not tell their size: they are inflated one after the other (gunzip-stream.ts).
import { deflateRawSync, gunzipSync, gzipSync, type ZlibOptions } from 'node:zlib'
import { Failure } from '../api/failure.ts'
import type { Stage } from '../lib/bytes.ts'
import { alone } from '../lib/memory.ts'
import { type Done, inlinePool, type Pool } from '../lib/pool.ts'
import { BlockPool, blockSize, inOrder, type Job } from './blocks.ts'
import { ByteReader } from './byte-reader.ts'
import { gunzipStream, requireZeros, toFailure } from './gunzip-stream.ts'

/** The member's own header: the flag and the length of an extra field, our mark (SI1 and SI2), and its four bytes (RFC 1952, 2.3.1.1). */
const header = { plain: 10, own: 20, length: 16 }
const FEXTRA = 4
const mark = Buffer.from([8, 0, 0x41, 0x52, 4, 0])

/** First bytes of a member (RFC 1952, 2.3.1). */
export const gzipMagic = Buffer.from([0x1f, 0x8b])

/** No member of ours is larger: stored blocks cost five bytes in 64 KiB, at the least. */
const largestMember = blockSize + 16 * 1024

/** The level that is quick where that costs little. */
const balanced = 4

/**
 * One block (at most `blockSize` bytes) as a gzip member. Level 0 (stored), 1 (fast) to 9 (small). 4 with the largest memory level is within 3 % of
 * the size of `gzip -6`, at twice its speed. Each member tells its size (four bytes, little-endian) in an extra field `AR`, which other programs skip.
 */
export function gzipMember(block: Uint8Array, level = balanced): Uint8Array[] {
  return sized(gzipSync(block, optionsFor(block, level)))
}

/** A member with the extra field that tells its size. */
function sized(member: Uint8Array): Uint8Array[] {
  const start = Buffer.alloc(header.own)
  start.set(member.subarray(0, header.plain))
  start[3] = FEXTRA
  start.set(mark, header.plain)
  start.writeUInt32LE(member.length + header.own - header.plain, header.length)
  return [start, member.subarray(header.plain)]
}

/** Bytes of each of the samples by which a block is judged. */
const sample = 4 * 1024
const samples = 3

/** What share of them must be saved at the least to compress at all, and to search for more than the nearest match. */
const worthwhile = 0.02
const worthSearching = 0.45

/** All that a member is made of, so that compressing it is one step. */
const whole = { memLevel: 9, chunkSize: largestMember }

/**
 * Level 0 for what is compressed or encrypted already (photographs, archives): storing it is twenty times faster and as small. Level 1 for
 * what has few repetitions (programs): searching longer saves another 1 % there, and costs a third more time; whoever asked for another
 * level than the usual one gets it.
 */
function optionsFor(block: Uint8Array, level: number): ZlibOptions {
  if (level === 0 || block.length < 8 * sample) return { ...whole, level }
  const step = (block.length - sample) / (samples - 1)
  const starts = Array.from({ length: samples }, (_, index) => Math.floor(index * step))
  const taken = Buffer.concat(starts.map((start) => block.subarray(start, start + sample)))
  const saved = 1 - deflateRawSync(taken, { level: 1 }).length / taken.length
  if (saved < worthwhile) return { ...whole, level: 0 }
  return { ...whole, level: level === balanced && saved < worthSearching ? 1 : level }
}

/** To be inflated: a whole member that tells its size. */
export interface InflateTask {
  readonly do: 'inflate'
  readonly member: Uint8Array
}

export interface Inflated {
  readonly data: Uint8Array
  /** The member of the task, to be filled again. */
  readonly back: Uint8Array
}

/** Members that tell their size are inflated several at once in the pool; from the first one that does not, one after the other. */
export function gunzip(pool: Pool<InflateTask, Inflated> = inlinePool(inflateMember)): Stage {
  return async function* (input) {
    const reader = new ByteReader(input)
    const left = { start: new Uint8Array(0), members: 0 }
    try {
      yield* inOrder(ownMembers(reader, left, pool), pool.width, true)
      if (left.members > 0 && (left.start[0] ?? 0) === 0) await onlyZeros(left.start, reader)
      else yield* gunzipStream()(reader.rest(left.start))
    } finally {
      await reader.close()
    }
  }
}

/** Members of ours, as long as they come; `left` tells what came after them. */
async function* ownMembers(
  reader: ByteReader,
  left: { start: Uint8Array; members: number },
  pool: Pool<InflateTask, Inflated>,
): AsyncGenerator<Job> {
  const blocks = new BlockPool(largestMember)
  for (;;) {
    const start = await reader.upTo(header.own)
    const size = sizeOf(start)
    if (size === undefined) {
      left.start = new Uint8Array(start)
      return
    }
    left.members += 1
    const member = await fillMember(blocks.take().subarray(0, size), start, reader)
    const result = pool.run({ do: 'inflate', member }, [member.buffer as ArrayBuffer]).then(({ data, back }) => {
      blocks.give(back)
      return [data]
    })
    yield { result }
  }
}

/** The size that a member of ours tells in its header; undefined for all others. */
function sizeOf(start: Uint8Array): number | undefined {
  if (start.length < header.own || start[0] !== 0x1f || start[1] !== 0x8b || start[2] !== 8) return undefined
  if (start[3] !== FEXTRA || mark.compare(start, header.plain, header.length) !== 0) return undefined
  const size = Buffer.from(start.buffer, start.byteOffset).readUInt32LE(header.length)
  return size > header.own && size <= largestMember ? size : undefined
}

async function fillMember(member: Buffer, start: Uint8Array, reader: ByteReader): Promise<Buffer> {
  member.set(start)
  for (let at = start.length; at < member.length; ) {
    const piece = await reader.some(member.length - at)
    member.set(piece, at)
    at += piece.length
  }
  return member
}

/** Carries out a task, in whatever thread. What the member says of its length bounds the memory; more than one member in it is damage too. */
export function inflateMember({ member }: InflateTask): Done<Inflated> {
  const tail = new DataView(member.buffer, member.byteOffset + member.length - 4)
  const length = tail.getUint32(0, true)
  const limit = Math.min(length, blockSize) + 64
  try {
    const data = alone(gunzipSync(member, { chunkSize: limit, maxOutputLength: limit }))
    if (data.length !== length) throw new Failure('damaged', { reason: 'gzip' })
    return { answer: { data, back: member }, transfer: [data.buffer as ArrayBuffer, member.buffer as ArrayBuffer] }
  } catch (error) {
    throw damaged(error)
  }
}

/** The member is whole as far as its header says: an early end within it is damage. */
function damaged(error: unknown): unknown {
  const failure = toFailure(error)
  const known = failure instanceof Failure || (error instanceof RangeError && 'code' in error)
  return known ? new Failure('damaged', { reason: 'gzip' }, { cause: error }) : error
}

async function onlyZeros(start: Uint8Array, reader: ByteReader): Promise<void> {
  requireZeros(start)
  while (!(await reader.atEnd())) requireZeros(await reader.some(blockSize))
}
