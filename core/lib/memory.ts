// Who has a large piece of memory, and when it goes. Left to the garbage collector, megabytes that are used for a moment each make it work twenty
// times as often and the process a third larger: it does not see how large they are until it looks.
// Guarantees: memory that Node shares among many pieces is left alone. Whoever releases a piece must be the last to use it.
import { MessageChannel } from 'node:worker_threads'

/** Smaller pieces may lie in Node's shared memory, and are not worth a call. */
const least = 32 * 1024

/** Pieces of less than this may lie in Node's own pool (half of Buffer.poolSize). */
const shared = 4096

/** The same bytes in memory that is shared with nothing else: small buffers of Node may lie together. */
export function alone(data: Uint8Array): Uint8Array {
  return data.length < shared ? new Uint8Array(data) : data
}

/** A channel without another end: what is transferred into it is gone. */
const nowhere = new MessageChannel()
nowhere.port2.close()
nowhere.port1.unref()

/** Afterwards the piece, and every other view of its memory, is empty. */
export function release(bytes: Uint8Array): void {
  if (bytes.length >= least && bytes.buffer instanceof ArrayBuffer) nowhere.port1.postMessage(undefined, [bytes.buffer])
}

const offered = new WeakSet<ArrayBufferLike>()

/** Passes a piece on in a stream: until the next one is asked for, one of those who see it, or a part of it, may claim it. */
export function* offering(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length >= least) offered.add(bytes.buffer)
  yield bytes
  if (offered.delete(bytes.buffer)) release(bytes)
}

/** All of the memory in which these bytes are, which belongs to the caller from now on; undefined where it is not to be had. */
export function claim(bytes: Uint8Array): Uint8Array | undefined {
  return offered.delete(bytes.buffer) ? new Uint8Array(bytes.buffer) : undefined
}
