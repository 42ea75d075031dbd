// Bytes that are made before the place that they go to is free: kept in memory while they are few, in a private temporary file beyond that.
// Guarantees: memory is bounded by `kept`; the file is gone after `close`. Not durable.
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from './bytes.ts'
import { fromErrno } from './files.ts'

/** In bytes: more goes into the file. */
const kept = 1024 * 1024

const pieceSize = 256 * 1024

export class Overflow {
  readonly #path: string
  #pieces: Uint8Array[] = []
  #size = 0
  #file: FileHandle | undefined

  /** `folder`: private; nothing is made in it while there are few bytes. */
  constructor(folder: string) {
    this.#path = join(folder, randomUUID())
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size
  }

  /** One call after the other. Failures of the disk: `no-space`, `io`… */
  async add(bytes: Uint8Array): Promise<void> {
    this.#size += bytes.length
    if (!this.#file && this.#size <= kept) {
      this.#pieces.push(new Uint8Array(bytes))
      return
    }
    try {
      this.#file ??= await open(this.#path, 'wx+', 0o600)
      for (const piece of [...this.#pieces, bytes]) await this.#file.appendFile(piece)
      this.#pieces = []
    } catch (error) {
      throw fromErrno(error, { path: this.#path })
    }
  }

  /** All of them, as often as it is asked for. */
  async *bytes(): Bytes {
    yield* this.#pieces
    for (let at = 0; this.#file && at < this.#size; ) {
      const { buffer, bytesRead } = await this.#file
        .read(Buffer.allocUnsafe(pieceSize), 0, pieceSize, at)
        .catch((error: unknown) => {
          throw fromErrno(error, { path: this.#path })
        })
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#pieces = []
    await file?.close()
    if (file) await rm(this.#path, { force: true })
  }
}
