// The content of files with holes: only the pieces that are there (holes.ts) are read.
// Guarantees: what was a hole and is none any more when the file has been
// read, or the other way, is told as changed; a piece that cannot be read is zeros, and told. Does not open files.
import { readSync } from 'node:fs'
import type { Problem } from '../api/failure.ts'
import type { Extent } from '../archive/archive.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { errnoOf } from '../lib/files.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../lib/work.ts'
import { chunkSize } from './content.ts'
import { sameMap, sparseMap } from './holes.ts'
import { changedSince, type OpenFile } from './late.ts'

/** What a sparse file holds; afterwards `fault` says how many of its bytes could be read, where these were not all. */
export class SparseContent {
  readonly #found: OpenFile
  readonly #map: readonly Extent[]
  readonly #at: string
  readonly #buffer: Buffer
  readonly #ctx: Context
  #problem: Problem | undefined

  constructor(found: OpenFile, map: readonly Extent[], { at, buffer }: { at: string; buffer: Buffer }, ctx: Context) {
    this.#found = found
    this.#map = map
    this.#at = at
    this.#buffer = buffer
    this.#ctx = ctx
  }

  fault(): number | undefined {
    return this.#problem?.code === 'file-incomplete' ? (this.#problem.details.read as number) : undefined
  }

  async *body(): Bytes & AsyncGenerator<Uint8Array> {
    const pause = pauses()
    let seen = 0
    for (const { at, length } of this.#map) {
      // Holes are done, too.
      this.#ctx.report.advance(at - seen, this.#at)
      for (let done = 0; done < length; ) {
        throwIfCancelled(this.#ctx.signal)
        if (pause.due()) await pause.take()
        const chunk = this.#read(at + done, Math.min(length - done, chunkSize))
        done += chunk.length
        this.#ctx.report.advance(chunk.length, this.#at)
        yield chunk
      }
      seen = at + length
    }
    this.#ctx.report.advance(Number(this.#found.stat.size) - seen, this.#at)
    const problem = this.#problem ?? changedSince(this.#found, this.#at) ?? this.#otherwise()
    if (problem) this.#ctx.report.warn(problem)
  }

  /** So many bytes from there, or fewer; zeros once something could not be read. */
  #read(from: number, wanted: number): Uint8Array {
    const chunk = this.#buffer.subarray(0, wanted)
    if (!this.#problem) {
      const read = this.#attempt(chunk, from)
      if (read > 0) return chunk.subarray(0, read)
    }
    return chunk.fill(0)
  }

  #attempt(chunk: Buffer, from: number): number {
    let reason: string | undefined = 'EOF'
    try {
      const read = readSync(this.#found.file, chunk, 0, chunk.length, from)
      if (read > 0) return read
    } catch (error) {
      reason = errnoOf(error)
      if (reason === undefined) throw error
    }
    this.#problem = { code: 'file-incomplete', details: { path: this.#at, read: from, reason } }
    return 0
  }

  /** A hole was filled, or one was made: the time of the file need not tell. */
  #otherwise(): Problem | undefined {
    const now = sparseMap(this.#found) ?? [{ at: 0, length: Number(this.#found.stat.size) }]
    return sameMap(now, this.#map) ? undefined : { code: 'file-changed', details: { path: this.#at } }
  }
}
