// The outside of an OpenPGP message: whom it is for, and whether all of it is there. Read without any key.
// Guarantees: an early end is Failure `truncated` wherever it is, and bytes after the message are Failure `damaged`: what openpgp.js says of
// both is not precise. Reads no more than the first packets to tell the recipients. Does not decrypt.
import { Failure } from '../api/failure.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { ByteReader } from './byte-reader.ts'

/** Packet tags (RFC 4880, 4.3; 20: GnuPG 2.3's own AEAD). */
const TAG = {
  keyForRecipient: 1,
  keyForPassword: 3,
  compressed: 8,
  unprotected: 9,
  marker: 10,
  protected: 18,
  aead: 20,
  padding: 21,
}

/** Bytes of session-key packets that are read: about two thousand recipients with RSA-4096. */
const LIMIT = 1024 * 1024

/** Limit of packets before the data: more than any real list of recipients. Each costs work to read; a megabyte of empty ones took minutes. */
const PACKETS = 256

export interface Envelope {
  /** 16 upper-case hex digits each; `0000000000000000` = a recipient that does not want to be named. */
  readonly keyIds: readonly string[]
  /** The packets with the session key, whole, one for each recipient. */
  readonly sessions: readonly { readonly keyId: string; readonly packet: Uint8Array }[]
  /** All that was read: the packets before the data and the tag of the data packet. */
  readonly raw: Uint8Array
}

/** Reads up to the encrypted data. Not an OpenPGP message: `damaged`; one for no public key, or of an unsafe kind: `unsupported-format`. */
export async function readEnvelope(reader: ByteReader): Promise<Envelope> {
  const sessions: { keyId: string; packet: Uint8Array }[] = []
  const raw: Uint8Array[] = []
  for (let packets = 0; ; packets += 1) {
    const first = await reader.byte()
    raw.push(Uint8Array.of(first))
    const tag = tagOf(first)
    if (tag === TAG.protected) break
    refuse(tag)
    if (packets === PACKETS) throw new Failure('damaged', { reason: 'OpenPGP: too many packets' })
    const length = await readLength(reader, first)
    if (length.partial || length.bytes > LIMIT - reader.position)
      throw new Failure('damaged', { reason: 'OpenPGP: first packets' })
    const body = new Uint8Array(await reader.exactly(length.bytes))
    raw.push(length.raw, body)
    if (tag === TAG.keyForRecipient)
      sessions.push({ keyId: recipientOf(body), packet: Buffer.concat([Uint8Array.of(first), length.raw, body]) })
  }
  if (sessions.length === 0) throw new Failure('unsupported-format', { reason: 'OpenPGP: no recipient' })
  return { keyIds: sessions.map(({ keyId }) => keyId), sessions, raw: Buffer.concat(raw) }
}

/** Packets that stand before the data. */
const before: readonly number[] = [TAG.keyForRecipient, TAG.keyForPassword, TAG.marker, TAG.padding]

/** It may be an encrypted message, by its first byte. */
export function beginsMessage([first = 0]: Uint8Array): boolean {
  return (first & 0x80) !== 0 && [...before, TAG.unprotected, TAG.protected, TAG.aead].includes(tagOf(first))
}

function refuse(tag: number): void {
  if (before.includes(tag)) return
  if (tag === TAG.unprotected) throw new Failure('unsupported-format', { reason: 'OpenPGP: no MDC' })
  if (tag === TAG.aead) throw new Failure('unsupported-format', { reason: 'OpenPGP: AEAD (GnuPG 2.3)' })
  throw new Failure('damaged', { reason: 'OpenPGP' })
}

/** RFC 4880, 5.1: version (3) and eight bytes of key id. */
function recipientOf(body: Uint8Array): string {
  if (body[0] !== 3 || body.length < 10)
    throw new Failure('unsupported-format', { reason: `OpenPGP: session key version ${body[0] ?? ''}` })
  return Buffer.from(body.subarray(1, 9)).toString('hex').toUpperCase()
}

