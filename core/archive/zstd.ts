// Zstandard (RFC 8878): one frame for each block, several at once. With node:zlib where it has Zstandard (Node from 22.15 on, so Electron from 37 on),
// else with the package @toondepauw/node-zstd.
// Guarantees: `zstd -d` and `tar --zstd` read the frames as one file; memory is bounded, whatever a frame claims, because its blocks are counted
// before it is handed to the decoder; an early end is Failure `truncated`, anything else that is not a frame is Failure `damaged`.
// Reads frames of up to a few megabytes, as Arche makes them; a larger one (`zstd` makes one of a whole file) is `unsupported-format`.
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as zlib from 'node:zlib'
import { Failure } from '../api/failure.ts'
import type { Stage } from '../lib/bytes.ts'
import { alone } from '../lib/memory.ts'
import { blockSize, inOrder, type Job } from './blocks.ts'
import { ByteReader } from './byte-reader.ts'
import { xxh64Low } from './xxh64.ts'

/** A frame and back. Memory of what comes out is its own. */
interface Codec {
  /** At once, where it is called: in a thread of the pool. `checked`: with a checksum of the content. */
  compress(block: Uint8Array, level: number, checked: boolean): Promise<Uint8Array>
  /** `most`: bytes that may come out. Rejects for what is not a frame. */
  decompress(frame: Uint8Array, most: number): Promise<Uint8Array>
}

let loaded: Codec | undefined

function codec(): Codec {
  loaded ??= nodeCodec() ?? packageCodec()
  return loaded
}

/** What node:zlib has that the types of Node 20 do not know (https://nodejs.org/api/zlib.html#zlibzstdcompresssyncbuffer-options). */
interface NodeZstd {
  readonly constants: { readonly ZSTD_c_compressionLevel: number; readonly ZSTD_c_checksumFlag: number }
  zstdCompressSync(data: Uint8Array, options: { chunkSize: number; params: Record<number, number> }): Buffer
  zstdDecompress(
    data: Uint8Array,
    options: { maxOutputLength: number; chunkSize: number },
    done: (error: Error | null, data: Buffer) => void,
  ): void
}

/** Undefined where Node is older. */
function nodeCodec(): Codec | undefined {
  if (!('zstdCompressSync' in zlib)) return undefined
  const { constants, zstdCompressSync, zstdDecompress } = zlib as unknown as NodeZstd
  return {
    // The frame of a block that does not compress is a little longer than the block.
    async compress(block, level, checked) {
      const chunkSize = block.length + (block.length >> 7) + 1024
      const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants
      const params = { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: checked ? 1 : 0 }
      return alone(zstdCompressSync(block, { chunkSize, params }))
    },
    decompress: (frame, most) =>
      new Promise((resolve, reject) => {
        const options = { maxOutputLength: most + 1, chunkSize: Math.max(1024, most + 1) }
        zstdDecompress(frame, options, (error, data) => (error ? reject(error) : resolve(alone(data))))
      }),
  }
}

function packageCodec(): Codec {
  const { Encoder, Decoder } = createRequire(import.meta.url)(
    '@toondepauw/node-zstd',
  ) as typeof import('@toondepauw/node-zstd')
  const encoders = new Map<number, InstanceType<typeof Encoder>>()
  const decoder = new Decoder()
  const encoderOf = (level: number) => {
    const encoder = encoders.get(level) ?? new Encoder(level)
    encoders.set(level, encoder)
    return encoder
  }
  const whole = (data: Uint8Array) => Buffer.from(data.buffer, data.byteOffset, data.length)
  const collect = youngCollector()
  let held = 0
  return {
    // The memory of what the package gives is its own until it is collected; a copy can be handed on to another thread.
    async compress(block, level, checked) {
      const frame = encoderOf(level).encodeSync(whole(block))
      held += block.length
      if (held > heldAtMost) {
        collect()
        held = 0
      }
      return checked ? withChecksum(frame, block) : new Uint8Array(frame)
    },
    decompress: (frame) => decoder.decode(whole(frame)),
  }
}

/** A copy of a frame that has no checksum yet, with that of its content (RFC 8878, 3.1.1: the third bit of the descriptor says so). */
function withChecksum(frame: Uint8Array, content: Uint8Array): Uint8Array {
  const whole = Buffer.allocUnsafeSlow(frame.length + 4)
  whole.set(frame)
  whole[zstdMagic.length] = (whole[zstdMagic.length] as number) | 4
  whole.writeUInt32LE(xxh64Low(content), frame.length)
  return whole
}

/** Room for frames that waits to be collected, in bytes: the collector does not see it, and the package takes as much as a block for each. */
const heldAtMost = 4 * 1024 * 1024

