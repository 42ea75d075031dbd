// Which pieces of a file with holes are there.
// Guarantees: asks where the file system says that it takes less than it has; whoever calls knows whether it can be taken at its word
// (file-systems.ts). What a file holds: sparse.ts.
import type { BigIntStats } from 'node:fs'
import type { Extent } from '../archive/archive.ts'
import { errnoOf } from '../lib/files.ts'
import { type Libc, libc } from '../lib/libc.ts'

/** Pieces end with a block of the archive: see archive/tar-sparse.ts. */
const block = 512

/** More pieces are not told apart: the map stands before the content, and in memory. What lies after the last one counts as there. */
const mostExtents = 100_000

/** The pieces that are there; undefined for a file without holes, and where that cannot be known. */
export function sparseMap({ file, stat }: { readonly file: number; readonly stat: BigIntStats }): Extent[] | undefined {
  const system = libc()
  const size = Number(stat.size)
  if (!system || stat.blocks * 512n >= stat.size) return undefined
  try {
    const map = extentsOf(system, file, size)
    const [only] = map
    return map.length === 1 && only?.at === 0 && only.length === size ? undefined : map
  } catch (error) {
    // Not known here: it is read like any other.
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}

function extentsOf(system: Libc, file: number, size: number): Extent[] {
  const map: Extent[] = []
  for (let end = 0; end < size; ) {
    const at = system.seek(file, end, 'data')
    if (at < 0 || at >= size) break
    const hole = map.length + 1 < mostExtents ? system.seek(file, at, 'hole') : size
    const from = Math.max(end, at - (at % block))
    end = hole < 0 ? size : Math.min(Math.ceil(hole / block) * block, size)
    map.push({ at: from, length: end - from })
  }
  return map
}

export function sameMap(one: readonly Extent[], other: readonly Extent[]): boolean {
  return (
    one.length === other.length && one.every(({ at, length }, i) => other[i]?.at === at && other[i]?.length === length)
  )
}
