// A sparse file of a restore: what is there is written where it belongs, the rest are holes where the file system has such.
// Guarantees: nothing is given a place that the map does not have, and a file that is not whole is an error. Does not read maps: archive/tar-sparse.ts.
import { ftruncateSync } from 'node:fs'
import { Failure } from '../api/failure.ts'
import type { Entry, Extent } from '../archive/archive.ts'
import { onDisk } from './disk.ts'
import type { Announced, FileWriter } from './writing.ts'

export class SparseFile {
  /** Bytes that are not there, once it is filled. */
  holes = 0
  readonly #writer: FileWriter
  readonly #file: number
  readonly #about: Announced

  /** Takes over the open file. */
  constructor(writer: FileWriter, file: number, about: Announced) {
    this.#writer = writer
    this.#file = file
    this.#about = about
  }

  async fill(entry: Entry, extents: readonly Extent[], wrote: (chunk: Uint8Array) => void): Promise<void> {
    const open = this.#writer.begin(this.#file, this.#about)
    const pieces = new Pieces(extents)
    try {
      onDisk(this.#about.where, () => ftruncateSync(this.#file, entry.size))
      for await (const chunk of entry.body ?? []) {
        for (const { at, bytes } of pieces.of(chunk)) {
          this.#writer.skipTo(open, at)
          const going = this.#writer.add(open, bytes)
          if (going !== undefined) await going
        }
        wrote(chunk)
      }
      if (!pieces.whole) throw new Failure('damaged', { name: entry.path })
      this.holes = entry.size - pieces.bytes
    } finally {
      this.#writer.end(open, pieces.whole)
    }
  }
}

/** Where the content belongs, as it comes: one piece after the other, in whatever chunks. */
class Pieces {
  /** Bytes so far. */
  bytes = 0
  readonly #extents: readonly Extent[]
  #index = 0
  #done = 0

  constructor(extents: readonly Extent[]) {
    this.#extents = extents
  }

  /** All has come. */
  get whole(): boolean {
    return this.#index === this.#extents.length
  }

  /** Failure `damaged`: there is more than the map says. */
  *of(chunk: Uint8Array): Generator<{ readonly at: number; readonly bytes: Uint8Array }> {
    for (let from = 0; from < chunk.length; ) {
      const extent = this.#extents[this.#index]
      if (!extent) throw new Failure('damaged', { reason: 'tar: GNU sparse' })
      const bytes = chunk.subarray(from, from + extent.length - this.#done)
      yield { at: extent.at + this.#done, bytes }
      from += bytes.length
      this.bytes += bytes.length
      this.#done += bytes.length
      if (this.#done < extent.length) continue
      this.#index += 1
      this.#done = 0
    }
  }
}
