// Builds blocks of a tar archive from parts, some of them bytes and some of them files that are read straight into their place.
// Guarantees: what comes out is, byte for byte, what tar.ts would make of the same members; a block is never longer than `blockSize`.
// Does not open files: see sources/late.ts, which reads into what `room` gives.
import { blockSize } from './blocks.ts'
import type { Entry } from './entry.ts'
import { encodeMember, padding } from './tar-header.ts'
import { placeFile } from './tar-template.ts'

export class Frame {
  readonly #take: () => Buffer
  readonly #full: (block: Uint8Array) => void
  #block: Buffer
  #used = 0
  #passed = 0

  /** `take` gives blocks of `blockSize` to fill, `full` gets them back, the last one perhaps shorter. */
  constructor(take: () => Buffer, full: (block: Uint8Array) => void) {
    this.#take = take
    this.#full = full
    this.#block = take()
  }

  /** Bytes so far. */
  get position(): number {
    return this.#passed + this.#used
  }

  /** Takes back what has been added since this `position`; false where it cannot be, because a block has been given out since. */
  back(position: number): boolean {
    if (position < this.#passed) return false
    this.#used = position - this.#passed
    return true
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const room = this.room(bytes.length - at)
      room.set(bytes.subarray(at, at + room.length))
      this.filled(room.length)
      at += room.length
    }
  }

  /** The headers of a member, whose content comes next. */
  begin(entry: Entry): void {
    const placed = placeFile(entry, this.#block, this.#used)
    if (placed === 0) this.add(encodeMember(entry))
    else this.#used += placed
  }

  /** Where the next bytes go: at least one and at most `wanted`. */
  room(wanted: number): Buffer {
    if (this.#used === blockSize) this.#next()
    return this.#block.subarray(this.#used, Math.min(blockSize, this.#used + wanted))
  }

  /** So many bytes were put into the room. */
  filled(bytes: number): void {
    this.#used += bytes
  }

  /** Zeros, as many as a content of this length is padded with. */
  end(size: number): void {
    this.zeros(padding(size))
  }

  zeros(bytes: number): void {
    for (let left = bytes; left > 0; ) {
      const room = this.room(left).fill(0)
      this.filled(room.length)
      left -= room.length
    }
  }

  /** Gives out what there is, even if it is nothing. Nothing may follow. */
  close(): void {
    this.#full(this.#block.subarray(0, this.#used))
  }

  #next(): void {
    this.#full(this.#block)
    this.#passed += blockSize
    this.#used = 0
    this.#block = this.#take()
  }
}
