// The encrypted data of an OpenPGP message as GnuPG 2.2 writes and reads it: one literal packet, AES in CFB mode, a SHA-1 integrity code
// (RFC 4880, 5.13 and 5.9), on node:crypto. Three to four times faster than streaming through openpgp.js, which keeps everything else.
// Guarantees: reading ends normally only after the integrity code was right and nothing followed; memory is one block.
// Does not know keys, and leaves compressed or signed messages and other ciphers to openpgp.js (openpgp.ts).
import { createCipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Failure } from '../api/failure.ts'
import type { Bytes, Stage } from '../lib/bytes.ts'
import { release } from '../lib/memory.ts'
import { cfbDecipher } from './cfb.ts'

/** AES block, which is also how many random bytes a message begins with; the last two of them come twice. */
const BLOCK = 16
export const PREFIX = BLOCK + 2

/** Tag and length of the packet with the integrity code, then SHA-1 over everything before it and these two bytes. */
const MDC_HEAD = Buffer.from([0xd3, 0x14])
const MDC = MDC_HEAD.length + 20

/** First bytes of a packet in the new format: encrypted and integrity-protected data (18), literal data (11). */
const ENCRYPTED = 0xc0 | 18
const LITERAL = 0xc0 | 11

/** Binary, no file name, no date. */
const literalHead = Buffer.from([0x62, 0, 0, 0, 0, 0])

/** Bytes of a partial packet as it is written (a power of two), and how many of them pass the cipher at once: what fits a processor's cache. */
const partLog = 20
const part = 2 ** partLog
const slice = 64 * 1024

/** The shortest partial length that the format allows at the beginning of a packet. */
const shortestLog = 9

/** What is done with the data of a message, as a plain value. */
export type CipherStage =
  | { readonly is: 'seal'; readonly key: Uint8Array }
  | { readonly is: 'open'; readonly cipher: string; readonly key: Uint8Array }

/** How it is done: here, or in another thread. */
export type CipherStages = (what: CipherStage) => Stage

export function cipherStage(what: CipherStage): Stage {
  return what.is === 'seal' ? sealData(what.key) : (input) => openData(input, what.cipher, what.key)
}

/** Content to the packet that follows the session keys. `key`: 32 bytes, for AES-256, never used twice. */
export function sealData(key: Uint8Array): Stage {
  return async function* (input) {
    const sealing = new Sealing(key)
    for await (const chunk of literal(input)) {
      for (let at = 0; at < chunk.length; ) {
        at += sealing.add(chunk, at)
        if (sealing.full) yield* sealing.flush()
      }
    }
    yield* sealing.end()
  }
}

/**
 * A literal packet in partial lengths. Each chunk goes out as the powers of two that it is made of, so that nothing has to be waited for;
 * the few bytes that are left come before the next one.
 */
async function* literal(input: Bytes): Bytes {
  yield Uint8Array.of(LITERAL)
  let rest: Uint8Array = literalHead
  for await (const chunk of input) {
    let data = chunk
    if (rest.length > 0) {
      const filled = Buffer.concat([rest, chunk.subarray(0, 2 ** shortestLog - rest.length)])
      data = chunk.subarray(filled.length - rest.length)
      rest = filled
      if (filled.length < 2 ** shortestLog) continue
      yield Uint8Array.of(0xe0 | shortestLog)
      yield filled
    }
    let at = 0
    for (let log = partLog; log >= shortestLog; ) {
      if (data.length - at < 2 ** log) log -= 1
      else {
        yield Uint8Array.of(0xe0 | log)
        yield data.subarray(at, at + 2 ** log)
        at += 2 ** log
      }
    }
    // Not `slice`, which is no copy where the chunk is a Buffer.
    rest = new Uint8Array(data.subarray(at))
  }
  yield lengthOf(rest.length)
  yield rest
}

/** A final length in the new format (RFC 4880, 4.2.2). */
function lengthOf(length: number): Uint8Array {
  if (length < 192) return Uint8Array.of(length)
  if (length < 8384) return Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 0xff)
  const long = Buffer.alloc(5, 0xff)
  long.writeUInt32BE(length, 1)
  return long
}

class Sealing {
  readonly #hash = createHash('sha1')
  readonly #cipher
  readonly #plain = Buffer.allocUnsafeSlow(part)
  #used = 0
  #started = false

  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv('aes-256-cfb', key, Buffer.alloc(BLOCK))
    const random = randomBytes(BLOCK)
    // The version comes before the encrypted bytes and is no part of them: see `flush`.
    this.add(Buffer.concat([random, random.subarray(BLOCK - 2)]), 0)
  }

  get full(): boolean {
    return this.#used === part - this.#version
  }

  /** Bytes of this part that are not encrypted: the version of the packet, once. */
  get #version(): number {
    return this.#started ? 0 : 1
  }

  /** Takes as much of the chunk as there is room for; tells how much. */
  add(chunk: Uint8Array, from: number): number {
    const taken = chunk.subarray(from, from + part - this.#version - this.#used)
    this.#plain.set(taken, this.#used)
    this.#used += taken.length
    return taken.length
  }

  *flush(): Generator<Uint8Array> {
    yield* this.#begin(Uint8Array.of(0xe0 | partLog))
    yield* this.#slices()
  }

  *end(): Generator<Uint8Array> {
    yield* this.#begin(lengthOf(this.#version + this.#used + MDC))
    yield* this.#slices()
    this.#hash.update(MDC_HEAD)
    yield this.#cipher.update(Buffer.concat([MDC_HEAD, this.#hash.digest()]))
  }

  *#begin(length: Uint8Array): Generator<Uint8Array> {
    if (!this.#started) yield Uint8Array.of(ENCRYPTED)
    yield length
    if (!this.#started) yield Uint8Array.of(1)
    this.#started = true
  }

  *#slices(): Generator<Uint8Array> {
    for (let at = 0; at < this.#used; at += slice) {
      const plain = this.#plain.subarray(at, Math.min(at + slice, this.#used))
      this.#hash.update(plain)
      const encrypted = this.#cipher.update(plain)
      yield encrypted
      release(encrypted)
    }
    this.#used = 0
  }
}

