// What an open file holds, whatever the system says of its size: the beginning is read first, and then as many bytes are announced as there are.
// Guarantees: exactly the announced bytes, in order; a file that says 0 bytes and has some (documents of online storage, /proc) is saved in full; one
// whose end cannot be read, or is not there, is told as incomplete, with zeros for what is missing; one that grows while it is read is cut and told.
// Does not open or close files, and holds no more of one than the buffer.
import { fstatSync, readSync } from 'node:fs'
import type { Problem } from '../api/failure.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../lib/work.ts'
import { changedSince, type OpenFile, readInto } from './late.ts'
import type { Sum } from './links.ts'

/** Bytes per read of a large file; `buffer` has as many. */
export const chunkSize = 512 * 1024

/** So much more than a file says it has is read, where it says the same all the time: it may have no end. */
const mostUnannounced = 1024 ** 3

/** The beginning of a file, and what to announce. */
export interface Begun {
  readonly size: number
  /** In the buffer: to be used before it is read into again. */
  readonly head: Uint8Array
  /** The rest of it cannot be read. */
  readonly problem?: Problem | undefined
  /** It is in full, but of another size than the system says. */
  readonly remark?: Problem | undefined
}

interface Place {
  readonly at: string
  readonly buffer: Buffer
  /** Told all that is given out, if anybody wants to know. */
  readonly sum?: Sum | undefined
}

/** A problem: nothing could be read, so there is nothing to announce. */
export async function begin(found: OpenFile, { at, buffer }: Place, ctx: Context): Promise<Begun | Problem> {
  const said = Number(found.stat.size)
  const { length, problem } = readHead(found.file, { at, buffer })
  const head = buffer.subarray(0, length)
  if (problem && length === 0) return problem
  if (problem) return { size: Math.max(said, length), head, problem: incomplete(at, length, problem.details.reason) }
  const size = length < buffer.length ? length : await sizeOf(found, length, at, ctx)
  if (size === said) return { size, head }
  return { size, head, remark: { code: 'file-size-wrong', details: { path: at, said, read: size } } }
}

function readHead(file: number, { at, buffer }: Place): { length: number; problem?: Problem } {
  let length = 0
  while (length < buffer.length) {
    const read = readInto(file, buffer.subarray(length), at)
    if (typeof read !== 'number') return { length, problem: read }
    if (read === 0) break
    length += read
  }
  return { length }
}

/** Of a file that is longer than its beginning: what it says, unless there is more. */
async function sizeOf({ file, stat }: OpenFile, begun: number, at: string, ctx: Context): Promise<number> {
  const said = Number(stat.size)
  const from = Math.max(said, begun)
  if (said >= begun && peek(file, Buffer.alloc(1), from) === 0) return said
  const now = Number(fstatSync(file, { bigint: true }).size)
  return now > from ? now : counted(file, from, at, ctx)
}

/** Where the file ends, by reading on from there. */
async function counted(file: number, from: number, at: string, ctx: Context): Promise<number> {
  const scratch = Buffer.allocUnsafe(chunkSize)
  const pause = pauses()
  for (let end = from; end < from + mostUnannounced; ) {
    throwIfCancelled(ctx.signal)
    if (pause.due()) await pause.take()
    const read = peek(file, scratch, end)
    if (read === 0) return end
    end += read
    ctx.report.advance(0, at)
  }
  return from + mostUnannounced
}

/** Bytes that are there; the place to which the file was read stays. What cannot be read so is told when its turn comes. */
function peek(file: number, into: Buffer, from: number): number {
  try {
    return readSync(file, into, 0, into.length, from)
  } catch {
    return 0
  }
}

function incomplete(path: string, read: number, reason: Problem['details'][string] | undefined): Problem {
  return { code: 'file-incomplete', details: { path, read, reason: reason ?? 'EOF' } }
}

/** The announced bytes; afterwards `fault` says how many of them could be read, where these were not all. */
export class Content {
  readonly #found: OpenFile
  readonly #begun: Begun
  readonly #place: Place
  readonly #ctx: Context
  #problem: Problem | undefined

  constructor(found: OpenFile, begun: Begun, place: Place, ctx: Context) {
    this.#found = found
    this.#begun = begun
    this.#place = place
    this.#ctx = ctx
    this.#problem = begun.problem
  }

  fault(): number | undefined {
    return this.#problem?.code === 'file-incomplete' ? (this.#problem.details.read as number) : undefined
  }

  async *body(): Bytes & AsyncGenerator<Uint8Array> {
    const { size, head } = this.#begun
    const { report } = this.#ctx
    const { sum } = this.#place
    report.advance(head.length, this.#place.at)
    sum?.add(head)
    if (head.length > 0) yield head
    let done = head.length
    if (!this.#problem) {
      for await (const chunk of this.#rest()) {
        done += chunk.length
        report.advance(chunk.length, this.#place.at)
        sum?.add(chunk)
        yield chunk
      }
    }
    if (done < size) this.#problem ??= incomplete(this.#place.at, done, 'EOF')
    while (done < size) {
      const zeros = Buffer.alloc(Math.min(size - done, chunkSize))
      done += zeros.length
      report.advance(zeros.length, this.#place.at)
      yield zeros
    }
    const problem = this.#problem ?? this.#afterwards() ?? this.#begun.remark
    if (problem) report.warn(problem)
    else sum?.end()
  }

  async *#rest(): AsyncGenerator<Uint8Array> {
    const { at, buffer } = this.#place
    const pause = pauses()
    for (let left = this.#begun.size - this.#begun.head.length; left > 0; ) {
      throwIfCancelled(this.#ctx.signal)
      if (pause.due()) await pause.take()
      const chunk = buffer.subarray(0, Math.min(left, chunkSize))
      const read = readInto(this.#found.file, chunk, at)
      if (read === 0) return
      if (typeof read !== 'number') {
        this.#problem = incomplete(at, this.#begun.size - left, read.details.reason)
        return
      }
      left -= read
      yield chunk.subarray(0, read)
    }
  }

  /** All was read that was announced. */
  #afterwards(): Problem | undefined {
    const { at } = this.#place
    const changed = changedSince(this.#found, at)
    if (changed) return changed
    const more =
      this.#begun.size > this.#begun.head.length && peek(this.#found.file, Buffer.alloc(1), this.#begun.size) > 0
    return more ? incomplete(at, this.#begun.size, 'EFBIG') : undefined
  }
}
