// Inflates a gzip file of any program on node:zlib: one stream, whatever its members are (RFC 1952).
// Guarantees: the CRC and length of each member are checked; an early end is Failure `truncated`; anything but zeros after the last member is
// Failure `damaged`; the input is always read to its own end. Uses one processor: for members of our own see gzip.ts.
import { createGunzip, type Gunzip } from 'node:zlib'
import { Failure } from '../api/failure.ts'
import type { Bytes, Stage } from '../lib/bytes.ts'

const chunkSize = 64 * 1024

/** The content of all members, whatever program wrote them. */
export function gunzipStream(): Stage {
  return async function* (input) {
    const engine = createGunzip({ chunkSize })
    const fed = feed(engine, input)
    try {
      yield* engine as Bytes
      const failure = await fed
      if (failure) throw failure.reason
    } catch (error) {
      engine.destroy()
      const failure = await fed
      throw failure ? failure.reason : toFailure(error)
    } finally {
      engine.destroy()
      await fed
    }
  }
}

/**
 * Writes all of the input. The engine stops by itself at a zero byte after a member; what follows is checked here. Never rejects: what
 * went wrong is the result, so that it cannot go unhandled.
 */
async function feed(engine: Gunzip, input: Bytes): Promise<{ reason: unknown } | undefined> {
  let total = 0
  let stopped = false
  try {
    for await (const chunk of input) {
      if (!stopped) await written(engine, chunk)
      if (isGone(engine)) return undefined
      total += chunk.length
      const unread = Math.min(total - engine.bytesWritten, chunk.length)
      if (unread > 0) requireZeros(chunk.subarray(chunk.length - unread))
      stopped ||= unread > 0
    }
    if (total === 0) throw new Failure('truncated', { reason: 'gzip' })
    if (!stopped) engine.end()
    return undefined
  } catch (error) {
    engine.destroy(error instanceof Error ? error : new Error(String(error)))
    return { reason: error }
  }
}

/** True after an error, and when the reader has left; not when the engine came to its end. */
function isGone(engine: Gunzip): boolean {
  return Boolean(engine.errored) || (engine.destroyed && !engine.readableEnded)
}

/** Resolves when the engine is done with the chunk, has stopped, or is gone. */
function written(engine: Gunzip, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      engine.off('end', done)
      engine.off('close', done)
      resolve()
    }
    engine.once('end', done)
    engine.once('close', done)
    engine.write(chunk, done)
  })
}

/** Padding after the last member. Anything but zeros: Failure `damaged`. */
export function requireZeros(rest: Uint8Array): void {
  if (rest.some((byte) => byte !== 0)) throw new Failure('damaged', { reason: 'gzip: data after the end' })
}

/** Errors of zlib as Failures, others unchanged. */
export function toFailure(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') return new Failure('truncated', { reason: 'gzip' }, { cause: error })
  if (typeof code === 'string' && code.startsWith('Z_'))
    return new Failure('damaged', { reason: 'gzip' }, { cause: error })
  return error
}
