// Appends to an open file without holding up whoever has the bytes: one piece is written by the system's threads while the next one is gathered.
// Guarantees: after `finish` every byte was taken by the system, in order; a failure is thrown by the next call; memory is two pieces.
// Does not open, close or flush the file; nothing else may write to it meanwhile.
import { write } from 'node:fs'
import { promisify } from 'node:util'
import { asFailure } from './disk.ts'

const pieceSize = 1024 * 1024

const writeAt = promisify(write)

export class LaterWriter {
  readonly #file: number
  readonly #path: string
  #filling: Buffer | undefined
  #spare: Buffer | undefined
  #used = 0
  #position = 0
  #writing: Promise<void> = Promise.resolve()

  /** `path`: for what a failure says. */
  constructor(file: number, path: string) {
    this.#file = file
    this.#path = path
  }

  /** Copies the bytes: they are the caller's again. */
  async add(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      this.#filling ??= this.#spare ?? Buffer.allocUnsafeSlow(pieceSize)
      if (this.#filling === this.#spare) this.#spare = undefined
      const part = bytes.subarray(at, at + pieceSize - this.#used)
      this.#filling.set(part, this.#used)
      this.#used += part.length
      at += part.length
      if (this.#used === pieceSize) await this.#send()
    }
  }

  async finish(): Promise<void> {
    if (this.#used > 0) await this.#send()
    await this.#writing
  }

  /** Nothing is under way any more, however it went: the file may be closed. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => undefined)
  }

  async #send(): Promise<void> {
    const piece = this.#filling as Buffer
    const [used, position] = [this.#used, this.#position]
    await this.#writing
    this.#filling = undefined
    this.#used = 0
    this.#position += used
    this.#writing = this.#write(piece.subarray(0, used), position).finally(() => {
      this.#spare = piece
    })
    // Whoever comes next gets the failure; until then it must not count as unhandled.
    this.#writing.catch(() => undefined)
  }

  /** A write may take less than it was given, e.g. just before the disk is full. */
  async #write(piece: Buffer, position: number): Promise<void> {
    try {
      for (let at = 0; at < piece.length; )
        at += (await writeAt(this.#file, piece, at, piece.length - at, position + at)).bytesWritten
    } catch (error) {
      throw asFailure(error, this.#path)
    }
  }
}
