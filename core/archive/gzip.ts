// Gzip as stages, on node:zlib: one member for each block of the input, several blocks compressed at once on the system's threads.
// Guarantees: `gzip -d` and `tar xz` read the members as one file (RFC 1952, 2.2); the CRC and length of each are checked; an early end is
// Failure `truncated`; anything but zeros after the last member is Failure `damaged`; the input is always read to its own end.
// Inflating is one stream after the other: not parallel.
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { createGunzip, deflateRawSync, type Gunzip, gzip as gzipBlock, type ZlibOptions } from 'node:zlib'
import { Failure } from '../api/failure.ts'
import type { Bytes, Stage } from '../lib/bytes.ts'

const chunkSize = 64 * 1024

/** Bytes per member: the 32 KiB that a member cannot see of the one before cost 0.3 % in size. */
const blockSize = 1024 * 1024

/** Enough that no processor waits for the next block while the reader takes the oldest. */
const inFlight = availableParallelism() + 2

const compressed: (block: Uint8Array, options: ZlibOptions) => Promise<Uint8Array> = promisify(gzipBlock)

/** Level 1 (fast) to 9 (small). 4 with the largest memory level is within 3 % of the size of `gzip -6`, at twice its speed. */
export function gzip(level = 4): Stage {
  return async function* (input) {
    const pending: Promise<Uint8Array>[] = []
    let members = 0
    const add = (block: Uint8Array) => {
      const member = compressed(block, { level: shrinks(block) ? level : 0, memLevel: 9 })
      // Whoever awaits it gets the failure; until then it must not count as unhandled.
      member.catch(() => undefined)
      pending.push(member)
      members += 1
    }
    try {
      for await (const block of blocks(input)) {
        add(block)
        if (pending.length >= inFlight) yield await (pending.shift() as Promise<Uint8Array>)
      }
      if (members === 0) add(new Uint8Array(0))
      for (let next = pending.shift(); next; next = pending.shift()) yield await next
    } finally {
      await Promise.allSettled(pending)
    }
  }
}

/** Bytes of each of the three samples by which a block is judged, and what share of them must be saved at the least. */
const sample = 4 * 1024
const worthwhile = 0.02

/** False for what is compressed or encrypted already (photographs, archives): storing it is twenty times faster and as small. */
function shrinks(block: Uint8Array): boolean {
  if (block.length < 8 * sample) return true
  const starts = [0, (block.length - sample) >> 1, block.length - sample]
  const samples = Buffer.concat(starts.map((start) => block.subarray(start, start + sample)))
  return deflateRawSync(samples, { level: 1 }).length < samples.length * (1 - worthwhile)
}

/** The same bytes in new blocks of `blockSize`; the last may be shorter, none is empty. */
async function* blocks(input: Bytes): Bytes {
  let block = Buffer.allocUnsafeSlow(blockSize)
  let used = 0
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + blockSize - used)
      block.set(part, used)
      used += part.length
      at += part.length
      if (used < blockSize) continue
      yield block
      block = Buffer.allocUnsafeSlow(blockSize)
      used = 0
    }
  }
  if (used > 0) yield block.subarray(0, used)
}

export function gunzip(): Stage {
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

function requireZeros(rest: Uint8Array): void {
  if (rest.some((byte) => byte !== 0)) throw new Failure('damaged', { reason: 'gzip: data after the end' })
}

function toFailure(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') return new Failure('truncated', { reason: 'gzip' }, { cause: error })
  if (typeof code === 'string' && code.startsWith('Z_'))
    return new Failure('damaged', { reason: 'gzip' }, { cause: error })
  return error
}