/** Collects what was made a short while ago; nothing where V8 does not let us. */
function youngCollector(): () => void {
  try {
    setFlagsFromString('--expose-gc')
    const gc: unknown = runInNewContext('gc')
    return typeof gc === 'function' ? () => gc({ type: 'minor' }) : () => undefined
  } catch {
    return () => undefined
  }
}

/** First bytes of a frame; as a number, little-endian. */
const MAGIC = 0xfd2fb528
export const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** The most that one block of a frame holds when it is decoded. */
const largestBlock = 128 * 1024

/** What a frame may hold, before and after decoding: ours hold a block of ours. */
const largestFrame = 4 * blockSize

/**
 * One block (at most `blockSize` bytes) as a frame. Level 0: holds the bytes as they are; 1 (fast) to 19 (small). `checked`: with a checksum of the
 * content, for an archive that has none around it.
 */
export async function zstdFrame(block: Uint8Array, level: number, checked: boolean): Promise<Uint8Array[]> {
  if (level > 0) return [await codec().compress(block, level, checked)]
  const frame = stored(block)
  return [checked ? withChecksum(frame, block) : frame]
}

/** A frame of raw blocks: magic, a header without anything but the window (2 MiB), blocks with their lengths. */
function stored(data: Uint8Array): Uint8Array {
  const count = Math.max(1, Math.ceil(data.length / largestBlock))
  const frame = Buffer.allocUnsafeSlow(zstdMagic.length + 2 + 3 * count + data.length)
  frame.set([...zstdMagic, 0, 11 << 3])
  let to = zstdMagic.length + 2
  for (let index = 0; index < count; index += 1) {
    const piece = data.subarray(index * largestBlock, (index + 1) * largestBlock)
    frame.writeUIntLE((piece.length << 3) | (index === count - 1 ? 1 : 0), to, 3)
    frame.set(piece, to + 3)
    to += 3 + piece.length
  }
  return frame
}

/** All frames until the input ends. */
export function unzstd(): Stage {
  return async function* (input) {
    const reader = new ByteReader(input)
    try {
      yield* inOrder(frames(reader), Math.min(availableParallelism(), 8))
    } finally {
      await reader.close()
    }
  }
}

async function* frames(reader: ByteReader): AsyncGenerator<Job> {
  if (await reader.atEnd()) throw new Failure('truncated', { reason: 'zstd' })
  while (!(await reader.atEnd())) {
    const { raw, most } = await readFrame(reader)
    yield { result: decoded(raw, most) }
  }
}

async function decoded(frame: Buffer, most: number): Promise<Uint8Array[]> {
  const data = await codec()
    .decompress(frame, most)
    .catch((error: unknown) => {
      throw new Failure('damaged', { reason: 'zstd' }, { cause: error })
    })
  if (data.length > most) throw new Failure('damaged', { reason: 'zstd' })
  return [data]
}

/** The next frame as it stands, and how many bytes its blocks can hold at the most. */
async function readFrame(reader: ByteReader): Promise<{ raw: Buffer; most: number }> {
  const parts: Uint8Array[] = []
  let size = 0
  const take = async (length: number): Promise<Buffer> => {
    size += length
    if (size > largestFrame) throw tooLarge()
    const piece = Buffer.from(await reader.exactly(length))
    parts.push(piece)
    return piece
  }
  if ((await take(4)).readUInt32LE() !== MAGIC) throw new Failure('damaged', { reason: 'zstd' })
  const descriptor = (await take(1)).readUInt8()
  await take(headerLength(descriptor))
  let most = 0
  for (let last = false; !last; ) {
    const header = (await take(3)).readUIntLE(0, 3)
    last = (header & 1) === 1
    const kind = (header >> 1) & 3
    const length = header >> 3
    // Raw and repeated blocks hold what they say, compressed ones what a block can hold; repeated ones are one byte here.
    most += kind === 2 ? largestBlock : length
    if (kind === 3 || length > largestBlock) throw new Failure('damaged', { reason: 'zstd' })
    if (most > largestFrame) throw tooLarge()
    await take(kind === 1 ? 1 : length)
  }
  if (descriptor & 4) await take(4)
  return { raw: Buffer.concat(parts), most }
}

/** Window, dictionary and content size, as the descriptor says (RFC 8878, 3.1.1.1). */
function headerLength(descriptor: number): number {
  const single = (descriptor >> 5) & 1
  const contentSize = [single, 2, 4, 8][descriptor >> 6] as number
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number
  return 1 - single + dictionary + contentSize
}

function tooLarge(): Failure {
  return new Failure('unsupported-format', { reason: 'zstd: large frames' })
}
