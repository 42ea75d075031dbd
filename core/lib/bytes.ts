// Streams of bytes as pull-based async iterables: the shape of every stage of the one line.
// Guarantees: a failure upstream is thrown to the reader; leaving early runs every `finally` up the chain; memory is bounded by the chunks in
// flight. Does not know files, archives or networks.
import type { Hash } from 'node:crypto'
import type { Transform } from 'node:stream'
import { Failure } from '../api/failure.ts'

/** Bytes in order. Chunks have any length from 0 up; a consumer must not keep a chunk beyond the next pull unless it copies it. */
export type Bytes = AsyncIterable<Uint8Array>

/** A function from bytes to bytes. It ends normally only if its input did. */
export type Stage = (input: Bytes) => Bytes

/** Applies stages from left to right. */
export function pipe(input: Bytes, ...stages: Stage[]): Bytes {
  return stages.reduce((bytes, stage) => stage(bytes), input)
}

/** Feeds a digest with what passes. */
export function hashing(hash: Hash): Stage {
  return tap((chunk) => hash.update(chunk))
}

/** Calls `see` with each chunk that passes, e.g. to count. */
export function tap(see: (chunk: Uint8Array) => void): Stage {
  return async function* (input) {
    for await (const chunk of input) {
      see(chunk)
      yield chunk
    }
  }
}

/** Stops with Failure `cancelled` once the signal is aborted. */
export function cancellable(signal: AbortSignal | undefined): Stage {
  return async function* (input) {
    for await (const chunk of input) {
      throwIfCancelled(signal)
      yield chunk
    }
    throwIfCancelled(signal)
  }
}

/** Throws Failure `cancelled` if the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Failure('cancelled', {}, { cause: signal.reason })
}

/**
 * A Node transform (zlib, cipher) as a stage. `make` is called once per use, so a stage value can be reused.
 * The transform must end only when its input is ended: one that stops earlier is Failure `damaged`.
 */
export function through(make: () => Transform): Stage {
  return async function* (input) {
    const transform = make()
    const fed = feed(transform, input)
    try {
      yield* transform as AsyncIterable<Uint8Array>
      if (!transform.writableEnded) throw new Failure('damaged', { reason: 'data after the end' })
    } catch (error) {
      const failure = await fed
      throw failure ? failure.reason : error
    } finally {
      transform.destroy()
      await fed
    }
  }
}

/** Writes all of the input. Never rejects: what the input threw is the result, so that it cannot go unhandled. */
async function feed(transform: Transform, input: Bytes): Promise<{ reason: unknown } | undefined> {
  try {
    for await (const chunk of input) {
      if (transform.destroyed) return undefined
      // A small chunk may still lie in the queue at the next pull, when its owner may overwrite it.
      const own = chunk.length < transform.writableHighWaterMark ? new Uint8Array(chunk) : chunk
      if (!transform.write(own)) await drained(transform)
      if (transform.destroyed) return undefined
    }
    transform.end()
    return undefined
  } catch (error) {
    transform.destroy(error instanceof Error ? error : new Error(String(error)))
    return { reason: error }
  }
}

/**
 * Joins small chunks into new ones of between half of `size` and `size` bytes (the last may be shorter) and drops empty ones; chunks that are large
 * already pass as they are. Saves the cost of a step per chunk in the stages that follow.
 */
export function gathered(size = 64 * 1024): Stage {
  return async function* (input) {
    let pending = Buffer.allocUnsafe(size)
    let used = 0
    for await (const chunk of input) {
      if (used + chunk.length < size) {
        pending.set(chunk, used)
        used += chunk.length
        continue
      }
      if (used > 0) yield pending.subarray(0, used)
      used = 0
      pending = Buffer.allocUnsafe(size)
      if (chunk.length >= size / 2) yield chunk
      else {
        pending.set(chunk)
        used = chunk.length
      }
    }
    if (used > 0) yield pending.subarray(0, used)
  }
}

/** A block of `size` bytes that fills from chunks of any length, for a consumer that writes whole blocks. */
export class Block {
  readonly #memory: Buffer
  #filled = 0

  constructor(size: number) {
    // A buffer of its own: it is kept, so that it must not hold a pool of others.
    this.#memory = Buffer.allocUnsafeSlow(size)
  }

  /** Copies what fits; gives the rest of the chunk. */
  take(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, this.#memory.length - this.#filled)
    this.#memory.set(part, this.#filled)
    this.#filled += part.length
    return chunk.subarray(part.length)
  }

  get full(): boolean {
    return this.#filled === this.#memory.length
  }

  /** What is in it, not copied. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#filled)
  }

  clear(): void {
    this.#filled = 0
  }
}

/** Resolves when the writable takes more, or is gone. */
function drained(transform: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      transform.off('drain', done)
      transform.off('close', done)
      transform.off('error', done)
      resolve()
    }
    transform.once('drain', done)
    transform.once('close', done)
    transform.once('error', done)
  })
}

/** Everything as one array; only for small things (keys, markers, headers). Longer than `limit` bytes: Failure `damaged`. */
export async function collect(input: Bytes, limit = 16 * 1024 * 1024): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    size += chunk.length
    if (size > limit) throw new Failure('damaged', { reason: `longer than ${limit} bytes` })
    chunks.push(new Uint8Array(chunk))
  }
  return Buffer.concat(chunks)
}

/** The bytes of one array. */
export async function* bytesOf(data: Uint8Array | string): Bytes {
  yield typeof data === 'string' ? new TextEncoder().encode(data) : data
}
