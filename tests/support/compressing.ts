// The compression of an archive by itself, as a stage: bytes of any kind through the packer, in this thread.

import type { Compression, PackFormat } from '../../core/api/plan.ts'
import { packed } from '../../core/archive/packing.ts'
import { inlinePools } from '../../core/archive/pools.ts'
import type { Stage } from '../../core/lib/bytes.ts'

export const gzip = (): Stage => compressing('tar.gz.gpg')
export const zstd = (compression?: Compression): Stage => compressing('tar.zst.gpg', compression)

function compressing(format: PackFormat, compression?: Compression): Stage {
  return (input) => packed(input, { format, compression }, inlinePools().pack)
}
