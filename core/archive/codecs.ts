// What an archive can be compressed with: a closed table. How each works is in a file of its own (gzip.ts, zstd.ts, uncompressed.ts).
// Guarantees: what an archive was compressed with is known by its first bytes, not by a name.
import { Failure } from '../api/failure.ts'
import type { Compression } from '../api/plan.ts'
import { type CodecName, codecNames } from '../api/recipe.ts'
import type { Stage } from '../lib/bytes.ts'
import type { Pool } from '../lib/pool.ts'
import { ByteReader } from './byte-reader.ts'
import { gunzip, gzipMagic, gzipMember, type Inflated, type InflateTask } from './gzip.ts'
import { copiedBlock, tarMagic, unchanged } from './uncompressed.ts'
import { unzstd, zstdFrame, zstdMagic } from './zstd.ts'

interface Codec {
  /** What each choice of a person means to it. */
  readonly levels: Record<Compression, number>
  /**
   * A block of at most `blockSize` bytes, in memory of their own; blocks one after the other are the compressed file. `checked`: no cipher around it
   * proves that it is whole, so it has to tell damage by itself where it can.
   */
  block(block: Uint8Array, level: number, checked: boolean): Uint8Array[] | Promise<Uint8Array[]>
  /** Bytes by which its files are known, and where they stand. */
  readonly mark: { readonly at: number; readonly bytes: Uint8Array }
  /** The content of a file, of whatever program; Failure `truncated` and `damaged`. */
  content(pool?: Pool<InflateTask, Inflated>): Stage
}

/** `small` takes some four times as long as `balanced`, and saves a few hundredths. */
export const codecs: Readonly<Record<CodecName, Codec>> = {
  none: {
    levels: { none: 0, fast: 0, balanced: 0, small: 0 },
    block: copiedBlock,
    mark: tarMagic,
    content: unchanged,
  },
  gz: {
    levels: { none: 0, fast: 1, balanced: 4, small: 8 },
    block: gzipMember,
    mark: { at: 0, bytes: gzipMagic },
    content: gunzip,
  },
  zst: {
    levels: { none: 0, fast: 1, balanced: 2, small: 12 },
    block: zstdFrame,
    mark: { at: 0, bytes: zstdMagic },
    content: unzstd,
  },
}

/** So many bytes at the beginning tell every codec. */
export const codecStart = Math.max(...Object.values(codecs).map(({ mark }) => mark.at + mark.bytes.length))

/** The codec whose file begins like this. `start`: `codecStart` bytes, fewer where the file is shorter. */
export function codecOf(start: Uint8Array): CodecName | undefined {
  return codecNames.find((name) => {
    const { at, bytes } = codecs[name].mark
    return start.length >= at + bytes.length && bytes.every((byte, index) => start[at + index] === byte)
  })
}

/** The content of an archive, compressed or not. What no codec knows is Failure `damaged`, or `truncated` where too little of it is there to tell. */
export function decompressed(pool?: Pool<InflateTask, Inflated>): Stage {
  return async function* (input) {
    const reader = new ByteReader(input)
    try {
      const start = new Uint8Array(await reader.upTo(codecStart))
      const found = codecOf(start)
      if (!found) throw new Failure(start.length < codecStart ? 'truncated' : 'damaged', { reason: 'no-archive' })
      yield* codecs[found].content(pool)(reader.rest(start))
    } finally {
      await reader.close()
    }
  }
}
