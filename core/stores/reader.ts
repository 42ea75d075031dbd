// Reads a part of a file as a stream, the next block under way while the last one is used.
// Guarantees: exactly the bytes asked for, or a Failure; memory is two blocks. `uncached` reads come from the medium itself on Linux (O_DIRECT),
// where the file system takes part; Node has no such means on macOS and Windows, nor posix_fadvise, so there the bytes may come from memory.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Failure } from '../api/failure.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { errnoOf } from '../lib/files.ts'
import { fsPath } from '../lib/paths.ts'
import { attempt, type Subject } from './attempt.ts'
import { checkRange } from './names.ts'
import type { GetOptions } from './store.ts'

const block = 1024 * 1024

/** O_DIRECT wants positions, lengths and addresses that are multiples of the sector size: 512 or 4096. */
const sector = 4096

/** Not through a symlink, and not waiting for the other end of a pipe that lies there under the name of an object. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Reads into `buffer` at `position`; resolves with the number of bytes, 0 at the end of the file. */
type ReadAt = (buffer: Uint8Array, position: number) => Promise<number>

interface Opened {
  readonly handle: FileHandle
  readonly buffers: readonly [Uint8Array, Uint8Array]
  /** Positions must be multiples of this. */
  readonly step: number
}

/** The bytes of the file at `path`: see Store.get. */
export async function* readBytes(path: string, subject: Subject, options: GetOptions = {}): Bytes {
  throwIfCancelled(options.signal)
  const opened = await openFile(path, subject, options.uncached === true)
  try {
    const found = await attempt(subject, () => opened.handle.stat())
    if (!found.isFile()) throw new Failure('not-found', { name: subject.name })
    const { start, end } = checkRange(subject.name, found.size, options.range)
    const readAt: ReadAt = (buffer, position) =>
      attempt(subject, async () => (await opened.handle.read(buffer, 0, buffer.length, position)).bytesRead)
    for await (const chunk of readAhead(readAt, opened, { name: subject.name, start, end })) {
      throwIfCancelled(options.signal)
      yield chunk
    }
  } finally {
    await opened.handle.close()
  }
}

async function* readAhead(readAt: ReadAt, opened: Opened, part: { name: string; start: number; end: number }): Bytes {
  const { name, start, end } = part
  let position = start - (start % opened.step)
  let [next, used] = opened.buffers
  const request = () => {
    const asked = position < end ? readAt(next, position) : Promise.resolve(0)
    asked.catch(() => undefined)
    return asked
  }
  let ahead = request()
  try {
    while (position < end) {
      const got = await ahead
      // A short read in mid-file may end between two sectors: what follows the last whole one is asked for again.
      const usable = position + got >= end ? end - position : got - (got % opened.step)
      if (usable <= 0) throw new Failure('truncated', { name })
      const from = Math.max(start - position, 0)
      const chunk = next.subarray(Math.min(from, usable), usable)
      position += usable
      ;[next, used] = [used, next]
      ahead = request()
      if (chunk.length > 0) yield chunk
    }
  } finally {
    await ahead.catch(() => undefined)
  }
}

async function openFile(path: string, subject: Subject, uncached: boolean): Promise<Opened> {
  const direct = uncached ? await openDirect(path) : undefined
  if (direct) return direct
  return attempt(subject, async () => {
    try {
      return {
        handle: await open(fsPath(path), flags),
        buffers: [new Uint8Array(block), new Uint8Array(block)],
        step: 1,
      }
    } catch (error) {
      // A symlink or a socket lies there: not an object.
      if (!['ELOOP', 'ENXIO'].includes(errnoOf(error) ?? '')) throw error
      throw new Failure('not-found', { name: subject.name }, { cause: error })
    }
  })
}

/** Undefined when this file cannot be read past the memory of the system, for whatever reason: the ordinary way tells the reason. */
async function openDirect(path: string): Promise<Opened | undefined> {
  if (constants.O_DIRECT === undefined) return undefined
  const handle = await open(fsPath(path), flags | constants.O_DIRECT).catch(() => undefined)
  if (!handle) return undefined
  const first = await alignedBuffer(handle)
  const second = first && (await alignedBuffer(handle))
  if (first && second) return { handle, buffers: [first, second], step: sector }
  await handle.close()
  return undefined
}

/**
 * A block whose address suits O_DIRECT. JavaScript does not tell addresses, so offsets are tried with a real read until the system takes one;
 * memory comes in multiples of 16 bytes, and an offset that fits stays right as long as the buffer lives.
 */
async function alignedBuffer(handle: FileHandle): Promise<Uint8Array | undefined> {
  const memory = new ArrayBuffer(block + sector)
  for (let offset = 0; offset < sector; offset += 16) {
    try {
      await handle.read(new Uint8Array(memory, offset, sector), 0, sector, 0)
      return new Uint8Array(memory, offset, block)
    } catch (error) {
      if (errnoOf(error) !== 'EINVAL') return undefined
    }
  }
  return undefined
}
