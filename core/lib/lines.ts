// Append-only files of JSON lines: one record per line, never changed once written.
// Guarantees: a record that was flushed is read again whatever happened before or after it: a line torn by a crash or a full disk is never
// glued to the next one, and a damaged line costs only itself. Memory does not grow with the file.
// Does not know what the records mean; one process writes.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../api/failure.ts'
import { errnoOf, fromErrno, syncFolder } from './files.ts'

/** Longer lines are damage: nothing here writes them, and reading must stay within bounds. */
const longestLine = 16 * 1024 * 1024

const newline = 10

/** Where a line lies in its file, in bytes, without its newline. */
export interface Place {
  readonly offset: number
  readonly length: number
}

export interface LineFile {
  /** Adds records and tells their places. `flush`: they are on the disk when it resolves. Calls come one after the other. */
  append(records: readonly unknown[], options?: { flush?: boolean }): Promise<Place[]>
  /** The text of one line. */
  read(place: Place): Promise<string>
  close(): Promise<void>
}

/** Opens or makes the file (0600) for adding and reading. */
export async function openLines(path: string): Promise<LineFile> {
  const handle = await open(path, 'a+', 0o600).catch((error) => {
    throw fromErrno(error, { path })
  })
  let last: Promise<unknown> = Promise.resolve()
  let known = false

  async function append(records: readonly unknown[], flush: boolean): Promise<Place[]> {
    const { size } = await handle.stat()
    const lines = records.map((record) => Buffer.from(`${JSON.stringify(record)}\n`))
    const gap = size > 0 && !(await endsLine(handle, size)) ? 1 : 0
    await writeAll(handle, Buffer.concat(gap ? [Buffer.from('\n'), ...lines] : lines))
    if (flush) await handle.sync()
    if (flush && !known) await syncFolder(dirname(path))
    known ||= flush
    let offset = size + gap
    return lines.map((line) => {
      const place = { offset, length: line.length - 1 }
      offset += line.length
      return place
    })
  }

  return {
    append(records, { flush = false } = {}) {
      const done = last
        .then(() => append(records, flush))
        .catch((error) => {
          throw fromErrno(error, { path })
        })
      last = done.catch(() => undefined)
      return done
    },
    async read({ offset, length }) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset)
      return buffer.toString('utf8', 0, bytesRead)
    },
    async close() {
      await last
      await handle.close()
    },
  }
}

async function endsLine(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === newline
}

async function writeAll(handle: FileHandle, data: Buffer): Promise<void> {
  for (let at = 0; at < data.length; ) {
    const { bytesWritten } = await handle.write(data, at)
    at += bytesWritten
  }
}

/**
 * Every line in order, with its place; `ended` is false for a last line without newline. A line above the limit comes as undefined text. A
 * missing file has no lines.
 */
export async function* linesOf(
  path: string,
): AsyncGenerator<{ text: string | undefined; place: Place; ended: boolean }, void, void> {
  let parts: Buffer[] = []
  let length = 0
  let offset = 0
  const take = (ended: boolean) => {
    const text = length > longestLine ? undefined : Buffer.concat(parts, length).toString('utf8')
    const line = { text, place: { offset, length }, ended }
    offset += length + 1
    parts = []
    length = 0
    return line
  }
  for await (const chunk of chunksOf(path)) {
    let from = 0
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      parts.push(chunk.subarray(from, at))
      length += at - from
      from = at + 1
      yield take(true)
    }
    length += chunk.length - from
    if (length > longestLine) parts = []
    else parts.push(chunk.subarray(from))
  }
  if (length > 0) yield take(false)
}

async function* chunksOf(path: string): AsyncGenerator<Buffer, void, void> {
  try {
    // O_NONBLOCK: a pipe in its place does not wait for a writer.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      if (!(await handle.stat()).isFile()) throw new Failure('damaged', { name: path, path, reason: 'kind' })
      for await (const chunk of handle.createReadStream({ highWaterMark: 256 * 1024, autoClose: false }))
        yield chunk as Buffer
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fromErrno(error, { path })
  }
}

/** JSON, or undefined where it is none. */
export function parseLine(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
