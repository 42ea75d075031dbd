// A codec that changes nothing: the archive is a plain tar file.
// Guarantees: what comes out has memory of its own. Checks nothing: a tar has checksums of its headers and an end, and none of what is in its files.
import type { Stage } from '../lib/bytes.ts'

/** The magic of a tar file of POSIX and GNU tar, where it stands in the first header; those before 1988 have none. */
export const tarMagic = { at: 257, bytes: Buffer.from('ustar') }

/** The block as it is. */
export function copiedBlock(block: Uint8Array): Uint8Array[] {
  return block.length === 0 ? [] : [new Uint8Array(block)]
}

/** The bytes as they are. */
export function unchanged(): Stage {
  return (input) => input
}
