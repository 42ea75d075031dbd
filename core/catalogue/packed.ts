// Numbers and bytes one after the other in a growing buffer, and back. Numbers take as many bytes as they need, seven bits each (LEB128).
// Guarantees: whole numbers up to 2^53 come back as they were. What is read must have been checked before; a number that goes on beyond the end is `damaged`.
import { Failure } from '../api/failure.ts'

const start = 64 * 1024

/** Beyond what the operators of 32 bits can do. */
const high = 2 ** 28

export class Packed {
  #data = Buffer.allocUnsafeSlow(start)
  length = 0

  /** Not negative. */
  number(value: number): void {
    this.#room(8)
    let rest = value
    while (rest >= high) {
      this.#data[this.length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest >= 128) {
      this.#data[this.length++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#data[this.length++] = rest
  }

  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value)
  }

  text(text: string, encoding: 'utf8' | 'latin1'): void {
    this.#room(text.length * 3)
    this.length += this.#data.write(text, this.length, encoding)
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#data.set(bytes, this.length)
    this.length += bytes.length
  }

  /** What was put in; valid until something else is. */
  view(): Buffer {
    return this.#data.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  #room(more: number): void {
    if (this.length + more <= this.#data.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#data.length, this.length + more))
    this.#data.copy(larger, 0, 0, this.length)
    this.#data = larger
  }
}

export class Unpacking {
  readonly #data: Buffer
  at: number

  constructor(data: Buffer, at = 0) {
    this.#data = data
    this.at = at
  }

  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#data[this.at++]
      if (byte === undefined) throw new Failure('damaged', { name: 'catalogue', reason: 'record' })
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  signed(): number {
    const value = this.number()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  bytes(length: number): Buffer {
    this.at += length
    return this.#data.subarray(this.at - length, this.at)
  }
}
