// Writes a stream into an open file: small chunks gathered to large writes, one write under way while the next block fills, and a flush of the
// blocks before while these are written.
// Guarantees: what it returns as written has been accepted by the disk (fsync) and its size has been checked; memory is two blocks.
// Does not name, publish or remove files.
import type { FileHandle } from 'node:fs/promises'
import { Failure } from '../api/failure.ts'
import { Block, type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { attempt, type Subject } from './attempt.ts'

/** Bytes per write: large enough that a flash medium and a disk are at their speed. */
const block = 1024 * 1024

/**
 * Flushed this often, so that progress and cancelling stay true on a slow stick (Linux would otherwise take gigabytes into memory and flush
 * for minutes at the end) and a failing medium is noticed early.
 */
const flushEvery = 32 * block

/** In ms: a pulled medium should be noticed while the person still stands beside it. */
const checkEvery = 1000

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined
  /** Largest file here, in bytes; one more is Failure `file-too-large`. */
  readonly maxSize?: number | undefined
  readonly subject: Subject
  /** Asked about once a second while the body comes: throws when there is no use in going on (the medium is gone). */
  readonly check?: (() => Promise<void>) | undefined
}

/**
 * Writes the whole of `body`, flushes, checks the size; resolves with the number of bytes. A failure of `body` is thrown unchanged, others are
 * Failures.
 */
export async function writeBody(handle: FileHandle, body: Bytes, options: WriteOptions): Promise<number> {
  const sink = openSink(handle, options)
  let checkedAt = performance.now()
  try {
    for await (const chunk of body) {
      throwIfCancelled(options.signal)
      if (options.check && performance.now() - checkedAt > checkEvery) {
        await options.check()
        checkedAt = performance.now()
      }
      await sink.add(chunk)
    }
    throwIfCancelled(options.signal)
    return await sink.finish()
  } finally {
    await sink.settled()
  }
}

function openSink(handle: FileHandle, options: WriteOptions) {
  const { maxSize, subject } = options
  let [filling, writing] = [new Block(block), new Block(block)]
  let total = 0
  let unflushed = 0
  let pending: Promise<void> = Promise.resolve()
  let flushing: Promise<void> = Promise.resolve()

  const send = async () => {
    await pending
    const { bytes: data } = filling
    const position = total
    total += data.length
    ;[filling, writing] = [writing, filling]
    filling.clear()
    unflushed += data.length
    const flush = unflushed >= flushEvery
    if (flush) {
      // At most two stretches are not on the disk: the one that is flushed and the one that is written.
      await flushing
      unflushed = 0
      flushing = attempt(subject, () => handle.datasync())
      flushing.catch(() => undefined)
    }
    pending = attempt(subject, () => writeFully(handle, data, position))
    // Whoever awaits `pending` next gets the failure; until then it must not count as unhandled.
    pending.catch(() => undefined)
  }

  return {
    async add(chunk: Uint8Array) {
      if (maxSize !== undefined && total + filling.bytes.length + chunk.length > maxSize) {
        throw new Failure('file-too-large', { path: subject.path, name: subject.label, limit: maxSize })
      }
      for (let rest = chunk; rest.length > 0; ) {
        rest = filling.take(rest)
        if (filling.full) await send()
      }
    },
    async finish(): Promise<number> {
      await send()
      await pending
      await flushing
      const size = await attempt(subject, async () => {
        await handle.sync()
        return (await handle.stat()).size
      })
      if (size !== total) throw new Failure('io', { path: subject.path, reason: `${size} / ${total}` })
      return total
    },
    settled: () => Promise.allSettled([pending, flushing]),
  }
}

/** A write may take less than it was given, e.g. just before the disk is full. */
async function writeFully(handle: FileHandle, data: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < data.length) {
    const { bytesWritten } = await handle.write(data, done, data.length - done, position + done)
    done += bytesWritten
  }
}
