// Bytes to a server and back with many requests under way: a line with a long way is filled, and the server is never waited for in between.
// Guarantees: memory is the window, both ways; the first request that fails fails the transfer; bytes come in order and exactly as many as asked for.
// Does not open, name or close files, and leaves the Refusals of the server to its caller.
import { Failure } from '../api/failure.ts'
import { Block, type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { abortable } from '../lib/patience.ts'
import type { SftpCalls } from './sftp-calls.ts'

/** Bytes of a request: the most that every server must take (the draft, section 3). */
const block = 32 * 1024

/** Bytes of a request for a server that gives less at a time. */
const smallest = 1024

/** Bytes under way at most: at 100 ms there and back it is 40 MB/s. */
const windowSize = 4 * 1024 * 1024

/** Requests that a reader begins with; it doubles them, so that a short read does not fetch much. */
const firstReads = 4

export interface Transfer {
  readonly calls: SftpCalls
  readonly handle: Buffer
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes the body into the file, all but its first `skip` bytes, which are there. Resolves with the length of the whole body. A failure of the body is
 * thrown unchanged.
 */
export async function upload({ calls, handle, signal }: Transfer, body: Bytes, skip: number): Promise<number> {
  const underWay: Promise<void>[] = []
  let filling = new Block(block)
  let position = 0
  const send = async () => {
    if (underWay.length >= windowSize / block) await abortable(underWay.shift() as Promise<void>, signal)
    const { bytes } = filling
    const sent = calls.write(handle, position, bytes)
    sent.catch(() => undefined)
    underWay.push(sent)
    position += bytes.length
    filling = new Block(block)
  }
  for await (const chunk of body) {
    throwIfCancelled(signal)
    // What is there comes first, so that no block has begun while some of it is passed over.
    const known = Math.min(chunk.length, Math.max(skip - position, 0))
    position += known
    for (let rest = chunk.subarray(known); rest.length > 0; ) {
      rest = filling.take(rest)
      if (filling.full) await send()
    }
  }
  throwIfCancelled(signal)
  if (filling.bytes.length > 0) await send()
  for (const sent of underWay) await abortable(sent, signal)
  return position
}

interface Asked {
  readonly at: number
  readonly length: number
  readonly data: Promise<Buffer>
}

/** The bytes from `start` to before `end`; Failure `truncated` {name} when the file ends before. */
export async function* download(
  { calls, handle, signal }: Transfer,
  { name, start, end }: { name: string; start: number; end: number },
): Bytes {
  const asked: Asked[] = []
  let size = block
  let wanted = firstReads
  let next = start
  const ask = (at: number, length: number): Asked => {
    const data = calls.read(handle, at, length)
    data.catch(() => undefined)
    return { at, length, data }
  }
  for (let position = start; position < end; ) {
    while (next < end && asked.length < wanted) {
      const length = Math.min(size, end - next)
      asked.push(ask(next, length))
      next += length
    }
    const { at, length, data } = asked.shift() as Asked
    const got = await abortable(data, signal)
    throwIfCancelled(signal)
    if (got.length === 0) throw new Failure('truncated', { name })
    position = at + Math.min(got.length, length)
    if (got.length < length) {
      // This server gives less at a time; what is missing is asked for before what follows.
      size = Math.max(got.length, smallest)
      asked.unshift(ask(position, length - got.length))
    }
    wanted = Math.min(wanted * 2, windowSize / block)
    yield got.subarray(0, length)
  }
}