function tagOf(first: number): number {
  if ((first & 0x80) === 0) throw new Failure('damaged', { reason: 'OpenPGP' })
  return first & 0x40 ? first & 0x3f : (first & 0x3f) >> 2
}

interface Length {
  readonly bytes: number
  /** Partial body length: another length follows after this many bytes. */
  readonly partial: boolean
  /** As it stood. */
  readonly raw: Uint8Array
}

/** RFC 4880, 4.2. An old packet of indeterminate length: `bytes` is Infinity. */
async function readLength(reader: ByteReader, first: number): Promise<Length> {
  if (first & 0x40) return readNewLength(reader)
  const kind = first & 3
  if (kind === 3) return { bytes: Number.POSITIVE_INFINITY, partial: false, raw: new Uint8Array(0) }
  const raw = new Uint8Array(await reader.exactly(1 << kind))
  return { bytes: Buffer.from(raw).readUIntBE(0, raw.length), partial: false, raw }
}

async function readNewLength(reader: ByteReader): Promise<Length> {
  const first = await reader.byte()
  if (first < 192) return { bytes: first, partial: false, raw: Uint8Array.of(first) }
  if (first < 224) {
    const second = await reader.byte()
    return { bytes: ((first - 192) << 8) + second + 192, partial: false, raw: Uint8Array.of(first, second) }
  }
  if (first < 255) return { bytes: 2 ** (first & 0x1f), partial: true, raw: Uint8Array.of(first) }
  const rest = Buffer.from(await reader.exactly(4))
  return { bytes: rest.readUInt32BE(0), partial: false, raw: Buffer.concat([Uint8Array.of(255), rest]) }
}

/** How many bytes at the start of a data packet tell what it is: version, random prefix, the first byte of the packet inside. */
export const DATA_START = 20

/** The data packet of a message. Only one of `body` and `message` can be read, once. */
export interface DataPacket {
  /** Its first bytes, fewer than `DATA_START` where the first part of it is shorter. */
  readonly start: Uint8Array
  /** What the packet holds; it ends only where the last part of it ends and the input too. */
  body(): Bytes
  /** The whole message as it stood, envelope and data; it ends as `body` does. */
  message(): Bytes
}

/** Reads the start of the data packet that follows the envelope. */
export async function beginData(envelope: Envelope, reader: ByteReader): Promise<DataPacket> {
  const first = envelope.raw.at(-1) as number
  const length = await partLength(reader, first)
  const start = new Uint8Array(await reader.upTo(Math.min(DATA_START, length.bytes)))
  return {
    start,
    body: () => parts(reader, first, { length, start, framed: false }),
    async *message() {
      yield envelope.raw
      yield* parts(reader, first, { length, start, framed: true })
    },
  }
}

function partLength(reader: ByteReader, first: number): Promise<Length> {
  return first & 0x40 ? readNewLength(reader) : readLength(reader, first)
}

/** The parts of the packet, with their lengths before them where it is `framed`. */
async function* parts(
  reader: ByteReader,
  first: number,
  begun: { length: Length; start: Uint8Array; framed: boolean },
): Bytes {
  if (begun.framed) yield begun.length.raw
  yield begun.start
  let left = begun.length.bytes - begun.start.length
  for (let length = begun.length; ; left = length.bytes) {
    if (left === Number.POSITIVE_INFINITY) yield* toTheEnd(reader)
    else yield* exactly(reader, left)
    if (!length.partial) break
    length = await partLength(reader, first)
    if (begun.framed) yield length.raw
  }
  if (!(await reader.atEnd())) throw new Failure('damaged', { reason: 'OpenPGP: data after the end' })
}

async function* exactly(reader: ByteReader, length: number): Bytes {
  for (let left = length; left > 0; ) {
    const piece = await reader.some(left)
    left -= piece.length
    yield piece
  }
}

async function* toTheEnd(reader: ByteReader): Bytes {
  while (!(await reader.atEnd())) yield await reader.some(64 * 1024)
}
