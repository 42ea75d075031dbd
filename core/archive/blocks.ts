// Work on a stream block by block, several blocks at once, results in order.
// Guarantees: memory is a few blocks, which are used again; leaving early waits for what is under way. Does not know any format.
import type { Bytes } from '../lib/bytes.ts'
import { offering } from '../lib/memory.ts'

/** Bytes per block: the 32 KiB that a block cannot see of the one before cost 0.3 % in size. */
export const blockSize = 1024 * 1024

/** Work under way. An object, because a generator would wait for a bare promise before it goes on. */
export interface Job {
  readonly result: Promise<readonly Uint8Array[]>
}

/**
 * The results of jobs in the order in which they were begun, a few under way at a time for `width` that work. Leaving early ends `jobs`. `own`:
 * nobody else holds the memory of the results: each may be claimed (lib/memory.ts) until the next is asked for, and is given back otherwise.
 */
export async function* inOrder(jobs: AsyncGenerator<Job>, width: number, own = false): Bytes {
  // Enough that nobody waits for the next block while the reader takes the oldest.
  const inFlight = width + 2
  const pending: Job[] = []
  try {
    for await (const job of jobs) {
      // Whoever awaits it gets the failure; until then it must not count as unhandled.
      job.result.catch(() => undefined)
      pending.push(job)
      if (pending.length >= inFlight) yield* passed(pending.shift() as Job, own)
    }
    for (let job = pending.shift(); job; job = pending.shift()) yield* passed(job, own)
  } finally {
    await Promise.allSettled(pending.map((job) => job.result))
  }
}

async function* passed({ result }: Job, own: boolean): Bytes {
  for (const bytes of await result) {
    if (own) yield* offering(bytes)
    else yield bytes
  }
}

/** Blocks to fill again: so much memory is costly to get and to give back. */
export class BlockPool {
  readonly #size: number
  readonly #free: Buffer[] = []

  constructor(size: number) {
    this.#size = size
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size)
  }

  /** A block that was taken, or a part of one. */
  give(block: Uint8Array): void {
    if (block.buffer.byteLength === this.#size) this.#free.push(Buffer.from(block.buffer))
  }
}
