// Which names of a tree are one file. An inode number alone does not say it: exports of several file systems, FUSE, and a number that was given out again
// while the run reads, all bring two files of one number.
// Guarantees: two names are taken for one file only where all else that is known of them agrees too, and, where numbers are not known to be unique, the
// contents; when in doubt a file is saved once for each name. Forgets a file once all its names were seen.
import { createHash } from 'node:crypto'
import { type BigIntStats, closeSync } from 'node:fs'
import { Disks } from './file-systems.ts'
import { openFile, readInto } from './late.ts'

interface First {
  readonly path: string
  left: bigint
  /** SHA-256 of what was saved, for a file whose number proves nothing; undefined while it is read, or when that went wrong. */
  readonly sum?: () => Buffer | undefined
}

/** Names with the same key may be one file. Reading changes none of it; a change between two names makes two files of them. */
export function fileKey({ dev, ino, size, mtimeNs, ctimeNs, mode, uid, gid }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}:${mode}:${uid}:${gid}`
}

/** Sums up what is saved of a file. */
export class Sum {
  readonly #hash = createHash('sha256')
  #value: Buffer | undefined

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }

  end(): void {
    this.#value = this.#hash.digest()
  }

  get value(): Buffer | undefined {
    return this.#value
  }
}

export class LinkTable {
  readonly #firsts = new Map<string, First[]>()
  readonly #disks = new Disks()

  /** The path in the archive of the file that `at` is another name of. */
  find(stat: BigIntStats, at: string, buffer: Buffer): string | undefined {
    if (stat.nlink < 2n) return undefined
    const key = fileKey(stat)
    const firsts = this.#firsts.get(key)
    if (!firsts) return undefined
    const known = firsts.find(({ sum }) => !sum || holds(at, stat, sum(), buffer))
    if (known && --known.left === 0n) {
      if (firsts.length === 1) this.#firsts.delete(key)
      else firsts.splice(firsts.indexOf(known), 1)
    }
    return known?.path
  }

  /** A sum to be made of what is saved, where the number alone proves nothing. `file`: open. */
  add(stat: BigIntStats, path: string, file: number): Sum | undefined {
    if (stat.nlink < 2n) return undefined
    const sum = this.#disks.has(stat.dev, file) ? undefined : new Sum()
    const first: First = { path, left: stat.nlink - 1n, ...(sum && { sum: () => sum.value }) }
    const key = fileKey(stat)
    const firsts = this.#firsts.get(key)
    if (firsts) firsts.push(first)
    else this.#firsts.set(key, [first])
    return sum
  }
}

/** The file still is the one that was looked at, and its content is what was saved of another. */
function holds(at: string, { dev, ino }: BigIntStats, sum: Buffer | undefined, buffer: Buffer): boolean {
  const found = sum && openFile(at)
  if (!found || 'code' in found) return false
  try {
    const hash = createHash('sha256')
    for (;;) {
      const read = readInto(found.file, buffer, at)
      if (typeof read !== 'number') return false
      if (read === 0) break
      hash.update(buffer.subarray(0, read))
    }
    return found.stat.dev === dev && found.stat.ino === ino && hash.digest().equals(sum)
  } finally {
    closeSync(found.file)
  }
}
