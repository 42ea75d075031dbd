// Takes from a stream of bytes as many as a format asks for, whatever the chunks are.
// Guarantees: each byte is copied at most once, and not at all where it lies in one chunk; an early end is Failure `truncated`;
// memory is one chunk. Does not know any format.
import { Failure } from '../api/failure.ts'
import type { Bytes } from '../lib/bytes.ts'

const nothing = new Uint8Array(0)

export class ByteReader {
  /** Bytes handed out so far. */
  position = 0
  readonly #source: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = nothing
  #buffer: Buffer | undefined
  #at = 0

  constructor(input: Bytes) {
    this.#source = input[Symbol.asyncIterator]()
  }

  /** Exactly `length` bytes where they lie in one chunk, without waiting; valid until the next call. Else undefined, and nothing was taken. */
  take(length: number): Uint8Array | undefined {
    if (this.#chunk.length - this.#at < length) return undefined
    const piece = this.#chunk.subarray(this.#at, this.#at + length)
    this.#at += length
    this.position += length
    return piece
  }

  /** As `take`, but the bytes stay. */
  peek(length: number): Uint8Array | undefined {
    return this.#chunk.length - this.#at < length ? undefined : this.#chunk.subarray(this.#at, this.#at + length)
  }

  /** The chunk at hand, of which the next byte is at `at`; valid until the next call. */
  get chunk(): Buffer {
    this.#buffer ??= Buffer.from(this.#chunk.buffer, this.#chunk.byteOffset, this.#chunk.length)
    return this.#buffer
  }

  get at(): number {
    return this.#at
  }

  /** So many bytes lie in the chunk at hand. */
  has(length: number): boolean {
    return this.#chunk.length - this.#at >= length
  }

  /** Passes over bytes that lie in the chunk at hand. */
  pass(length: number): void {
    this.#at += length
    this.position += length
  }

  /** True when there is no further byte. */
  async atEnd(): Promise<boolean> {
    return !(await this.#fill())
  }

  /** The next byte. */
  async byte(): Promise<number> {
    return (await this.some(1))[0] as number
  }

  /** Exactly `length` bytes; valid until the next call. */
  async exactly(length: number): Promise<Uint8Array> {
    if (length === 0) return nothing
    const first = await this.some(length)
    if (first.length === length) return first
    const whole = new Uint8Array(length)
    whole.set(first)
    for (let filled = first.length; filled < length; ) {
      const piece = await this.some(length - filled)
      whole.set(piece, filled)
      filled += piece.length
    }
    return whole
  }

  /** `length` bytes, fewer only at the end of the input; valid until the next call. */
  async upTo(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for (let left = length; left > 0 && (await this.#fill()); ) {
      const piece = await this.some(left)
      pieces.push(pieces.length === 0 && piece.length === left ? piece : new Uint8Array(piece))
      left -= piece.length
    }
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
  }

  /** At least one and at most `limit` bytes (`limit` > 0), without copying; valid until the next call. */
  async some(limit: number): Promise<Uint8Array> {
    if (!(await this.#fill())) throw new Failure('truncated', { position: this.position })
    const piece = this.#chunk.subarray(this.#at, this.#at + limit)
    this.#at += piece.length
    this.position += piece.length
    return piece
  }

  /** These bytes, then everything that has not been handed out. */
  async *rest(start: Uint8Array): Bytes {
    if (start.length > 0) yield start
    while (await this.#fill()) yield await this.some(this.#chunk.length)
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) left -= (await this.some(left)).length
  }

  /** Reads on until the input has ended by itself, so that its own checks are made. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#at = this.#chunk.length
  }

  /** Ends the input early; harmless after its end. */
  async close(): Promise<void> {
    this.#chunk = nothing
    this.#buffer = undefined
    this.#at = 0
    await this.#source.return?.()
  }

  async #fill(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const next = await this.#source.next()
      this.#at = 0
      this.#chunk = next.done ? nothing : next.value
      this.#buffer = undefined
      if (next.done) return false
    }
    return true
  }
}
