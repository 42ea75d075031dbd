// What an archive was compressed with, undone.
// Guarantees: goes by the first bytes, not by a name. Does not know the formats themselves: see gzip.ts and zstd.ts.
import type { Stage } from '../lib/bytes.ts'
import type { Pool } from '../lib/pool.ts'
import { ByteReader } from './byte-reader.ts'
import { gunzip, type Inflated, type InflateTask } from './gzip.ts'
import { unzstd, zstdMagic } from './zstd.ts'

/** The content of a gzip or Zstandard file. What is neither is `damaged`, as gzip.ts says it. */
export function decompressed(pool?: Pool<InflateTask, Inflated>): Stage {
  return async function* (input) {
    const reader = new ByteReader(input)
    try {
      const start = new Uint8Array(await reader.upTo(zstdMagic.length))
      const stage = zstdMagic.equals(start) ? unzstd() : gunzip(pool)
      yield* stage(reader.rest(start))
    } finally {
      await reader.close()
    }
  }
}
