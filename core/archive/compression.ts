// How an archive is compressed: what a plan may choose, as stages; and back, whatever was chosen.
// Guarantees: reading goes by the first bytes, not by a name. Does not know the formats themselves: see gzip.ts and zstd.ts.
import type { Compression, PackFormat } from '../api/plan.ts'
import type { Stage } from '../lib/bytes.ts'
import { ByteReader } from './byte-reader.ts'
import { gunzip, gzip } from './gzip.ts'
import { unzstd, zstd, zstdMagic } from './zstd.ts'

/** `small` takes some four times as long as `balanced`, and saves a few hundredths. */
const levels: Record<PackFormat, Record<Compression, number>> = {
  'tar.gz.gpg': { none: 0, fast: 1, balanced: 4, small: 8 },
  'tar.zst.gpg': { none: 0, fast: 1, balanced: 3, small: 12 },
}

export function compressed(format: PackFormat, compression: Compression = 'balanced'): Stage {
  const level = levels[format][compression]
  return format === 'tar.zst.gpg' ? zstd(level) : gzip(level)
}

/** The content of a gzip or Zstandard file. What is neither is `damaged`, as gzip.ts says it. */
export function decompressed(): Stage {
  return async function* (input) {
    const reader = new ByteReader(input)
    try {
      const start = new Uint8Array(await reader.upTo(zstdMagic.length))
      const stage = zstdMagic.equals(start) ? unzstd() : gunzip()
      yield* stage(reader.rest(start))
    } finally {
      await reader.close()
    }
  }
}