/**
 * The content of the literal packet in the body of an encrypted packet, whose first byte is its version. Failure `damaged`, also after content came out:
 * until it has ended nothing of it is proven. `cipher`: aes-128, aes-192 or aes-256, and its key.
 */
export async function* openData(body: Bytes, cipher: string, key: Uint8Array): Bytes {
  const clear = cfbDecipher(cipher, key)
  const hash = createHash('sha1')
  const packet = new LiteralReader()
  /** The end of what came so far: it may be the integrity code. */
  let held: Uint8Array = new Uint8Array(0)
  let version = 1
  for await (const encrypted of body) {
    for (let at = Math.min(version, encrypted.length); at < encrypted.length; at += slice) {
      const plain = clear(encrypted.subarray(at, at + slice))
      const proven = Math.max(0, held.length + plain.length - MDC)
      const before = held.subarray(0, proven)
      const now = plain.subarray(0, Math.max(0, proven - held.length))
      for (const piece of [before, now]) {
        if (piece.length === 0) continue
        hash.update(piece)
        yield* packet.take(piece)
      }
      held = Buffer.concat([held.subarray(before.length), plain.subarray(now.length)])
    }
    version -= Math.min(version, encrypted.length)
  }
  if (held.length !== MDC || !packet.complete) throw damaged()
  hash.update(MDC_HEAD)
  const expected = Buffer.concat([MDC_HEAD, hash.digest()])
  if (!timingSafeEqual(expected, held)) throw damaged()
}

/** Takes the random bytes at the beginning and a literal packet apart, in whatever pieces they come. */
class LiteralReader {
  /** Header bytes that are still missing to make sense. */
  #header: number[] = []
  #state: 'prefix' | 'tag' | 'length' | 'name' | 'content' | 'end' = 'prefix'
  #tag = 0
  /** Bytes left of the part at hand; Infinity for an old packet without a length. */
  #left = 0
  #partial = false
  /** Bytes of the literal's own header that were seen, and how many there are. */
  #named = 0
  #name = 2

  /** All parts of the packet have been seen. */
  get complete(): boolean {
    return this.#state === 'end' || (this.#state === 'content' && this.#left === Number.POSITIVE_INFINITY)
  }

  *take(piece: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < piece.length; ) {
      if (this.#state === 'content' || this.#state === 'name') {
        const data = piece.subarray(at, at + Math.min(this.#left, piece.length - at))
        at += data.length
        this.#left -= data.length
        const content = this.#state === 'content' ? data : this.#skipName(data)
        if (content.length > 0) yield content
        if (this.#left === 0) this.#nextPart()
      } else this.#byte(piece[at++] as number)
    }
  }

  /** After a part: its length says whether another one comes. A packet that ends within its header is not one. */
  #nextPart(): void {
    if (this.#partial) this.#inner = this.#state === 'name' ? 'name' : 'content'
    else if (this.#state === 'name') throw damaged()
    this.#state = this.#partial ? 'length' : 'end'
  }

  #inner: 'name' | 'content' = 'name'

  #byte(byte: number): void {
    if (this.#state === 'end') throw damaged()
    this.#header.push(byte)
    if (this.#state === 'prefix') {
      if (this.#header.length < PREFIX) return
      this.#header = []
      this.#state = 'tag'
    } else if (this.#state === 'tag') {
      if (!isLiteral(byte)) throw damaged()
      this.#tag = byte
      this.#header = []
      this.#state = 'length'
      if ((byte & 0x40) === 0 && (byte & 3) === 3) this.#begin(Number.POSITIVE_INFINITY, false)
    } else this.#length()
  }

  #length(): void {
    const [first = 0, second = 0] = this.#header
    const { length } = this.#header
    const number = (from: number) => this.#header.slice(from).reduce((sum, byte) => sum * 256 + byte, 0)
    if ((this.#tag & 0x40) === 0) {
      if (length === 1 << (this.#tag & 3)) this.#begin(number(0), false)
    } else if (first < 192) this.#begin(first, false)
    else if (first < 224) {
      if (length === 2) this.#begin(((first - 192) << 8) + second + 192, false)
    } else if (first < 255) this.#begin(2 ** (first & 0x1f), true)
    else if (length === 5) this.#begin(number(1), false)
  }

  #begin(length: number, partial: boolean): void {
    this.#header = []
    this.#left = length
    this.#partial = partial
    this.#state = this.#inner
    if (length === 0) this.#nextPart()
  }

  /** Kind, length of the name, name, date: what is left after them is content. */
  #skipName(data: Uint8Array): Uint8Array {
    let at = 0
    for (; at < data.length && this.#named < this.#name; at += 1) {
      this.#named += 1
      if (this.#named === 2) this.#name = 2 + (data[at] as number) + 4
    }
    if (this.#named === this.#name && this.#name > 2) this.#state = 'content'
    return data.subarray(at)
  }
}

/** True for the first byte of a literal packet, in either format. */
export function isLiteral(first: number): boolean {
  return (first & 0xc0) === 0xc0 ? first === LITERAL : (first & 0x80) !== 0 && (first & 0x3f) >> 2 === 11
}

function damaged(): Failure {
  return new Failure('damaged', { reason: 'OpenPGP' })
}
